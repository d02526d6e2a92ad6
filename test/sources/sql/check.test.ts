// What vigie check says of sql sources.

import { sql } from '../../../src/sources/sql/index.js';
import type { SqlOptions, SqlQuery } from '../../../src/sources/sql/schema.js';
import { config, flows, partners, start } from './harness.js';

const context = { flows, partners };
const connection = { file: 'exchange.db' };
const password = { env: 'EXCHANGE_DB_PASSWORD' };

function check(options: Partial<SqlOptions>): string[] {
  const queries = { waiting: { sql: 'SELECT 1 AS n', flow: 'attestations', stage: 'sent', observe: { backlog: 'n' } } };
  const source = config({ kind: 'sql', driver: 'sqlite', connection, queries, ...options });
  return sql.check(source, context).map(({ path, message, severity = 'error' }) => `${severity} ${path.join('.')}: ${message}`);
}

function checkQuery(query: Partial<SqlQuery>): string[] {
  return check({ queries: { q: { sql: 'SELECT 1 AS n', observe: { backlog: 'n' }, ...query } } });
}

describe('the check of a sql source', () => {
  test('has nothing to say of a right one', () => {
    expect(check({})).toEqual([]);
    expect(
      check({ driver: 'postgres', connection: { server: 'db', database: 'exchange', user: 'vigie', password, port: 5433, tls: true } }),
    ).toEqual([]);
  });

  test('names what a driver lacks and what is foreign to it', () => {
    expect(check({ driver: 'postgres', connection: { file: 'x', server: 'db', user: 'vigie', password } })).toEqual([
      'error connection: lacks `database`: driver postgres needs `server`, `database`, `user`, `password`',
      'error connection.file: is not for driver postgres, which knows `server`, `database`, `user`, `password`, `port`, `tls`',
    ]);
  });

  test.each([
    [{ every: '500ms' }, 'error queries.q.every: 500ms is too often: 1s or more'],
    [{ every: '10s', timeout: '11s' }, 'error queries.q.timeout: 11s is longer than the time between two runs; at most that'],
    [{ timeout: '0s' }, 'error queries.q.timeout: 0s leaves no time to answer, e.g. 5s'],
    [{ flow: 'facture-tge' }, 'error queries.q.flow: no flow "facture-tge" in this environment (is it "factures-tge"?)'],
    [{ flow: 'attestations', stage: 'receved' }, 'error queries.q.stage: no stage "receved" in attestations (there is: sent)'],
    [
      { flow: 'attestations', flows: ['attestations'] },
      'error queries.q.flows: `flow` names the flow of all rows already; keep one of the two',
    ],
    [{ stage: 'sent', stages: ['sent'] }, 'error queries.q.stages: `stage` names the stage of all rows already; keep one of the two'],
    [
      { metrics: [{ name: 'exchange_x', help: 'x', value: 'n', labels: ['code', 'env'] }] },
      'error queries.q.metrics.0.labels.1: `env` is always added, from the environment of the source; leave it out',
    ],
  ] satisfies [Partial<SqlQuery>, string][])('%j', (query, message) => {
    expect(checkQuery(query)).toEqual([message]);
  });

  test('wants a query to show something', () => {
    expect(check({ queries: { q: { sql: 'SELECT 1 AS n' } } })).toEqual([
      'error queries.q: shows nothing: add observe: { backlog: <column> } or metrics: [{ name, help, value }]',
    ]);
  });

  test.each([
    ['DELETE FROM pending', 'starts with DELETE; it must be one SELECT (or WITH … SELECT): queries only read'],
    ['SELECT 1; DROP TABLE pending', 'holds several statements; it must be one SELECT: make the others queries of their own'],
    ['-- nothing but words', 'no statement; it must be one SELECT, e.g. SELECT COUNT(*) AS messages FROM pending'],
  ])('warns of %s', (text, message) => {
    expect(checkQuery({ sql: text })).toEqual([`warning queries.q.sql: ${message}`]);
  });

  test.each([
    'select 1',
    '  (SELECT 1) UNION ALL (SELECT 2);  ',
    "/* waiting; by stage */ WITH t AS (SELECT ';' AS x) SELECT * FROM t -- done;",
    'SELECT $$a;b$$, $q$ ; $q$, "odd;name" FROM t;',
  ])('takes %s for one SELECT', (text) => {
    expect(checkQuery({ sql: text })).toEqual([]);
  });
});

describe('the claims of a sql source', () => {
  test('are the signals of the stages its queries cover', () => {
    const source = config({
      kind: 'sql',
      driver: 'sqlite',
      connection,
      queries: {
        waiting: { sql: '', flow: 'factures-tge', partner: 'hug', stages: ['received'], observe: { backlog: 'n', backlog_oldest: 'o' } },
      },
    });

    expect(sql.claims(source, context)).toEqual([
      { signal: 'backlog', flow: 'factures-tge', partner: 'hug', stage: 'received', at: ['queries', 'waiting', 'observe', 'backlog'] },
      {
        signal: 'backlog_oldest',
        flow: 'factures-tge',
        partner: 'hug',
        stage: 'received',
        at: ['queries', 'waiting', 'observe', 'backlog_oldest'],
      },
    ]);
  });
});

describe('the collectors of a sql source', () => {
  test('have an interval and a staleness of their own, and wait for their neighbours', async () => {
    const metrics = [{ name: 'exchange_x', help: 'x', value: 'n' }];
    const queries = { slow: { sql: 'SELECT 1 AS n', every: '1m', timeout: '30s', metrics }, quick: { sql: 'SELECT 1 AS n', metrics } };
    const { collector, close } = await start({ kind: 'sql', driver: 'sqlite', connection, queries });

    const times = ['slow', 'quick'].map((name) => collector(name)).map(({ interval, maxStaleness }) => [interval, maxStaleness]);
    await close();

    expect(times).toEqual([
      [60_000, 180_000],
      [5000, 15_000],
    ]);
    expect(collector('quick').timeout).toBeGreaterThan(30_000 + 4000);
  });
});
