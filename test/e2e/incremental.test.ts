// An exporter that counts the rows of a real PostgreSQL and is killed again and again: nothing is lost and nothing is counted twice.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { scrapeSamples } from '../exporter/http.js';
import { freePort } from '../port.js';
import { describeWith } from '../servers/describe.js';
import { startPostgres, type Postgres } from '../servers/postgres.js';
import { until } from '../wait.js';

const VIGIE = join(import.meta.dirname, '..', '..', 'src', 'main.js');
const LIMIT_MS = 30_000;
const KILLS = 8;

function yaml(port: number): string {
  return `
teams: { exchange: { email: exchange@example.org } }
partners: { chuv: {}, hug: {} }
flows:
  invoices: { title: Invoices, team: exchange, direction: inbound, partners: [chuv, hug], stages: [processed] }
sources:
  exchange-db:
    kind: sql
    driver: postgres
    connection: { server: 127.0.0.1, port: ${port}, database: postgres, user: vigie, password: { env: DB_PASSWORD } }
    interval: 1s
    queries:
      processed:
        sql: SELECT id, partner, bytes, took_ms FROM history WHERE id > :watermark ORDER BY id
        incremental: { column: id, lag: 2s }
        max_rows: 40
        flow: invoices
        stage: processed
        observe: { messages: rows, bytes: bytes, duration: took_ms ms }
`;
}

describeWith(['postgres'], 'counters of an incremental query', () => {
  let server: Postgres;
  let folder: string;
  let exporter: ChildProcess | undefined;

  beforeAll(async () => {
    server = await startPostgres();
    folder = await mkdtemp(join(tmpdir(), 'vigie-incremental-'));
    await server.admin("CREATE ROLE vigie LOGIN PASSWORD 'quiet'");
    await server.admin(`
      CREATE TABLE history (id bigserial PRIMARY KEY, partner text, bytes bigint, took_ms int);
      GRANT SELECT ON history TO vigie`);
    await writeFile(join(folder, 'exporters.yaml'), yaml(server.port));
  }, 60_000);

  afterAll(async () => {
    exporter?.kill('SIGKILL');
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts the exporter. @returns how to scrape the number of messages; NaN while it does not answer */
  async function start(): Promise<() => Promise<number>> {
    const port = await freePort();
    const options = ['--config', join(folder, 'exporters.yaml'), '--state-dir', join(folder, 'state'), '--listen', `127.0.0.1:${port}`];
    exporter = spawn(process.execPath, [VIGIE, 'exporter', 'exchange-db', ...options], {
      env: { ...process.env, DB_PASSWORD: 'quiet' },
      stdio: 'ignore',
    });
    return async () => {
      try {
        const samples = await scrapeSamples(`http://127.0.0.1:${port}`);
        return total(samples, 'flow_messages_total');
      } catch {
        return NaN;
      }
    };
  }

  async function kill(): Promise<void> {
    exporter?.kill('SIGKILL');
    if (exporter) await once(exporter, 'exit');
  }

  test('GM6: after kill -9 at any moment nothing is lost and nothing counted twice, whatever commits late', async () => {
    const writer = new Writer(server);
    const writing = writer.write();
    let highest = 0;
    for (let round = 0; round < KILLS; round++) {
      const scrape = await start();
      // Some are killed before they have asked, some in mid-count, some when they have counted.
      const target = round % 3 === 0 ? 0 : highest + 1 + 25 * (round % 4);
      await until(async () => {
        const seen = await scrape();
        if (Number.isNaN(seen)) return false;
        if (seen < highest) throw new Error(`the counter fell from ${highest} to ${seen}`);
        highest = seen;
        return seen >= target;
      }, LIMIT_MS);
      await kill();
    }
    await writer.stop(writing);
    const scrape = await start();
    await until(async () => (await scrape()) >= writer.rows, LIMIT_MS);
    const [row] = await server.admin('SELECT COUNT(*)::int AS n, SUM(bytes)::int AS bytes FROM history');

    const settled = await scrape();
    expect(settled).toBe(row?.['n']);
    expect(settled).toBe(writer.rows);
    expect(highest).toBeGreaterThan(100);
    await kill();
  }, 180_000);
});

/** Transactions side by side, some of which take their ids early and commit late. */
class Writer {
  rows = 0;
  #stopped = false;

  constructor(private readonly server: Postgres) {}

  async write(): Promise<void> {
    await Promise.all([this.#work(0), this.#work(20), this.#work(700)]);
  }

  async stop(writing: Promise<void>): Promise<void> {
    this.#stopped = true;
    await writing;
  }

  async #work(delayMs: number): Promise<void> {
    const { host, port, database } = this.server;
    const client = new Client({ host, port, database, user: 'admin', password: 'admin-of-the-tests' });
    await client.connect();
    try {
      while (!this.#stopped) {
        await client.query('BEGIN');
        await client.query("INSERT INTO history (partner, bytes, took_ms) VALUES ('chuv', 10, 5), ('hug', 20, 7), ('hug', 30, 9)");
        await client.query('SELECT pg_sleep($1)', [delayMs / 1000]);
        await client.query('COMMIT');
        this.rows += 3;
        await client.query('SELECT pg_sleep(0.03)');
      }
    } finally {
      await client.end();
    }
  }
}

function total(samples: Awaited<ReturnType<typeof scrapeSamples>>, name: string): number {
  return samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);
}
