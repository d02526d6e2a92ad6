// What `vigie check` says of log sources.

import { log } from '../../../src/sources/log/index.js';
import type { LogOptions } from '../../../src/sources/log/schema.js';
import { configOf, counting, invoices } from './rig.js';

const context = { flows: [invoices], partners: ['chuv', 'hug', 'other'] };
const everything = { flow: 'invoices', partner: 'chuv', stage: 'received' };

function problems(options: Partial<LogOptions>): string[] {
  const whole: LogOptions = { kind: 'log', files: ['app.log'], format: 'json', ...options };
  return log.check(configOf(whole), context).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('vigie check of a log source', () => {
  test.each<[string, Partial<LogOptions>, string[]]>([
    ['nothing to count', {}, [': counts nothing: add events: [{ when, stage }] or metrics: [{ name, help }]']],
    [
      'a broken regular expression',
      { format: { regex: '(?<a>' }, events: [everything] },
      ['format.regex: no valid regular expression: Unterminated group'],
    ],
    [
      'a condition on a group that the expression lacks',
      { format: { regex: '(?<level>.) (?<size>.)' }, events: [{ ...everything, when: { levl: 'x' }, bytes: 'sizes' }] },
      ['events.0.when.levl: no field "levl" (is it "level"?)', 'events.0.bytes: no field "sizes" (is it "size"?)'],
    ],
    [
      'an event that cannot know its partner',
      { format: { regex: '(?<stage>.)' }, events: [{ flow: 'invoices' }] },
      ['events.0: says no partner: add `partner:`, or a group (?<partner>…) to the regular expression of `format`'],
    ],
    [
      'names that are not declared',
      {
        events: [{ when: { a: 1 }, flow: 'invoice', partner: 'other', stage: 'received' }, { stages: ['receivd'] }],
      },
      [
        'events.0.flow: no flow "invoice" in this environment (is it "invoices"?)',
        'events.1.stages.0: no stage "receivd" in invoices (is it "received"?)',
      ],
    ],
    [
      'names in a map that are not declared',
      { events: [{ flow: 'invoices', stage: 'received', partner: { from: 'sender', map: { A: 'chuv', B: 'hugg' } } }] },
      ['events.0.partner.map.B: no partner "hugg" (is it "hug"?)'],
    ],
    [
      'one stage and several',
      { events: [{ ...everything, stages: ['received'] }] },
      ['events.0.stages: `stage` names the stage of all lines already; keep one of the two'],
    ],
    [
      'outcomes that there are not',
      {
        events: [{ outcome: 'good' }, { outcome: { from: 'x', map: { OK: 'fine' }, otherwise: 'bad' } }].map((event) => ({
          when: { a: 1 },
          ...event,
        })),
      },
      [
        'events.0.outcome: no outcome "good": it must be ok, error or rejected',
        'events.1.outcome.map.OK: no outcome "fine": it must be ok, error or rejected',
        'events.1.outcome.otherwise: no outcome "bad": it must be ok, error or rejected',
      ],
    ],
    [
      'a duration without unit, or with one that there is not',
      {
        events: [
          { ...everything, when: { a: 1 }, duration: 'took' },
          { ...everything, duration: 'took hours' },
        ],
      },
      [
        'events.0.duration: "took" must be a field and its unit (us, ms, s, m, h, d), e.g. took ms',
        'events.1.duration: "took hours" must be a field and its unit (us, ms, s, m, h, d), e.g. took ms: "hours" is none',
      ],
    ],
    [
      'a condition whose pattern is broken',
      { events: [{ ...everything, when: { path: { matches: '[' } } }] },
      ['events.0.when.path.matches: no valid regular expression: Unterminated character class'],
    ],
    [
      'an event that nothing reaches',
      { events: [everything, everything] },
      ['events.1: is never reached: event 1 has no `when` and takes every line; put it last'],
    ],
    [
      'times',
      { events: [everything], format: { regex: '(?<at>.)' }, time: { field: 'time', timezone: 'Europe/Zürich' } },
      [
        'time.field: no field "time" (there is: at)',
        'time.timezone: no time zone "Europe/Zürich": must be an IANA time zone, e.g. Europe/Zurich',
      ],
    ],
    [
      'a zone for a time that has none',
      { events: [everything], time: { field: 'at', format: 'unix', timezone: 'UTC' } },
      ['time.timezone: a Unix time is the same everywhere: leave the time zone out'],
    ],
    [
      'metrics',
      { format: { regex: '(?<level>.)' }, metrics: [{ name: 'a_length', help: 'A.', labels: ['levle', 'env'] }] },
      [
        'metrics.0: a gauge needs `value`, the field it is set to; a counter is named …_total',
        'metrics.0.labels.0: no field "levle" (is it "level"?)',
        'metrics.0.labels.1: `env` is always added, from the environment of the source; leave it out',
      ],
    ],
  ])('tells of %s', (_what, options, expected) => {
    const found = problems(options);

    expect(found).toEqual(expected);
  });

  test('has nothing to say of a block that is right', () => {
    const found = problems({
      format: { regex: '^(?<at>\\S+ \\S+) (?<partner>\\w+) (?<status>\\w+) (?<took>\\d+)$' },
      time: { field: 'at', timezone: 'Europe/Zurich' },
      events: [
        { flow: 'invoices', stage: 'processed', outcome: { from: 'status', map: { OK: 'ok' }, otherwise: 'error' }, duration: 'took ms' },
      ],
    });

    expect(found).toEqual([]);
  });
});

describe('what a log source claims to feed', () => {
  test('is each signal of each stage once, although several events feed it', () => {
    const options = {
      ...counting,
      events: [
        { when: { a: 1 }, stage: 'received', bytes: 'size' },
        { stage: 'received', duration: 'took s' },
      ],
    };

    const claims = log.claims(configOf(options), context);

    expect(claims.map(({ signal, flow, stage, at }) => [signal, flow, stage, at])).toEqual([
      ['messages', 'invoices', 'received', ['events', 0]],
      ['last_message', 'invoices', 'received', ['events', 0]],
      ['bytes', 'invoices', 'received', ['events', 0]],
      ['duration', 'invoices', 'received', ['events', 1]],
    ]);
  });

  test('is limited to a partner that is named', () => {
    const claims = log.claims(configOf(counting), context);

    expect(claims.map(({ partner }) => partner)).toEqual(['chuv', 'chuv']);
  });
});
