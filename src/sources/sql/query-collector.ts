// A query as a collector: asks, maps the rows, and tells what the asking was like.

import { sql } from '../../conventions.js';
import type { Accumulator } from '../../domain/accumulator.js';
import { parseDuration } from '../../domain/duration.js';
import { concat, type Labels, type Observation } from '../../domain/observation.js';
import { SourceError, type Collector, type SourceConfig, type SourceContext } from '../kind.js';
import type { Database } from './database.js';
import type { Driver } from './driver.js';
import { EventMapper } from './events.js';
import { Incremental, type Ask, type Counted } from './incremental.js';
import type { LoadMeter } from './load-meter.js';
import type { PlaceContext } from './places.js';
import { Questions } from './questions.js';
import { RowMapper } from './rows.js';
import { DEFAULT_LAG, DEFAULT_MAX_ROWS, type SqlOptions, type SqlQuery } from './schema.js';
import type { Reading } from './table.js';
import { asTarget, collectorName, type SqlTarget } from './targets.js';
import { namesStaleness, querySchedule } from './times.js';
import { watermarkOf, watermarkValue } from './watermark.js';

/** So that a limit of ours tells what happened before the frame's own, coarser one does. */
export const FRAME_MARGIN_MS = 500;

export interface QueryPart {
  readonly name: string;
  readonly query: SqlQuery;
  readonly target: SqlTarget;
  /** Labels of all targets; undefined where the source has one database only. */
  readonly labels: readonly string[] | undefined;
  readonly database: Database;
  readonly meter: LoadMeter;
  readonly driver: Driver;
  readonly zones: Reading['zoneOf'];
  /** Milliseconds to wait for the connection. */
  readonly waitMs: number;
  /** The first query of its database tells what runs there. */
  readonly first: boolean;
}

export interface QueryCollector {
  readonly collector: Collector;
  readonly warnings: () => readonly string[];
}

/** What a run found that a person should know. */
interface Notes {
  readonly dropped: number;
  readonly unused: readonly string[];
  /** Declared flows that no row spoke of. */
  readonly silent: readonly string[];
  readonly refused: number;
}

const NOTHING: Notes = { dropped: 0, unused: [], silent: [], refused: 0 };

interface Found {
  readonly observations: Iterable<Observation>;
  readonly notes: Notes;
}

type Run = (ask: Ask) => Promise<Found>;

export async function queryCollector(source: SourceConfig<SqlOptions>, context: SourceContext, part: QueryPart): Promise<QueryCollector> {
  const { query, target, database, meter } = part;
  const name = collectorName(target.name, part.name);
  const times = querySchedule(source, query);
  const labels: Labels = { source: source.name, kind: source.kind, collector: name };
  const accumulator = context.accumulator(name);
  meter.count(name, accumulator.counter(sql.load, labels));
  const questions = new Questions(part, { name, timeoutMs: times.timeout, accumulator, labels, inspect: context.inspect });
  const run = await createRun(source, context, part, accumulator, labels);
  let notes = NOTHING;
  let waitMs = 0;

  const collect = async (signal: AbortSignal): Promise<Iterable<Observation>> => {
    try {
      const found = await run(questions.round(signal));
      ({ notes } = found);
      await database.lookAtRights(signal);
      const about = part.first ? database.serverObservations({ source: source.name, kind: source.kind }) : [];
      waitMs = meter.wait();
      const stretch = { metric: sql.stretch, labels, value: Math.max(1, waitMs / times.interval) };
      return concat([found.observations, questions.phases(), about, [stretch]]);
    } catch (error) {
      waitMs = meter.wait();
      throw inQuery(part.name, error);
    } finally {
      tellInspector(context, name, part, notes);
    }
  };
  return {
    collector: {
      name,
      interval: times.interval,
      timeout: part.waitMs + times.timeout + FRAME_MARGIN_MS,
      get maxStaleness() {
        return times.maxStaleness + (namesStaleness(source, query) ? 0 : waitMs);
      },
      delay: () => waitMs,
      collect,
      accumulator,
    },
    warnings: () => warningsOf(part, notes),
  };
}

async function createRun(
  source: SourceConfig<SqlOptions>,
  context: SourceContext,
  part: QueryPart,
  accumulator: Accumulator,
  labels: Labels,
): Promise<Run> {
  const { query, target, driver, zones } = part;
  const place: PlaceContext = {
    source: context,
    env: source.env,
    path: target.name ?? source.path,
    target: asTarget(target),
    targetLabels: part.labels ?? [],
  };
  const reading: Reading = { query: part.name, timeHint: driver.timeHint, nulls: query.nulls ?? 'skip', zoneOf: zones };
  const rows = accumulator.counter(sql.rows, labels);
  if (query.incremental === undefined) {
    const dropped = accumulator.counter(sql.rowsDropped, labels);
    const mapper = new RowMapper(query, place, reading);
    return async (ask) => {
      const result = await ask({ sql: query.sql }, query.max_rows ?? DEFAULT_MAX_ROWS);
      rows.add(result.rows.length);
      dropped.add(result.dropped);
      const { observations, unused, silent } = mapper.read(result);
      return { observations, notes: { dropped: result.dropped, unused, silent, refused: 0 } };
    };
  }
  const incremental = createIncremental(
    source,
    context,
    part,
    query.incremental,
    new EventMapper(query, place, reading),
    reading,
    accumulator,
  );
  // A record that cannot be read makes each look fail until it can: meanwhile nothing is shown, lest it be 0.
  await incremental.restore().catch(() => {});
  let refused = 0;
  return async (ask) => {
    const counted = await incremental.look(ask);
    rows.add(counted.rows);
    refused += counted.refused;
    return { observations: markObservations(counted, labels), notes: { ...NOTHING, refused } };
  };
}

function createIncremental(
  source: SourceConfig<SqlOptions>,
  context: SourceContext,
  part: QueryPart,
  written: NonNullable<SqlQuery['incremental']>,
  mapper: EventMapper,
  reading: Reading,
  accumulator: Accumulator,
): Incremental {
  const { column, lag, start } = typeof written === 'string' ? { column: written } : written;
  const usualLag = part.driver.commitsInOrder ? '0s' : DEFAULT_LAG;
  const trying = context.inspect !== undefined;
  return new Incremental({
    sql: part.query.sql,
    column,
    // Who tries it wants to see the rows that are there now.
    lagMs: trying ? 0 : (parseDuration(lag ?? usualLag) ?? 0),
    oneBatch: trying,
    start: typeof start === 'object' ? start : start === undefined ? undefined : watermarkOf(start),
    timeoutMs: querySchedule(source, part.query).timeout,
    batch: part.query.max_rows ?? DEFAULT_MAX_ROWS,
    reading,
    mapper,
    accumulator,
    record: context.record(collectorName(part.target.name, part.name)),
    clock: context.clock,
  });
}

function markObservations({ watermark }: Counted, labels: Labels): Observation[] {
  const value = watermark && watermarkValue(watermark);
  return value === undefined ? [] : [{ metric: sql.watermark, labels, value }];
}

function tellInspector({ inspect }: SourceContext, name: string, part: QueryPart, notes: Notes): void {
  if (!inspect) return;
  const { description } = part.database;
  const silent = notes.silent.map((flow) => `no row speaks of the declared flow ${flow}: it is shown as 0`);
  inspect(name, {
    ...(description !== undefined && { server: description }),
    warnings: [...warningsOf(part, notes), ...silent],
  });
}

function warningsOf({ name, target, query }: QueryPart, { dropped, unused, refused }: Notes): string[] {
  const where = `query ${collectorName(target.name, name)}`;
  const found: string[] = [];
  if (dropped > 0) {
    const most = query.max_rows ?? DEFAULT_MAX_ROWS;
    found.push(`${where}: ${dropped} rows beyond the first ${most} were left out; aggregate them, or raise max_rows`);
  }
  if (unused.length > 0) found.push(`${where}: nothing uses the columns ${unused.join(', ')}; leave them out of the SELECT`);
  if (refused > 0) {
    found.push(`${where}: ${refused} values were no sizes, durations or times and were left out; their messages were counted`);
  }
  return found;
}

/** Errors of a query name it; those of the connection concern all queries alike. */
function inQuery(name: string, error: unknown): unknown {
  if (!(error instanceof SourceError) || error.phase !== 'query' || error.message.startsWith(`query ${name}: `)) return error;
  return new SourceError(error.phase, error.errorClass, `query ${name}: ${error.message}`);
}
