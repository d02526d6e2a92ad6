// What a person reads of lines that were tried.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TryReport, type LineAccount, type TryReportOptions } from '../../../../src/sources/log/trying/explain.js';
import { RuleProbe } from '../../../../src/sources/log/trying/rule-miss.js';

const data = join(import.meta.dirname, '..', '..', '..', '..', '..', 'test', 'sources', 'log', 'data');

const RULES = [
  { name: 'event 1', match: String.raw`^upload of (?<file>\S+) done, (?<size>\d+) bytes$` },
  { name: 'event 2 (stage routed)', match: String.raw`routed to (?<partner>\w+)`, when: { partner: ['chuv', 'hug'] } },
  { name: 'metric exchange_requests_total', match: String.raw`^request took (?<took>\d+) ms$` },
];
const probes = RULES.map((rule) => new RuleProbe(rule));

/** As a log source would tell it. */
function accountOf(line: string): LineAccount {
  const fieldsOf = (match: string) => new RegExp(match).exec(line)?.groups ?? {};
  const misses = () => probes.flatMap((probe, index) => probe.miss(line, fieldsOf(RULES[index]?.match ?? '')) ?? []);
  const missed = new Set(misses().map(({ rule }) => rule));
  const takenBy = RULES.filter(({ name }) => !missed.has(name)).map(({ name, match }) => ({ rule: name, captures: fieldsOf(match) }));
  return takenBy.length === 0 ? { line, result: 'unmatched', misses } : { line, result: 'matched', takenBy };
}

function report(accounts: Iterable<LineAccount>, options?: TryReportOptions): TryReport {
  const made = new TryReport(options);
  for (const account of accounts) made.take(account);
  return made;
}

const matched = (line: string): LineAccount => ({ line, result: 'matched', takenBy: [{ rule: 'event 1', captures: {} }] });
const shownNumbers = (lines: readonly string[]) => lines.flatMap((line) => /^line (?<number>\d+),/.exec(line)?.groups?.['number'] ?? []);

describe('a report of tried lines', () => {
  test('GM4: tells which rule took a line and what it read, and of the others the nearest miss, their templates and the totals', () => {
    const lines = [
      'upload of a.xml done, 12 bytes',
      'upload of b.xml done, n/a bytes',
      'x routed to chu',
      'y routed to hug',
      'upload of c.xml done, n/a bytes',
    ];

    expect(report(lines.map(accountOf), { heading: 'all of app.log' }).lines()).toEqual([
      'all of app.log',
      'line 1, matched: upload of a.xml done, 12 bytes',
      '    event 1: file=a.xml size=12',
      'line 2, unmatched: upload of b.xml done, n/a bytes',
      String.raw`    nearest: event 1, 71 % of the pattern: after "upload of b.xml done, " expected (?<size>\d+), found "n/a bytes"; its end matches again: " bytes$"`,
      'line 3, unmatched: x routed to chu',
      '    nearest: event 2 (stage routed), 0 of 1 condition: expected partner "chuv" or "hug", found "chu" (nearly "chuv")',
      'line 4, matched: y routed to hug',
      '    event 2 (stage routed): partner=hug',
      'line 5, unmatched: upload of c.xml done, n/a bytes',
      String.raw`    nearest: event 1, 71 % of the pattern: after "upload of c.xml done, " expected (?<size>\d+), found "n/a bytes"; its end matches again: " bytes$"`,
      'unmatched, by template:',
      '    count   share  nearest rule                   template',
      '        2  66.7 %  event 1 (71 %)                 upload of <*> done, n/a bytes',
      '        1  33.3 %  event 2 (stage routed) (80 %)  x routed to chu',
      '5 lines: 2 matched, 3 unmatched, 0 ignored, 0 malformed, 0 too long',
    ]);
  });

  test('tells why a line is malformed or ignored, and keeps a record of several lines in one', () => {
    const lines = report([
      { line: '{"a":', number: 7, result: 'malformed', reason: 'is not JSON' },
      { line: 'error\n  at x', number: 8, result: 'ignored', reason: 'ignore 1' },
      { line: '', number: 10, result: 'too_long' },
      { line: 'x', number: 11, result: 'matched', takenBy: [{ rule: 'event 1', captures: { file: 'a "b".xml', empty: '' } }] },
    ]).lines();

    expect(lines).toEqual([
      'line 7, malformed: {"a":',
      '    is not JSON',
      'line 8, ignored: error␊  at x',
      '    ignore 1',
      'line 10, too long: ',
      'line 11, matched: x',
      String.raw`    event 1: file="a \"b\".xml" empty=""`,
      '4 lines: 1 matched, 0 unmatched, 1 ignored, 1 malformed, 1 too long',
    ]);
  });

  test('of many lines it shows some of each result and sort, in their order', () => {
    const many = Array.from({ length: 5000 }, () => matched('upload of a.xml done, 12 bytes'));
    const lines = report([...many, accountOf('something else'), ...many, accountOf('y routed to hug'), accountOf('something else')]).lines(
      5,
    );

    expect(shownNumbers(lines)).toEqual(['1', '2', '5001', '10002', '10003']);
    expect(lines.at(-1)).toBe('10003 lines: 10001 matched, 2 unmatched, 0 ignored, 0 malformed, 0 too long');
  });

  test('without lines one by one, templates and totals remain', () => {
    expect(report([accountOf('something else')]).lines(0)).toEqual([
      'unmatched, by template:',
      '    count    share  nearest rule  template',
      '        1  100.0 %  none          something else',
      '1 line: 0 matched, 1 unmatched, 0 ignored, 0 malformed, 0 too long',
    ]);
  });

  test('asks why for few of the lines, and for none twice', () => {
    let asked = 0;
    const misses = () => {
      asked++;
      return [];
    };
    const made = report(Array.from({ length: 10_000 }, (_, index) => ({ line: `took ${index} ms`, result: 'unmatched', misses })));

    made.lines(3);
    made.lines(3);

    expect(asked).toBe(3);
  });

  test('cuts what is long', () => {
    const lines = report([matched('x'.repeat(10_000))]).lines();

    expect(lines[0]).toBe(`line 1, matched: ${'x'.repeat(159)}…`);
  });

  test('keeps no more than 4 Mi characters of lines to explain them: the others are shown without', () => {
    const line = 'y'.repeat(64 * 1024);
    const made = report(
      Array.from({ length: 500 }, () => ({ line, result: 'unmatched', misses: () => [{ rule: 'event 1', nearness: 0 }] }) as const),
    );

    const lines = made.lines(500);

    expect(shownNumbers(lines)).toHaveLength(500);
    expect(lines.filter((one) => one === '    nearest: event 1')).toHaveLength(64);
  });

  test('GM4: of the real log of an SFTP server, the largest templates come first', () => {
    const lines = readFileSync(join(data, 'sftp_chroot.log'), 'utf8').trimEnd().split('\n');
    const shown = report(lines.map((line) => ({ line, result: 'unmatched' }) as const)).lines(1);

    expect(shown.slice(1, 5)).toEqual([
      'unmatched, by template:',
      '    count   share  nearest rule  template',
      '       55  23.3 %                <time> upload sftp-server[<num>]: opendir <str>',
      '       54  22.9 %                <time> upload sftp-server[<num>]: closedir <str>',
    ]);
    expect(shown.slice(-2)).toEqual([
      '    and 4 templates more, of 4 lines',
      '236 lines: 0 matched, 236 unmatched, 0 ignored, 0 malformed, 0 too long',
    ]);
  });
});
