// Vigie and prometheus-sql-exporter with the same query against the same PostgreSQL, each in its own words.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from '../test/servers/describe.js';
import type { Postgres } from '../test/servers/postgres.js';
import type { Rival } from './contestant.js';
import { launch, launchVigie } from './launch.js';

const USER = 'watcher';
const PASSWORD = 'watches';
const LABELS = ['sender', 'interface', 'code'];

/** How the package starts it: /etc/default/prometheus-sql-exporter. */
const DEBIAN_DEFAULTS = { GOGC: '40', GOMAXPROCS: '4', LOGLEVEL: 'WARN' } as const;

/** What both are told to do. */
export interface Task {
  readonly folder: string;
  readonly database: Postgres;
  readonly rows: number;
  readonly intervalSeconds: number;
}

/** A table of so many rows: three labels as an exchange of files has them, and a count. */
export async function createMeasurements(database: Postgres, rows: number): Promise<void> {
  await database.admin(`CREATE ROLE ${USER} LOGIN PASSWORD '${PASSWORD}'`);
  await database.admin(`CREATE TABLE measurements AS SELECT id,
    'hospital-' || lpad((id % 250)::text, 3, '0') AS sender,
    (ARRAY['invoices','admissions','lab-results','prescriptions'])[1 + id % 4] || '-v' || (id / 1000) % 10 AS interface,
    'E' || lpad(id::text, 6, '0') AS code,
    floor(random() * 10000)::float8 AS messages
    FROM generate_series(0, ${rows - 1}) AS id`);
  await database.admin('ALTER TABLE measurements ADD PRIMARY KEY (id)');
  await database.admin(`GRANT SELECT ON measurements TO ${USER}`);
  await database.admin('VACUUM ANALYZE measurements');
}

function query(rows: number): string {
  return `SELECT ${LABELS.join(', ')}, messages FROM measurements WHERE id < ${rows}`;
}

export function vigie({ folder, database: { host, port, database }, rows, intervalSeconds }: Task): Rival {
  const config = join(folder, 'exporters.yaml');
  const yaml = `
teams: { exchange: { email: exchange@example.org } }
sources:
  exchange-db:
    kind: sql
    team: exchange
    driver: postgres
    interval: ${intervalSeconds}s
    max_series: ${rows}
    connection: { server: ${host}, port: ${port}, database: ${database}, user: ${USER}, password: { env: BENCH_PASSWORD } }
    queries:
      messages:
        sql: ${query(rows)}
        max_rows: ${rows * 2}
        metrics: [{ name: exchange_messages, help: Messages by code., value: messages, labels: [${LABELS.join(', ')}] }]
`;
  return {
    name: 'vigie',
    series: 'exchange_messages{',
    collections: 'vigie_source_collections_total{',
    start: async () => {
      await writeFile(config, yaml);
      return launchVigie(['exporter', 'exchange-db', '--config', config], { BENCH_PASSWORD: PASSWORD });
    },
  };
}

export function sqlExporter({ folder, database: { host, port, database }, rows, intervalSeconds }: Task): Rival {
  const config = join(folder, 'sql-exporter.yml');
  // Its `interval` is the pause between two runs; by cron it runs on slots, as Vigie does, and so equally often.
  const yaml = `
jobs:
  - name: exchange
    cron_schedule: "@every ${intervalSeconds}s"
    connections: ["postgres://${USER}:${PASSWORD}@${host}:${port}/${database}?sslmode=disable"]
    queries:
      - name: messages
        help: Messages by code.
        labels: [${LABELS.join(', ')}]
        values: [messages]
        query: ${query(rows)}
`;
  return {
    name: 'sql_exporter',
    series: 'sql_messages{',
    collections: 'sql_exporter_queries_total{',
    start: async () => {
      await writeFile(config, yaml);
      const args = (own: number) => ['-config.file', config, '-web.listen-address', `127.0.0.1:${own}`];
      return launch({ path: program('sqlExporter'), args, env: DEBIAN_DEFAULTS });
    },
  };
}
