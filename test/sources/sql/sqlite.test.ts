// Driver sqlite on real files.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Request } from '../../../src/sources/sql/drivers/sqlite-messages.js';
import type { SqlQuery } from '../../../src/sources/sql/schema.js';
import { lines, start, valueOf, type Harness } from './harness.js';

const FOREVER = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) AS value FROM n';

let folder: string;
let file: string;
let harness: Harness | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-sqlite-'));
  file = join(folder, 'exchange.db');
  fill(
    file,
    `
    CREATE TABLE pending (flow TEXT, partner TEXT, stage TEXT, arrived_at INTEGER);
    INSERT INTO pending VALUES
      ('factures-tge', 'chuv', 'received', 1700000300),
      ('factures-tge', 'chuv', 'received', 1700000100),
      ('factures-tge', 'hug', 'validated', 1700000200)`,
  );
});

afterEach(async () => {
  await harness?.close();
  harness = undefined;
  await rm(folder, { recursive: true, force: true });
});

function fill(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

async function source(queries: Record<string, SqlQuery>, timeout = 4000): Promise<Harness> {
  harness = await start({ kind: 'sql', driver: 'sqlite', connection: { file }, queries }, '', { timeout });
  return harness;
}

/** A query whose single column is a metric without labels. */
function single(sql: string): SqlQuery {
  return { sql, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value' }] };
}

describe('driver sqlite', () => {
  test('GM6: turns rows into signals, and declared places without a row into zeros', async () => {
    const { collect } = await source({
      waiting: {
        sql: 'SELECT flow, partner, stage, COUNT(*) AS messages, MIN(arrived_at) AS oldest FROM pending GROUP BY 1, 2, 3',
        flow: 'factures-tge',
        observe: { backlog: 'messages', backlog_oldest: 'oldest' },
      },
    });

    const observations = await collect('waiting');

    expect(lines(observations)).toEqual([
      'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received} 2',
      'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=validated} 0',
      'flow_backlog_messages{flow=factures-tge,partner=hug,stage=received} 0',
      'flow_backlog_messages{flow=factures-tge,partner=hug,stage=validated} 1',
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received} 1700000100',
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=chuv,stage=validated} 0',
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=hug,stage=received} 0',
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=hug,stage=validated} 1700000200',
    ]);
  });

  test('reads integers beyond 2^53 as the nearest double', async () => {
    const { collect } = await source({ big: single('SELECT 9223372036854775807 AS value') });

    const observations = await collect('big');

    expect(valueOf(observations, 'exchange_value')).toBe(2 ** 63);
  });

  test('opens the database read-only', async () => {
    const { fail } = await source({ purge: single('DELETE FROM pending RETURNING 1 AS value') });

    const error = await fail('purge');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'permission' });
    expect(new DatabaseSync(file).prepare('SELECT COUNT(*) AS n FROM pending').get()).toEqual({ n: 3 });
  });

  test.each([
    ['SELEC 1 AS value', 'syntax', 'query wrong: near "SELEC": syntax error'],
    ['SELECT value FROM nowhere', 'schema', 'query wrong: no such table: nowhere'],
    ['SELECT absent AS value FROM pending', 'schema', 'query wrong: no such column: absent'],
    ['SELECT 1 AS other', 'schema', 'query wrong: no column "value" (it returned: other)'],
  ])('tells what is wrong with %s', async (sql, errorClass, message) => {
    const { fail } = await source({ wrong: single(sql) });

    const error = await fail('wrong');

    expect(error).toMatchObject({ phase: 'query', errorClass, message });
  });

  test('says that a file is missing, and finds it once it is there', async () => {
    await rename(file, `${file}.away`);
    const { collect, fail } = await source({ count: single('SELECT COUNT(*) AS value FROM pending') });

    const error = await fail('count');
    await rename(`${file}.away`, file);
    const observations = await collect('count');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'not_found' });
    expect(valueOf(observations, 'exchange_value')).toBe(3);
  });

  test('says that a file is no database', async () => {
    await writeFile(file, 'a text that is long enough to be taken for the head of a database, and is none at all, whatever its name says');
    const { fail } = await source({ count: single('SELECT 1 AS value FROM sqlite_master') });

    const error = await fail('count');

    expect(error).toMatchObject({ errorClass: 'protocol', message: `${file}: the file is no SQLite database` });
  });

  test('says that a folder is no database', async () => {
    await rm(file);
    await mkdir(file);
    const { fail } = await source({ count: single('SELECT 1 AS value FROM sqlite_master') });

    const error = await fail('count');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'config', message: `${file}: that is no file` });
  });

  test('reads the file that is there now, not one that was replaced', async () => {
    const { collect } = await source({ count: single('SELECT COUNT(*) AS value FROM pending') });
    await collect('count');

    fill(`${file}.new`, 'CREATE TABLE pending (flow TEXT)');
    await rename(`${file}.new`, file);
    const observations = await collect('count');

    expect(valueOf(observations, 'exchange_value')).toBe(0);
  });

  test('ends a query at its time-out, keeps the event loop free meanwhile, and goes on with the next', async () => {
    const { collect, fail } = await source({
      forever: { ...single(FOREVER), timeout: '300ms' },
      count: single('SELECT COUNT(*) AS value FROM pending'),
    });
    await collect('count');
    const startedAt = performance.now();

    const [error, observations] = await Promise.all([fail('forever'), collect('count')]);

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout', message: 'query forever: no answer within 300ms' });
    expect(valueOf(observations, 'exchange_value')).toBe(3);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test('an abort ends a query that runs', async () => {
    const { fail } = await source({ forever: single(FOREVER) });
    const stop = new AbortController();

    const failing = fail('forever', stop.signal);
    stop.abort();

    expect(await failing).toMatchObject({ errorClass: 'timeout' });
  });

  test('the process that reads is gone as soon as the exporter is, in mid-query too', async () => {
    const script = fileURLToPath(new URL('../../../src/sources/sql/drivers/sqlite-process.js', import.meta.url));
    const reader = fork(script, [file], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const gone = once(reader, 'exit');
    const request: Request = { sql: 'SELECT 1', watermark: undefined, countDropped: true, maxRows: 1, busyMs: 0 };
    reader.send(request);
    await once(reader, 'message');
    reader.send({ ...request, sql: FOREVER });

    reader.disconnect();

    expect(await gone).toEqual([null, 'SIGKILL']);
  });

  test('says that somebody else keeps the database locked', async () => {
    const { collect, fail } = await source({ count: single('SELECT COUNT(*) AS value FROM pending') }, 1000);
    await collect('count');
    const writer = new DatabaseSync(file);
    writer.exec('BEGIN EXCLUSIVE');

    const error = await fail('count');
    writer.close();

    expect(error).toMatchObject({ errorClass: 'timeout', message: 'query count: the database stayed locked by somebody else' });
  });

  test.each([
    ['INTEGER', '9223372036854775806', '9223372036854775807'],
    ['TEXT', "'2026-03-02 08:00:00.000001'", "'2026-03-02 08:00:00.000002'"],
  ])('GM6: counts each row once by a column of type %s, at once and to its last digit', async (type, before, after) => {
    fill(file, `CREATE TABLE marks (at ${type}, note TEXT); INSERT INTO marks VALUES (${before}, ':watermark')`);
    const { collect, counted } = await source({
      marks: {
        sql: "SELECT at FROM marks WHERE at > :watermark AND note = ':watermark' ORDER BY at -- :watermark",
        incremental: 'at',
        metrics: [{ name: 'exchange_rows_total', help: 'Rows.', value: 'rows' }],
      },
    });

    await collect('marks');
    await collect('marks');
    const first = valueOf(counted('marks'), 'exchange_rows_total');
    fill(file, `INSERT INTO marks VALUES (${after}, ':watermark')`);
    await collect('marks');
    await collect('marks');

    expect(first).toBe(1);
    expect(valueOf(counted('marks'), 'exchange_rows_total')).toBe(2);
  });

  test('tells which SQLite it is, and that it cannot write', async () => {
    const { collectAll } = await source({ one: single('SELECT 1 AS value') });

    const observations = await collectAll('one');

    expect(valueOf(observations, 'vigie_sql_server_info', { product: `SQLite ${process.versions['sqlite']}` })).toBe(1);
    expect(valueOf(observations, 'vigie_sql_login_can_write')).toBe(0);
    expect(observations.flatMap(({ labels: { phase } }) => phase ?? [])).toEqual(['execute', 'fetch']);
  });

  test('GM6: rows beyond max_rows are counted and left out', async () => {
    const rows = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 11) SELECT i AS value, i AS code FROM n';
    const { collect, counted } = await source({
      many: { sql: rows, max_rows: 10, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value', labels: ['code'] }] },
    });

    const observations = await collect('many');

    expect(observations).toHaveLength(10);
    expect(valueOf(counted('many'), 'vigie_sql_rows_dropped_total')).toBe(1);
  });
});
