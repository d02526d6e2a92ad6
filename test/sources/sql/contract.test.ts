// What a sql source promises to the people who own the database, on real PostgreSQL servers: targets, roles, load, rights, phases.

import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Observation } from '../../../src/domain/observation.js';
import type { Findings } from '../../../src/sources/kind.js';
import type { SqlOptions, SqlQuery } from '../../../src/sources/sql/schema.js';
import { describeWith } from '../../servers/describe.js';
import { startPostgres, startPostgresReplica, type Postgres } from '../../servers/postgres.js';
import { startTcpProxy, type TcpProxy } from '../../tcp-proxy.js';
import { until } from '../../wait.js';
import { lines, start, valueOf, type Harness, type Surroundings } from './harness.js';

const PASSWORD = 'p@ss/w:o r"d%';

function single(sql: string, changes: Partial<SqlQuery> = {}): SqlQuery {
  return { sql, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value' }], ...changes };
}

describeWith(['postgres'], 'a sql source', () => {
  let primary: Postgres;
  let replica: Postgres;
  let harness: Harness | undefined;

  beforeAll(async () => {
    primary = await startPostgres();
    await primary.admin(`CREATE ROLE vigie LOGIN PASSWORD '${PASSWORD}'`);
    await primary.admin(`CREATE ROLE writer LOGIN PASSWORD '${PASSWORD}'`);
    await primary.admin(`
      CREATE TABLE pending (flow text, partner text, stage text);
      INSERT INTO pending VALUES ('factures-tge', 'chuv', 'received');
      GRANT SELECT ON pending TO vigie;
      GRANT SELECT, INSERT, DELETE ON pending TO writer`);
    replica = await startPostgresReplica(primary);
  }, 60_000);

  afterAll(async () => {
    await replica?.remove();
    await primary?.remove();
  });

  afterEach(async () => {
    await harness?.close();
    harness = undefined;
  });

  async function open(options: Partial<SqlOptions>, surroundings: Surroundings = {}, timeout = 4000): Promise<Harness> {
    const { host, port, database } = primary;
    const connection = { server: host, port, database, user: 'vigie', password: { env: 'EXCHANGE_DB_PASSWORD' }, ...options.connection };
    const queries = { one: single('SELECT 1 AS value') };
    harness = await start({ kind: 'sql', driver: 'postgres', queries, ...options, connection }, PASSWORD, { timeout }, surroundings);
    return harness;
  }

  describe('that demands a replica', () => {
    test('GM7: refuses a primary where the flow demands a replica, and says what would be right', async () => {
      const { fail } = await open({ role: 'replica' });

      const error = await fail('one');

      expect(error).toMatchObject({ phase: 'role', errorClass: 'role' });
      expect(error.message).toBe(
        'the database is a primary, and the YAML says role: replica; name a replica of this PostgreSQL as server, or say allow_primary: true for the time of a failover',
      );
    });

    test('GM7: leaves no session on the primary that it refused', async () => {
      const { fail } = await open({ role: 'replica' });

      await fail('one');

      await until(
        async () => (await primary.admin("SELECT 1 FROM pg_stat_activity WHERE application_name = 'vigie/exchange-db'")).length === 0,
      );
    });

    test('GM7: takes a replica, tells that it is one, and its lag', async () => {
      const { collect, collectAll } = await open({ role: 'replica', connection: { port: replica.port } });

      const observations = await collect('one');
      const state = await collectAll('replica');

      expect(valueOf(observations, 'exchange_value')).toBe(1);
      expect(valueOf(state, 'vigie_sql_replica')).toBe(1);
      expect(valueOf(state, 'vigie_sql_replica_lag_seconds')).toBeLessThan(5);
    });

    test('GM7: takes a primary where that is allowed for a time, and says so aloud', async () => {
      const { collect, collectAll, source } = await open({ role: 'replica', allow_primary: true });

      await collect('one');
      const state = await collectAll('replica');

      expect(valueOf(state, 'vigie_sql_replica')).toBe(0);
      expect(source.warnings?.()).toContain('this is a primary, taken because of allow_primary: true');
    });

    test('GM7: notices that a replica has become the primary while it is connected, and asks it nothing more', async () => {
      const promoted = await startPostgresReplica(primary);
      const { collect, fail } = await open({ role: 'replica', connection: { port: promoted.port } });
      await collect('one');

      await promoted.admin('SELECT pg_promote()');
      const proof = await fail('replica');
      const query = await fail('one');
      await promoted.remove();

      expect(proof).toMatchObject({ phase: 'role', errorClass: 'role' });
      expect(query).toMatchObject({ phase: 'role', errorClass: 'role' });
    }, 30_000);
  });

  describe('with several targets', () => {
    let proxy: TcpProxy;

    beforeEach(async () => {
      proxy = await startTcpProxy(primary.port);
    });

    afterEach(async () => {
      await proxy.close();
    });

    function targets(): NonNullable<SqlOptions['targets']> {
      return {
        lausanne: { labels: { site: 'vd' } },
        geneve: { connection: { port: proxy.port }, labels: { site: 'ge' } },
        bern: { connection: { port: replica.port }, labels: { partner: 'hug' } },
      };
    }

    test('GM6: asks each of them the same, and tells them apart', async () => {
      const waiting: SqlQuery = {
        sql: 'SELECT flow, stage, COUNT(*) AS n FROM pending GROUP BY 1, 2',
        flow: 'factures-tge',
        stage: 'received',
        partner: 'chuv',
        observe: { backlog: 'n' },
      };
      const { collect } = await open({ targets: targets(), queries: { waiting } });

      const found = await Promise.all(['lausanne', 'geneve', 'bern'].map((target) => collect(`${target}/waiting`)));

      expect(found.flatMap(lines)).toEqual([
        'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=lausanne,site=vd} 1',
        'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received,path=geneve,site=ge} 1',
        'flow_backlog_messages{flow=factures-tge,partner=hug,stage=received,path=bern} 1',
      ]);
    });

    test('GM6: while one of them hangs, the others are asked as ever', async () => {
      const { collect, fail } = await open({ targets: targets() }, {}, 1500);
      await collect('geneve/one');
      proxy.freeze();
      const hanging = fail('geneve/one');
      const began = performance.now();

      const neighbours = await Promise.all(['lausanne', 'bern', 'lausanne', 'bern'].map((target) => collect(`${target}/one`)));
      const tookMs = performance.now() - began;
      const error = await hanging;
      proxy.thaw();
      await until(async () => {
        await collect('geneve/one');
        return true;
      });

      expect(neighbours.map((observations) => valueOf(observations, 'exchange_value'))).toEqual([1, 1, 1, 1]);
      expect(tookMs).toBeLessThan(1000);
      expect(error).toMatchObject({ errorClass: 'timeout' });
    });

    test('asks no more of them at once than `parallel` says', async () => {
      const slow = single('SELECT 1 AS value FROM pg_sleep(0.2)');
      const { collect } = await open({ targets: targets(), parallel: 1, queries: { slow } });
      // Two servers cannot be looked at in the same instant: a query of the one that ran before and after the look at the other ran during it.
      const ask = "SELECT query_start FROM pg_stat_activity WHERE application_name = 'vigie/exchange-db' AND state = 'active'";
      let most = 0;
      const watch = { over: false };
      const watching = (async () => {
        while (!watch.over) {
          const before = JSON.stringify(await primary.admin(ask));
          const beside = await replica.admin(ask);
          const after = await primary.admin(ask);
          most = Math.max(most, after.length, beside.length + (before === JSON.stringify(after) ? after.length : 0));
        }
      })();

      await Promise.all(['lausanne', 'geneve', 'bern'].map((target) => collect(`${target}/slow`)));
      watch.over = true;
      await watching;

      expect(most).toBe(1);
    });
  });

  describe('and what it costs the database', () => {
    test('NE-T6: each query has a histogram of its response and the phases of its last run', async () => {
      const { collectAll, counted } = await open({ queries: { one: single('SELECT 1 AS value FROM pg_sleep(0.06)') } });

      await collectAll('one');
      const observations = await collectAll('one');

      const phases = observations.filter(({ metric }) => metric.name === 'vigie_sql_phase_duration_seconds');
      expect(phases.map(({ labels }) => labels['phase'])).toEqual(['connect', 'login', 'execute', 'fetch']);
      expect(valueOf(observations, 'vigie_sql_phase_duration_seconds', { phase: 'execute' })).toBeGreaterThan(0.05);
      const response = counted('one').find(({ metric }) => metric.name === 'vigie_sql_query_duration_seconds')?.value;
      if (typeof response !== 'object') throw new Error('no histogram');
      expect(response.count).toBe(2);
      expect(response.sum).toBeGreaterThan(0.12);
      expect(response.sum).toBeLessThan(4);
    });

    test('over its load budget it wants to be left alone, tells by how much, and keeps what it shows', async () => {
      const { collectAll, collector } = await open({
        load_budget: '1s',
        queries: { slow: single('SELECT 1 AS value FROM pg_sleep(1.2)'), one: single('SELECT 1 AS value') },
      });

      const observations = await collectAll('slow');
      await collectAll('one');

      const delay = collector('slow').delay?.() ?? 0;
      expect(delay).toBeGreaterThan(11_000);
      expect(delay).toBeLessThan(30_000);
      expect(valueOf(observations, 'vigie_sql_interval_stretch_ratio')).toBeCloseTo(delay / 5000, 5);
      expect(collector('slow').maxStaleness).toBeCloseTo(15_000 + delay, -1);
      expect(collector('one').delay?.()).toBeGreaterThan(10_000);
    });

    test('what a query that hung has cost counts as well', async () => {
      const { fail, counted, collector } = await open({
        load_budget: '1s',
        queries: { hung: single('SELECT 1 AS value FROM pg_sleep(60)', { timeout: '1500ms' }), one: single('SELECT 1 AS value') },
      });

      await fail('hung');
      await until(async () => valueOf(counted('hung'), 'vigie_sql_query_seconds_total') > 1.2);

      expect(collector('hung').delay?.()).toBeGreaterThan(0);
    });

    test('GM6: a result of a million rows is cut, counted, and no great load for either side', async () => {
      const million = single('SELECT i AS value, i AS code FROM generate_series(1, 1000000) AS t (i)', {
        max_rows: 100,
        metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value', labels: ['code'] }],
      });
      const { collect, counted, source } = await open({ queries: { million } });

      const observations = await collect('million');

      expect(observations).toHaveLength(100);
      expect(valueOf(counted('million'), 'vigie_sql_rows_total')).toBe(100);
      expect(valueOf(counted('million'), 'vigie_sql_rows_dropped_total')).toBe(999_900);
      expect(source.warnings?.()).toContain(
        'query million: 999900 rows beyond the first 100 were left out; aggregate them, or raise max_rows',
      );
    });

    test('ten thousand collections: memory flat, one connection from the first to the last', async () => {
      const { collect, collector } = await open({
        queries: {
          pid: single('SELECT pg_backend_pid() AS value'),
          waiting: {
            sql: 'SELECT * FROM pending',
            metrics: [
              { name: 'exchange_pending', help: 'Pending.', value: { from: 'stage', map: { received: 1 } }, labels: ['flow', 'partner'] },
            ],
          },
        },
      });
      const first = valueOf(await collect('pid'), 'exchange_value');
      const never = new AbortController().signal;
      const run = async (times: number) => {
        for (let time = 0; time < times; time++) await collector('waiting').collect(never);
      };
      await run(2_000);
      const before = await heap();

      await run(8_000);
      const after = await heap();

      expect(after - before).toBeLessThan(2);
      expect(valueOf(await collect('pid'), 'exchange_value')).toBe(first);
      expect(await primary.admin("SELECT 1 FROM pg_stat_activity WHERE application_name = 'vigie/exchange-db'")).toHaveLength(1);
    }, 120_000);
  });

  describe('whose login could write', () => {
    test('GM7: warns with the statement that mends it, in the log, on the page and as a metric', async () => {
      const logged: string[] = [];
      const logger = pino({}, new Writable({ write: (chunk, _encoding, done) => (logged.push(String(chunk)), done()) }));
      const { collectAll, source } = await open({ connection: { user: 'writer' } }, { logger });

      const before = await collectAll('one');
      const [warning = ''] = source.warnings?.() ?? [];
      const mend = /need: (?<statement>REVOKE .*;)$/.exec(warning)?.groups?.['statement'] ?? '';
      await primary.admin(mend);
      await harness?.close();
      const after = await open({ connection: { user: 'writer' } });
      const mended = await after.collectAll('one');

      expect(valueOf(before, 'vigie_sql_login_can_write')).toBe(1);
      expect(logged.join('')).toContain('the login could change the database');
      expect(warning).toMatch(/^the login may .*pending/);
      expect(valueOf(mended, 'vigie_sql_login_can_write')).toBe(0);
      expect(after.source.warnings?.()).toEqual([]);
    });

    test('a login that may only read is no matter for a warning', async () => {
      const { collectAll, source } = await open({});

      expect(valueOf(await collectAll('one'), 'vigie_sql_login_can_write')).toBe(0);
      expect(source.warnings?.()).toEqual([]);
    });
  });

  test('somebody who tries it is told the server, the phases, the rows and what to mend', async () => {
    let all: Findings = {};
    const { collect } = await open(
      { queries: { one: single('SELECT 1 AS value, NULL AS nothing, \'x\' AS "Note"') } },
      { inspect: (_collector, findings) => void (all = { ...all, ...findings }) },
    );

    await collect('one');

    expect(all.server).toMatch(/^PostgreSQL \d+\.\d+ at 127\.0\.0\.1:\d+$/);
    expect(Object.keys(all.phases ?? {})).toEqual(['connect', 'login', 'execute', 'fetch']);
    expect(all.table).toEqual({ columns: ['value', 'nothing', 'Note'], rows: [['1', 'NULL', 'x']], total: 1 });
    expect(all.warnings).toEqual(['query one: nothing uses the columns nothing, Note; leave them out of the SELECT']);
  });

  describe('that follows a table', () => {
    const history: SqlQuery = {
      sql: 'SELECT id, partner, outcome, bytes, took_ms, done_at FROM history WHERE id > :watermark ORDER BY id',
      incremental: { column: 'id', lag: '0s' },
      flow: 'factures-tge',
      stage: 'received',
      observe: { messages: 'rows', bytes: 'bytes', duration: 'took_ms ms', last_message: 'done_at' },
    };

    beforeEach(async () => {
      await primary.admin(`
        DROP TABLE IF EXISTS history;
        CREATE TABLE history (id bigserial PRIMARY KEY, partner text, outcome text, bytes bigint, took_ms int, done_at timestamptz);
        INSERT INTO history (partner, outcome, bytes, took_ms, done_at) VALUES
          ('chuv', 'ok', 100, 1500, '2026-03-02 08:00:00+01'), ('chuv', 'rejected', 50, 10, '2026-03-02 08:00:01+01');
        GRANT SELECT ON history TO vigie`);
    });

    test('GM6: counts each row once, over a restart and a purge of the table', async () => {
      const records = new Map();
      const first = await open({ queries: { history } }, { records });
      await first.collect('history');
      await first.close();
      await primary.admin(
        "DELETE FROM history; INSERT INTO history (partner, outcome, bytes, took_ms, done_at) VALUES ('hug', 'ok', 1, 1, now())",
      );

      const second = await open({ queries: { history } }, { records });
      const restored = shown(second.counted('history'));
      await second.collect('history');
      await second.collect('history');

      expect(restored).toEqual([
        'flow_last_message_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received} 1772434801',
        'flow_message_bytes_total{flow=factures-tge,partner=chuv,stage=received} 150',
        'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,outcome=ok} 1',
        'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,outcome=rejected} 1',
        'flow_stage_duration_seconds{flow=factures-tge,partner=chuv,stage=received} 2',
      ]);
      expect(shown(second.counted('history'))).toContain('flow_messages_total{flow=factures-tge,partner=hug,stage=received,outcome=ok} 1');
      expect(valueOf(second.counted('history'), 'flow_messages_total', { partner: 'chuv', outcome: 'ok' })).toBe(1);
    });

    test.each([
      ['timestamptz', "'2026-03-29 01:59:59.999999+01'", "'2026-03-29 02:00:00+01'"],
      ['timestamp', "'2026-10-25 02:30:00.000001'", "'2026-10-25 02:30:00.000002'"],
      ['numeric', '9007199254740993.25', '9007199254740993.26'],
      ['bigint', '9223372036854775806', '9223372036854775807'],
    ])('GM6: by a column of type %s, to its last digit', async (type, before, after) => {
      await primary.admin(`
        DROP TABLE IF EXISTS marks; CREATE TABLE marks (at ${type}); GRANT SELECT ON marks TO vigie; INSERT INTO marks VALUES (${before})`);
      const { collect, counted } = await open({
        queries: {
          marks: {
            sql: 'SELECT at FROM marks WHERE at > :watermark ORDER BY at',
            incremental: { column: 'at', lag: '0s' },
            metrics: [{ name: 'exchange_rows_total', help: 'Rows.', value: 'rows' }],
          },
        },
      });

      await collect('marks');
      await collect('marks');
      const first = valueOf(counted('marks'), 'exchange_rows_total');
      await primary.admin(`INSERT INTO marks VALUES (${after})`);
      await collect('marks');
      await collect('marks');

      expect(first).toBe(1);
      expect(valueOf(counted('marks'), 'exchange_rows_total')).toBe(2);
    });
  });
});

/** Of the heap, in MB. */
async function heap(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Signals of flows that are not 0. */
function shown(observations: readonly Observation[]): string[] {
  return lines(observations).filter((line) => line.startsWith('flow_') && !line.endsWith(' 0'));
}

/** As far as V8 lets itself be told. */
async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc === 'function') for (let round = 0; round < 4; round++) gc();
}
