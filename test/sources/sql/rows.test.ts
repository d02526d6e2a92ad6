// From rows to signals and metrics, without a database.

import { Instant, type Cell } from '../../../src/sources/sql/driver.js';
import { RowMapper } from '../../../src/sources/sql/rows.js';
import type { SqlQuery } from '../../../src/sources/sql/schema.js';
import { createZoneReader } from '../../../src/sources/zone.js';
import { flows, lines, partners } from './harness.js';

interface Mapped {
  readonly lines: readonly string[];
  readonly undeclared: readonly string[];
  readonly unused: readonly string[];
  readonly silent: readonly string[];
}

interface Circumstances {
  readonly dropped?: number;
  readonly target?: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly zone?: string;
}

function map(query: Omit<SqlQuery, 'sql'>, columns: readonly string[], ...rows: readonly (readonly Cell[])[]): Mapped {
  return mapIn({}, query, columns, ...rows);
}

function mapIn(
  { dropped = 0, target, zone }: Circumstances,
  query: Omit<SqlQuery, 'sql'>,
  columns: readonly string[],
  ...rows: readonly (readonly Cell[])[]
): Mapped {
  const undeclared: string[] = [];
  const source = { flows, partners, undeclared: (label: string, value: string) => void undeclared.push(`${label}=${value}`) };
  const reader = zone === undefined ? undefined : createZoneReader(zone, 'first');
  const reading = { query: 'waiting', timeHint: 'like so', nulls: query.nulls ?? 'skip', zoneOf: () => reader } as const;
  const context = {
    source,
    env: 'prod',
    path: target?.name ?? 'batch',
    ...(target && { target, targetLabels: Object.keys(target.labels) }),
  };
  const mapper = new RowMapper({ sql: '', ...query }, context, reading);
  const { observations, unused, silent } = mapper.read({ columns, rows, dropped, phases: { execute: 0, fetch: 0 } });
  return { lines: lines([...observations]), undeclared, unused, silent };
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

    expect(mapped).toMatchObject({
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

    expect(mapped).toMatchObject({ lines: [], undeclared: ['partner=usz'] });
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

describe('what a result leaves open', () => {
  const backlog = { flow: 'factures-tge', stage: 'received', observe: { backlog: 'n', backlog_oldest: 'oldest' } } as const;

  test('GM6: of a result that was cut off, nothing is taken to be 0', () => {
    const whole = map(backlog, ['partner', 'n', 'oldest'], ['chuv', 3, 1700000000]);
    const cut = mapIn({ dropped: 1 }, backlog, ['partner', 'n', 'oldest'], ['chuv', 3, 1700000000]);

    expect(whole.lines).toHaveLength(4);
    expect(cut.lines).toEqual([
      'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=batch} 3',
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received,path=batch} 1700000000',
    ]);
  });

  test('a backlog of NULL is not known, and so is its oldest message; the other places stay', () => {
    const mapped = map(backlog, ['partner', 'n', 'oldest'], ['chuv', null, null]);

    expect(mapped.lines).toEqual([
      'flow_backlog_messages{flow=factures-tge,partner=hug,stage=received,path=batch} 0',
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=hug,stage=received,path=batch} 0',
    ]);
  });

  test('messages that wait without a time have an oldest one that nobody knows, rather than none', () => {
    const mapped = map({ ...backlog, partner: 'chuv' }, ['n', 'oldest'], [3, null]);

    expect(mapped.lines).toEqual(['flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=batch} 3']);
  });

  test('columns that nothing uses and flows without a row are told', () => {
    const mapped = map(
      { stages: ['received', 'sent'], observe: { backlog: 'n' } },
      ['flow', 'partner', 'stage', 'n', 'note'],
      ['factures-tge', 'chuv', 'received', 1, 'x'],
    );

    expect(mapped).toMatchObject({ unused: ['note'], silent: ['attestations'] });
  });
});

const rejects = (changes: Omit<SqlQuery, 'sql'>): Omit<SqlQuery, 'sql'> => ({
  metrics: [{ name: 'exchange_rejects', help: 'Rejects.', value: 'n', labels: ['code'] }],
  ...changes,
});

describe('the policies of a query', () => {
  test.each([
    [undefined, ['exchange_rejects{code=18} 2']],
    ['skip' as const, ['exchange_rejects{code=18} 2']],
    ['zero' as const, ['exchange_rejects{code=17} 0', 'exchange_rejects{code=18} 2']],
  ])('GM6: nulls: %s', (nulls, expected) => {
    const mapped = map(rejects({ ...(nulls && { nulls }) }), ['code', 'n'], ['17', null], ['18', 2]);

    expect(mapped.lines).toEqual(expected);
  });

  test('nulls: error names the column and the row, of a value as of a label', () => {
    const query = rejects({ nulls: 'error' });

    expect(() => map(query, ['code', 'n'], ['17', 1], ['18', null])).toThrow(
      'query waiting: column "n" is NULL in row 2, and the query says nulls: error',
    );
    expect(() => map(query, ['code', 'n'], [null, 1])).toThrow('query waiting: column "code" is NULL in row 1');
  });

  test.each([
    ['sum', 7],
    ['max', 4],
    ['min', 1],
  ] as const)('GM6: duplicates: %s makes one series of several rows', (duplicates, expected) => {
    const own = map(rejects({ duplicates }), ['code', 'n'], ['17', 2], ['17', 4], ['17', 1]);
    const signal = map({ ...place, duplicates, observe: { backlog: 'n' } }, ['n'], [2], [4], [1]);

    expect(own.lines).toEqual([`exchange_rejects{code=17} ${expected}`]);
    expect(signal.lines).toEqual([`flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=batch} ${expected}`]);
  });

  test('duplicates: error names both rows', () => {
    expect(() => map(rejects({}), ['code', 'n'], ['17', 2], ['18', 1], ['17', 4])).toThrow(
      'query waiting: two rows for exchange_rejects{env="prod", code="17"}, rows 1 and 3; GROUP BY these columns, or say duplicates: sum, max or min',
    );
  });

  test('undeclared: allow makes series of flows and partners that are not declared', () => {
    const mapped = map(
      { undeclared: 'allow', observe: { backlog: 'n' }, flows: ['attestations'] },
      ['flow', 'partner', 'stage', 'n'],
      ['inconnu', 'usz', 'received', 3],
    );

    expect(mapped).toMatchObject({
      lines: [
        'flow_backlog_messages{flow=attestations,partner=hug,stage=sent,path=batch} 0',
        'flow_backlog_messages{flow=inconnu,partner=usz,stage=received,path=batch} 3',
      ],
      undeclared: [],
    });
  });
});

describe('what values mean', () => {
  test('GM6: codes become outcomes, flows, partners and stages', () => {
    const mapped = map(
      {
        flow: { from: 'kind', map: { TGE: 'factures-tge' } },
        partner: { from: 'canton', map: { '25': 'chuv' } },
        stage: { from: 'step', map: { '1': 'received' } },
        outcome: { from: 'status', map: { '0': 'ok', '9': 'error' }, otherwise: 'rejected' },
        flows: ['factures-tge'],
        observe: { messages: 'n' },
      },
      ['kind', 'canton', 'step', 'status', 'n'],
      ['TGE', 25n, '1.0', 0, 10],
      ['TGE', 25n, '1.0', '9', 2],
      ['TGE', 25n, '1.0', null, 1],
    );

    expect(mapped).toMatchObject({ undeclared: [], unused: [] });
    expect(mapped.lines.filter((line) => !line.endsWith(' 0'))).toEqual([
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,path=batch,outcome=error} 2',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,path=batch,outcome=ok} 10',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,path=batch,outcome=rejected} 1',
    ]);
  });

  test('labels have constants, other columns and maps; values have maps', () => {
    const mapped = map(
      {
        labels: { system: 'sap' },
        metrics: [
          {
            name: 'exchange_job_up',
            help: 'Up.',
            value: { from: 'state', map: { RUNNING: 1, STOPPED: 0 }, otherwise: -1 },
            labels: [
              { label: 'job_name', from: 'name' },
              { label: 'size', map: { '1': 'small' }, otherwise: 'large' },
            ],
          },
        ],
      },
      ['name', 'SIZE', 'state'],
      ['a', 1, 'RUNNING'],
      ['b', 2, 'STOPPED'],
      ['c', 1n, '?'],
    );

    expect(mapped.lines).toEqual([
      'exchange_job_up{job_name=a,size=small,system=sap} 1',
      'exchange_job_up{job_name=b,size=large,system=sap} 0',
      'exchange_job_up{job_name=c,size=small,system=sap} -1',
    ]);
  });

  test('a value that its map does not name is an error that does not show it', () => {
    const query = { metrics: [{ name: 'exchange_job_up', help: 'Up.', value: { from: 'state', map: { RUNNING: 1 } } }] };

    expect(() => map(query, ['state'], ['Jeanne Martin'])).toThrow(
      'query waiting: column "state" holds a value that its map does not name (RUNNING); add it, or say otherwise',
    );
  });

  test.each([
    ['2026-03-29 01:30:00', '2026-03-29T00:30:00Z'],
    ['2026-03-29 02:30:00', '2026-03-29T01:30:00Z'],
    ['2026-03-29T03:30:00.250', '2026-03-29T01:30:00.25Z'],
    ['2026-10-25 02:30:00', '2026-10-25T00:30:00Z'],
    ['2026-10-25', '2026-10-24T22:00:00Z'],
  ])('%s in Zurich is %s: skipped hours move on, repeated ones are the first', (text, utc) => {
    const mapped = mapIn({ zone: 'Europe/Zurich' }, { ...place, observe: { last_message: 'newest' } }, ['newest'], [text]);

    expect(mapped.lines).toEqual([
      `flow_last_message_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received,path=batch} ${Date.parse(utc) / 1000}`,
    ]);
  });

  test('a time that has its own zone keeps it, whatever the YAML says', () => {
    const mapped = mapIn(
      { zone: 'Europe/Zurich' },
      { ...place, observe: { last_message: 'newest' } },
      ['newest'],
      [new Instant(1700000000, '2023-11-14 22:13:20+00')],
    );

    expect(mapped.lines[0]).toMatch(/ 1700000000$/);
  });
});

describe('targets', () => {
  test('signals bear the name of the target as path, and its labels; those of partners are what its rows are about', () => {
    const mapped = mapIn(
      { target: { name: 'lausanne', labels: { site: 'vd', partner: 'chuv' } } },
      { flow: 'factures-tge', stage: 'received', observe: { backlog: 'n' } },
      ['n'],
      [3],
    );

    expect(mapped.lines).toEqual(['flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=lausanne,site=vd} 3']);
  });

  test('metrics of the user’s own naming bear its name as target', () => {
    const mapped = mapIn({ target: { name: 'lausanne', labels: { site: 'vd' } } }, codes, ['code', 'partner', 'n'], ['17', 'chuv', 3]);

    expect(mapped.lines).toEqual(['exchange_rejects{code=17,partner=chuv,site=vd,target=lausanne} 3']);
  });
});

describe('indicators', () => {
  const csat = { observe: { indicators: { csat: 'rating', load: 'load' } } };

  test('NE1: come from columns, with the flow alone where neither partner nor stage is told', () => {
    const mapped = map({ ...csat, flow: 'factures-tge' }, ['rating', 'load'], [4.2, 0.5]);

    expect(mapped.lines).toEqual([
      'flow_indicator{flow=factures-tge,path=batch,indicator=csat} 4.2',
      'flow_indicator{flow=factures-tge,path=batch,indicator=load} 0.5',
    ]);
    expect(mapped.unused).toEqual([]);
  });

  test('NE1: have the partner and the stage that columns or constants tell; negative values are values', () => {
    const query = { flow: 'factures-tge', stage: 'received', observe: { indicators: { csat: 'rating' } } };

    const mapped = map(query, ['partner', 'rating'], ['chuv', -1], ['hug', 3]);

    expect(mapped.lines).toEqual([
      'flow_indicator{flow=factures-tge,partner=chuv,stage=received,path=batch,indicator=csat} -1',
      'flow_indicator{flow=factures-tge,partner=hug,stage=received,path=batch,indicator=csat} 3',
    ]);
  });

  test('of what is not declared are counted, and no series', () => {
    const mapped = map(
      { observe: { indicators: { csat: 'rating' } } },
      ['flow', 'partner', 'rating'],
      ['inconnu', 'chuv', 1],
      ['factures-tge', 'chv', 2],
    );

    expect(mapped.lines).toEqual([]);
    expect(mapped.undeclared).toEqual(['flow=inconnu', 'partner=chv']);
  });

  test('that are NULL are no series, and 0 where the YAML says so', () => {
    const query = { flow: 'factures-tge', observe: { indicators: { csat: 'rating' } } };

    expect(map(query, ['rating'], [null]).lines).toEqual([]);
    expect(map({ ...query, nulls: 'zero' }, ['rating'], [null]).lines).toEqual([
      'flow_indicator{flow=factures-tge,path=batch,indicator=csat} 0',
    ]);
  });

  test('twice with the same labels are an error that names both, or one value where the YAML says which', () => {
    const query = { flow: 'factures-tge', observe: { indicators: { csat: 'rating' } } };

    expect(() => map(query, ['rating'], [1], [3])).toThrow(/csat/);
    expect(map({ ...query, duplicates: 'max' }, ['rating'], [1], [3], [2]).lines).toEqual([
      'flow_indicator{flow=factures-tge,path=batch,indicator=csat} 3',
    ]);
  });

  test('stand beside signals of the same rows, and bear the labels of targets', () => {
    const query = { ...place, observe: { backlog: 'n', indicators: { csat: 'rating' } } };

    expect(mapIn({ target: { name: 'lausanne', labels: { site: 'vd' } } }, query, ['n', 'rating'], [3, 4]).lines).toEqual([
      'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=lausanne,site=vd} 3',
      'flow_indicator{flow=factures-tge,partner=chuv,stage=received,path=lausanne,indicator=csat,site=vd} 4',
    ]);
  });
});
