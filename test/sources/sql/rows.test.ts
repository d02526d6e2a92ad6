// From rows to signals and metrics, without a database.

import type { Cell } from '../../../src/sources/sql/driver.js';
import { RowMapper } from '../../../src/sources/sql/rows.js';
import type { SqlQuery } from '../../../src/sources/sql/schema.js';
import { flows, lines, partners } from './harness.js';

interface Mapped {
  readonly lines: readonly string[];
  readonly undeclared: readonly string[];
}

function map(query: Omit<SqlQuery, 'sql'>, columns: readonly string[], ...rows: readonly (readonly Cell[])[]): Mapped {
  const undeclared: string[] = [];
  const source = { flows, partners, undeclared: (label: string, value: string) => void undeclared.push(`${label}=${value}`) };
  const reading = { query: 'waiting', timeHint: 'like so', nulls: query.nulls ?? 'skip', zoneOf: () => undefined } as const;
  const mapper = new RowMapper({ sql: '', ...query }, { source, env: 'prod', path: 'batch' }, reading);
  return { lines: lines(mapper.read({ columns, rows, dropped: 0, phases: { execute: 0, fetch: 0 } }).observations), undeclared };
}

const place = { flow: 'factures-tge', partner: 'chuv', stage: 'received' };
const codes: Omit<SqlQuery, 'sql'> = { metrics: [{ name: 'exchange_rejects', help: 'Rejects.', value: 'n', labels: ['code', 'partner'] }] };

describe('signals from rows', () => {
  test('GM6: no row at all is a zero for every declared place and outcome', () => {
    const mapped = map({ flow: 'attestations', observe: { messages: 'n', last_message: 'newest' } }, [
      'flow',
      'partner',
      'stage',
      'n',
      'newest',
    ]);

    expect(mapped.lines).toEqual([
      'flow_last_message_timestamp_seconds{flow=attestations,partner=hug,stage=sent,path=batch} 0',
      'flow_messages_total{flow=attestations,partner=hug,stage=sent,path=batch,outcome=error} 0',
      'flow_messages_total{flow=attestations,partner=hug,stage=sent,path=batch,outcome=ok} 0',
      'flow_messages_total{flow=attestations,partner=hug,stage=sent,path=batch,outcome=rejected} 0',
    ]);
  });

  test('constants win over columns', () => {
    const mapped = map({ ...place, observe: { backlog: 'n' } }, ['flow', 'partner', 'stage', 'n'], ['inconnu', 'inconnu', 'inconnu', 3]);

    expect(mapped).toEqual({
      lines: ['flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=batch} 3'],
      undeclared: [],
    });
  });

  test('the only partner of a flow needs no column', () => {
    const mapped = map({ flow: 'attestations', stage: 'sent', observe: { backlog: 'n' } }, ['n'], [4]);

    expect(mapped.lines).toEqual(['flow_backlog_messages{flow=attestations,partner=hug,stage=sent,path=batch} 4']);
  });

  test('rows that differ in outcome make one newest message and a count for each outcome', () => {
    const mapped = map(
      { ...place, observe: { messages: 'n', last_message: 'newest' } },
      ['outcome', 'n', 'newest'],
      ['ok', '10', 1700000005],
      ['rejected', 2n, 1700000009n],
    );

    expect(mapped.lines).toEqual([
      'flow_last_message_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received,path=batch} 1700000009',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,path=batch,outcome=error} 0',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,path=batch,outcome=ok} 10',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,path=batch,outcome=rejected} 2',
    ]);
  });

  test('NULL is no value: the place stays at 0', () => {
    const mapped = map({ ...place, observe: { backlog: 'n', backlog_oldest: 'oldest' } }, ['n', 'oldest'], [0, null]);

    expect(mapped.lines).toEqual([
      'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=batch} 0',
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received,path=batch} 0',
    ]);
  });

  test('what is not declared is counted and makes no series', () => {
    const mapped = map(
      { flow: 'factures-tge', stages: ['received'], observe: { messages: 'n' } },
      ['partner', 'stage', 'outcome', 'n'],
      ['usz', 'received', 'ok', 1],
      ['chuv', 'validated', 'ok', 1],
      ['chuv', 'received', 'OK', 1],
      [null, 'received', 'ok', 1],
    );

    expect(mapped.undeclared.toSorted()).toEqual(['outcome=OK', 'partner=NULL', 'partner=usz', 'stage=validated']);
    expect(mapped.lines.filter((line) => !line.endsWith(' 0'))).toEqual([]);
    expect(mapped.lines).toHaveLength(6);
  });

  test.each([
    [['n'], [[1]], 'query waiting: no column "partner" (it returned: n)'],
    [['partner', 'partner', 'n'], [], 'query waiting: several columns "partner"; give them different names with AS'],
    [['partner', 'm'], [], 'query waiting: no column "n" (it returned: partner, m)'],
    [['partner', 'n'], [['chuv', 'many']], 'query waiting: column "n" holds text, no number'],
    [['partner', 'n'], [['chuv', new Uint8Array(2)]], 'query waiting: column "n" holds binary data, no number'],
    [
      ['partner', 'n'],
      [['chuv', '2026-03-02 08:00']],
      'query waiting: column "n" holds a time without zone, no number; say timezone: <zone> in the YAML, or give it one: like so',
    ],
    [['partner', 'n'], [['chuv', -1]], 'query waiting: column "n" holds a number that is negative or not finite, which a count cannot be'],
    [['partner', 'n'], [['chuv', NaN]], 'query waiting: column "n" holds a number that is negative or not finite, which a count cannot be'],
    [
      ['partner', 'n'],
      [
        ['chuv', 1],
        ['chuv', 2],
      ],
      'query waiting: two rows for {flow="factures-tge", partner="chuv", stage="received"}, rows 1 and 2; GROUP BY these columns, or say duplicates: sum, max or min',
    ],
  ] satisfies [string[], Cell[][], string][])('columns %j with rows %j are an error of class schema', (columns, rows, message) => {
    const query = { flow: 'factures-tge', stage: 'received', observe: { messages: 'n' } };

    expect(() => map(query, columns, ...rows)).toThrow(expect.objectContaining({ phase: 'query', errorClass: 'schema', message }));
  });
});

describe('signals', () => {
  test.each([-1, NaN, Infinity])('a backlog of %d is refused', (backlog) => {
    const query = { flow: 'factures-tge', stage: 'received', partner: 'chuv', observe: { backlog: 'n' } };

    expect(() => map(query, ['n'], [backlog])).toThrow(
      'query waiting: column "n" holds a number that is negative or not finite, which a count cannot be',
    );
  });

  test.each([-1, NaN, Infinity, 1_772_400_000_000])('a time of %d would never be late, and is refused', (time) => {
    const query = { flow: 'factures-tge', stage: 'received', partner: 'chuv', observe: { last_message: 'newest' } };

    expect(() => map(query, ['newest'], [time])).toThrow(
      'query waiting: column "newest" holds a number that is no time in Unix seconds; divide milliseconds by 1000',
    );
  });
});

describe('metrics of the user’s own naming', () => {
  test('take labels from columns, whatever their case; NULL is an absent label, a NULL value no series', () => {
    const mapped = map(codes, ['CODE', 'Partner', 'N'], ['17', 'chuv', 3], [null, 'hug', true], ['18', 'hug', null]);

    expect(mapped.lines).toEqual(['exchange_rejects{code=17,partner=chuv} 3', 'exchange_rejects{partner=hug} 1']);
  });

  test('make no series of a partner that is not declared', () => {
    const mapped = map(codes, ['code', 'partner', 'n'], ['17', 'usz', 3]);

    expect(mapped).toEqual({ lines: [], undeclared: ['partner=usz'] });
  });

  test('refuse two rows with the same labels', () => {
    const twice: Cell[][] = [
      ['17', 'chuv', 3],
      [17, 'chuv', 4],
    ];

    expect(() => map(codes, ['code', 'partner', 'n'], ...twice)).toThrow(
      'query waiting: two rows for exchange_rejects{env="prod", code="17", partner="chuv"}, rows 1 and 2; GROUP BY these columns, or say duplicates: sum, max or min',
    );
  });

  test('count an undeclared row once, whatever it feeds', () => {
    const mapped = map(
      { ...codes, stage: 'received', flow: 'factures-tge', observe: { backlog: 'n' } },
      ['code', 'partner', 'n'],
      ['1', 'usz', 1],
    );

    expect(mapped.undeclared).toEqual(['partner=usz']);
  });
});
