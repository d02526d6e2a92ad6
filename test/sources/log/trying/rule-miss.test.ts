// Why a rule did not take a line, and which rule was nearest.

import { nearestRule, RuleProbe, type RuleMiss, type WrittenRule } from '../../../../src/sources/log/trying/rule-miss.js';

const LINE = { event: 'received', status: 'passd', bytes: 12, error: null, request: { path: '/files/7', verb: 'GET' } };

function missOf(rule: Omit<WrittenRule, 'name'>, text = '', fields: Readonly<Record<string, unknown>> = LINE): RuleMiss | undefined {
  return new RuleProbe({ name: 'event 1', ...rule }).miss(text, fields);
}

describe('the miss of a rule', () => {
  test('counts the conditions that hold, and tells the first that does not', () => {
    expect(missOf({ when: { event: 'received', status: 'passed', bytes: 13 } })?.condition).toEqual({
      held: 1,
      of: 3,
      field: 'status',
      wanted: '"passed"',
      found: '"passd"',
      hint: 'nearly "passed"',
    });
  });

  test('is none where all holds', () => {
    const when = { event: ['received', 'sent'], bytes: '12', 'request.path': { matches: '^/files/' }, error: false, status: true };

    expect(missOf({ match: 'b', when }, 'abc')).toBeUndefined();
    expect(missOf({})).toBeUndefined();
  });

  test.each([
    [{ evnt: 'received' }, '"received"', undefined, 'is it "event"?'],
    [{ customer: 'x' }, '"x"', undefined, 'fields are event, status, bytes, error, request.path, request.verb'],
    [{ event: ['Received', 7] }, '"Received" or "7"', '"received"', 'only upper and lower case differ'],
    [{ event: ' received' }, '" received"', '"received"', 'only spaces around it differ'],
    [{ bytes: 700 }, '"700"', '12', undefined],
    [{ error: true }, 'to be there', 'null', undefined],
    [{ bytes: false }, 'not to be there', '12', undefined],
    [{ request: 'x' }, '"x"', 'an object', undefined],
    [{ 'request.path': { matches: '^/files/x' } }, 'to match ^/files/x', '"/files/7"', 'it stops at "x"'],
  ])('says what is wrong with %j', (when, wanted, found, hint) => {
    expect(missOf({ when })?.condition).toMatchObject({ wanted, found, hint });
  });

  test('says that a line has no fields', () => {
    expect(missOf({ when: { event: 'x' } }, 'text', {})?.condition?.hint).toBe('the line has no fields');
  });

  test('tells the pattern before conditions, which may ask for what it captures', () => {
    const miss = missOf({ match: String.raw`size=(?<size>\d+)`, when: { size: 7 } }, 'size=x');

    expect(miss?.pattern).toMatchObject({ expected: String.raw`(?<size>\d+)`, found: 'x' });
    expect(miss?.condition).toBeUndefined();
  });
});

function nearest(rules: readonly WrittenRule[], text = '', fields: Readonly<Record<string, unknown>> = LINE): string | undefined {
  const misses = rules.flatMap((rule) => new RuleProbe(rule).miss(text, fields) ?? []);
  return nearestRule(misses)?.rule;
}

describe('the nearest rule', () => {
  test('is the one whose pattern gets furthest', () => {
    const rules = [
      { name: 'other', match: '^download of' },
      { name: 'done', match: String.raw`^upload of \S+ done` },
      { name: 'failed', match: String.raw`^upload of \S+ failed` },
    ];

    expect(nearest(rules, 'upload of a.xml failing')).toBe('failed');
  });

  test('is the one whose end matches, where no pattern matches from its beginning', () => {
    const rules = [
      { name: 'other', match: String.raw`^\d{4} download of (?<file>\S+) broken` },
      { name: 'done', match: String.raw`^\d{4} upload of (?<file>\S+) done` },
    ];

    expect(nearest(rules, 'Mon upload of a.xml done')).toBe('done');
  });

  test('is the one with a value that is nearly right', () => {
    const rules = [
      { name: 'failed', when: { status: 'failed' } },
      { name: 'passed', when: { status: 'passed' } },
    ];

    expect(nearest(rules)).toBe('passed');
  });

  test('is none where there are no rules', () => {
    expect(nearest([])).toBeUndefined();
  });
});
