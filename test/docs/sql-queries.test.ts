// The worked queries of the pages on the engines of sql sources: the same rows give the same series on all of them.

import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { globSync } from 'tinyglobby';
import type { Observation } from '../../src/domain/observation.js';
import { drivers } from '../../src/sources/sql/drivers/registry.js';
import { describeWith } from '../servers/describe.js';
import { startPostgres } from '../servers/postgres.js';
import { lines, valueOf } from '../sources/sql/harness.js';
import { queryOf, sqlPage, statementsOf } from './sql-page.js';
import { COUNTS, FIRST_ROWS, LATER_ROWS, STATES } from './sql-rows.js';
import { mariadbWorld, mssqlWorld, postgresWorld, sqliteWorld, type World } from './sql-worlds.js';

const root = join(import.meta.dirname, '..', '..', '..');
const engines = globSync('docs/sources/sql/*.md', { cwd: root }).map((path) => basename(path, '.md'));

describe.each(engines.toSorted())('the worked queries for %s', (engine) => {
  test('GM6: pass vigie check without a warning', async () => {
    const { source, diagnostics } = await sqlPage(engine);

    expect(source.options.driver).toBe(engine);
    expect(diagnostics).toEqual([]);
  });

  test('GM6: are the same as for the other engines', async () => {
    const { source } = await sqlPage(engine);

    expect(Object.keys(source.options.queries)).toEqual(['waiting', 'processed', 'answered', 'rejects', 'loads', 'deliveries', 'ping']);
  });

  test('GM7: are all sent by the driver, which refuses what does not only read', async () => {
    const page = await sqlPage(engine);

    const refused = Object.values(statementsOf(page)).map((sql) => drivers[page.source.options.driver].refusal?.(sql));

    expect(refused.filter((reason) => reason !== undefined)).toEqual([]);
  });

  test('wait for transactions that commit late, where the engine commits side by side', async () => {
    const page = await sqlPage(engine);

    const lags = ['processed', 'answered'].map((name) => {
      const { incremental } = queryOf(page, name);
      return typeof incremental === 'object' ? incremental.lag : undefined;
    });

    expect(lags).toEqual(drivers[page.source.options.driver].commitsInOrder ? [undefined, '5s'] : ['30s', '30s']);
  });
});

function runOn(open: () => Promise<World>): void {
  let world: World;
  const counts: Record<string, string[][]> = {};

  beforeAll(async () => {
    world = await open();
    await world.insert(FIRST_ROWS);
    for (const query of Object.keys(COUNTS)) await world.settle(query);
    for (const rows of LATER_ROWS) {
      await world.insert(rows);
      for (const query of Object.keys(COUNTS)) {
        await world.settle(query);
        (counts[query] ??= []).push(shown(world.harness.counted(query)));
      }
    }
  }, 120_000);

  afterAll(async () => {
    await world?.close();
  });

  test('GM6: backlog by stage, and the oldest that waits', async () => {
    expect(shown(await world.harness.collect('waiting'))).toEqual(STATES['waiting']);
  });

  test('GM6: throughput by watermark: from the first start on, each row once', () => {
    expect(counts['processed']).toEqual(COUNTS['processed']);
  });

  test('GM2: from receipt to answer, each answer once', () => {
    expect(counts['answered']).toEqual(COUNTS['answered']);
  });

  test('GM6: the ten most frequent reject codes of the last hour', async () => {
    expect(shown(await world.harness.collect('rejects'))).toEqual(STATES['rejects']);
  });

  test('EN7: data loads between environments, each downwards or upwards', async () => {
    expect(shown(await world.harness.collect('loads'))).toEqual(STATES['loads']);
  });

  test('EN12: packages announced and delivered', async () => {
    expect(shown(await world.harness.collect('deliveries'))).toEqual(STATES['deliveries']);
  });

  test('NE-T6: the response of the database, as a histogram', async () => {
    const observations = await world.harness.collect('ping');

    expect(shown(observations)).toEqual(STATES['ping']);
    const response = world.harness.counted('ping').find(({ metric }) => metric.name === 'vigie_sql_query_duration_seconds');
    expect(response?.value).toMatchObject({ count: expect.any(Number), sum: expect.any(Number) });
    expect(response?.metric.buckets).toEqual(expect.arrayContaining([0.05, 0.2]));
  });

  test('GM7: the login of the page is enough, and can change nothing', async () => {
    expect(valueOf(await world.harness.collectAll('waiting'), 'vigie_sql_login_can_write')).toBe(0);
  });

  test('no column is selected for nothing, and no row is left out', async () => {
    for (const query of Object.keys(STATES)) await world.harness.collect(query);

    expect(world.harness.source.warnings?.()).toEqual([]);
    expect(world.harness.undeclared).toEqual([]);
  });
}

describeWith(['postgres'], 'the worked queries on PostgreSQL', () => {
  runOn(postgresWorld);
});

describeWith(['mariadbd'], 'the worked queries on MariaDB', () => {
  runOn(mariadbWorld);
});

describe('the worked queries on SQLite', () => {
  runOn(sqliteWorld);
});

describe('the worked queries on what speaks like SQL Server', () => {
  runOn(mssqlWorld);
});

/** Statements of the page that name the history, with a value in the place of their watermark. */
async function readingHistory(engine: string, id: string, time: string): Promise<string[]> {
  return Object.entries(statementsOf(await sqlPage(engine)))
    .filter(([, sql]) => sql.includes('history'))
    .map(([name, sql]) => sql.replaceAll(':watermark', name === 'processed' ? id : time));
}

describe('on SQLite', () => {
  test('GM7: the history is read by its indexes only', async () => {
    const { tables } = await sqlPage('sqlite');
    const database = new DatabaseSync(':memory:');
    database.exec(tables);

    const statements = await readingHistory('sqlite', '0', '0');
    const plans = statements.map((sql) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).get()?.['detail']);

    expect(plans).toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/^SEARCH history/)));
  });
});

describeWith(['postgres'], 'on PostgreSQL', () => {
  test('GM7: the history is read by its indexes only', async () => {
    const { tables } = await sqlPage('postgres');
    const server = await startPostgres();
    // Of tables so small it would otherwise read all.
    await server.admin(`${tables} ALTER ROLE CURRENT_USER SET enable_seqscan = off`);

    const statements = await readingHistory('postgres', '0', 'now()');
    const plans: string[] = [];
    for (const sql of statements) {
      const steps = await server.admin(`EXPLAIN ${sql}`);
      plans.push(steps.map((step) => String(step['QUERY PLAN'])).join('\n'));
    }
    await server.remove();

    expect(plans).toHaveLength(5);
    for (const plan of plans) expect(plan).toMatch(/(?:Index|Bitmap) .*Scan/);
    expect(plans.join('\n')).not.toContain('Seq Scan');
  }, 60_000);
});

/** Series with their values, sorted; of histograms the count, the sum, and where buckets begin to hold more. */
function shown(observations: readonly Observation[]): string[] {
  return observations
    .filter(({ metric }) => !metric.name.startsWith('vigie_'))
    .map((observation) => {
      const [line = ''] = lines([observation]);
      const { metric, value } = observation;
      if (typeof value === 'number') return line;
      const bounds = (metric.buckets ?? []).map((bound, place) => ({ bound, count: value.cumulative[place] ?? 0 }));
      const steps = bounds.filter(({ count }, place) => count > (value.cumulative[place - 1] ?? 0));
      return `${line} in ${value.sum} s: ${steps.map(({ bound, count }) => `${count} to ${bound}`).join(', ')}`;
    })
    .toSorted();
}
