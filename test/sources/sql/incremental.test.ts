// Incremental queries on a table in memory: each row counts once, whatever happens.

import { Accumulator } from '../../../src/domain/accumulator.js';
import type { Clock } from '../../../src/domain/clock.js';
import type { Observation } from '../../../src/domain/observation.js';
import { SourceError } from '../../../src/sources/kind.js';
import type { Cell, QueryResult, Statement } from '../../../src/sources/sql/driver.js';
import { EventMapper } from '../../../src/sources/sql/events.js';
import { Incremental, type Ask, type IncrementalOptions } from '../../../src/sources/sql/incremental.js';
import type { SqlQuery } from '../../../src/sources/sql/schema.js';
import { MemoryRecord } from '../../records.js';
import { flows, lines, partners } from './harness.js';

const QUERY: SqlQuery = {
  sql: 'SELECT id, bytes, took_ms FROM history WHERE id > :watermark ORDER BY id',
  incremental: 'id',
  flow: 'factures-tge',
  partner: 'chuv',
  stage: 'received',
  observe: { messages: 'rows', bytes: 'bytes', duration: 'took_ms ms' },
};

/** Time that passes when the test says so, and at once. */
class HandClock implements Clock {
  time = 0;
  now = (): number => this.time;
  monotonic = (): number => this.time;
  after = (): never => {
    throw new Error('nothing here waits');
  };
}

interface Stored {
  readonly id: number;
  /** When its transaction commits, by the clock of the test. */
  readonly visibleAt: number;
  readonly bytes: Cell;
  readonly took: Cell;
}

/** Tells where to begin. */
const BEGIN: Statement = { sql: 'SELECT MAX(id) FROM history' };

/** A table with ids, and a server that answers the statement. */
class History {
  readonly rows: Stored[] = [];
  readonly statements: Statement[] = [];
  /** How long an answer takes. */
  answerMs = 1;
  constructor(private readonly clock: HandClock) {}

  insert(id: number, { visibleAt = this.clock.monotonic(), bytes = 10, took = 1500 }: Partial<Omit<Stored, 'id'>> = {}): void {
    this.rows.push({ id, visibleAt, bytes, took });
  }

  /** Answers BEGIN with the value, and all else as ever. */
  beginningAt(value: Cell): Ask {
    return async (statement, maxRows) =>
      statement === BEGIN
        ? { columns: ['max'], rows: [[value]], dropped: 0, phases: { execute: 1, fetch: 0 } }
        : await this.ask(statement, maxRows);
  }

  ask: Ask = async (statement, maxRows): Promise<QueryResult> => {
    this.statements.push(statement);
    const now = this.clock.monotonic();
    const from = BigInt(statement.watermark?.text ?? '0');
    const visible = this.rows.filter((row) => row.visibleAt <= now && BigInt(row.id) > from).toSorted((a, b) => a.id - b.id);
    this.clock.time += this.answerMs;
    const rows = visible.slice(0, maxRows).map(({ id, bytes, took }) => [id, bytes, took]);
    return { columns: ['id', 'bytes', 'took_ms'], rows, dropped: Number(visible.length > maxRows), phases: { execute: 1, fetch: 0 } };
  };
}

let clock: HandClock;
let record: MemoryRecord;
let accumulator: Accumulator;
let undeclared: string[];

beforeEach(() => {
  clock = new HandClock();
  record = new MemoryRecord();
  accumulator = new Accumulator();
  undeclared = [];
});

/** The exporter as it starts: what it exposes begins anew, the record stays. */
function start(changes: Partial<IncrementalOptions> = {}, query: SqlQuery = QUERY): Incremental {
  accumulator = new Accumulator();
  const source = { flows, partners, undeclared: (label: string, value: string) => void undeclared.push(`${label}=${value}`) };
  const reading = { query: 'processed', timeHint: 'like so', nulls: 'skip', zoneOf: () => undefined } as const;
  return new Incremental({
    sql: query.sql,
    column: 'id',
    lagMs: 0,
    start: undefined,
    timeoutMs: 4000,
    batch: 100,
    oneBatch: false,
    reading,
    mapper: new EventMapper(query, { source, env: 'prod', path: undefined }, reading),
    accumulator,
    record,
    clock,
    ...changes,
  });
}

function exposed(): readonly Observation[] {
  return accumulator.observations();
}

function messages(): number {
  const found = exposed().find(({ metric, labels }) => metric.name === 'flow_messages_total' && labels['outcome'] === 'ok');
  return typeof found?.value === 'number' ? found.value : NaN;
}

describe('an incremental query', () => {
  test('GM6: counts each row once, with its bytes and its duration', async () => {
    const history = new History(clock);
    const incremental = start();
    history.insert(1, { bytes: '100', took: 250 });
    history.insert(2, { bytes: 50n, took: '90000' });

    await incremental.look(history.ask);
    const first = lines(exposed());
    history.insert(7);
    await incremental.look(history.ask);
    const counted = await incremental.look(history.ask);

    expect(first).toContain('flow_messages_total{flow=factures-tge,partner=chuv,stage=received,outcome=ok} 2');
    expect(first).toContain('flow_message_bytes_total{flow=factures-tge,partner=chuv,stage=received} 150');
    expect(first).toContain('flow_stage_duration_seconds{flow=factures-tge,partner=chuv,stage=received} 2');
    expect(messages()).toBe(3);
    expect(counted).toEqual({ rows: 0, refused: 0, watermark: { type: 'integer', text: '7' }, caughtUp: true });
    expect(history.statements.at(-1)?.watermark).toEqual({ type: 'integer', text: '7' });
  });

  test('all declared series are there at 0 before the first row', async () => {
    await start().restore();

    expect(lines(exposed())).toEqual([
      'flow_message_bytes_total{flow=factures-tge,partner=chuv,stage=received} 0',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,outcome=error} 0',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,outcome=ok} 0',
      'flow_messages_total{flow=factures-tge,partner=chuv,stage=received,outcome=rejected} 0',
      'flow_stage_duration_seconds{flow=factures-tge,partner=chuv,stage=received} 0',
    ]);
  });

  test('GM6: shows after a restart what it had counted, before it asks', async () => {
    const history = new History(clock);
    history.insert(1);
    history.insert(2);
    await start().look(history.ask);

    const again = start();
    await again.restore();
    const restored = lines(exposed());
    history.insert(3);
    await again.look(history.ask);

    expect(restored).toContain('flow_messages_total{flow=factures-tge,partner=chuv,stage=received,outcome=ok} 2');
    expect(restored).toContain('flow_stage_duration_seconds{flow=factures-tge,partner=chuv,stage=received} 2');
    expect(messages()).toBe(3);
  });

  test('reads on in batches until it has caught up', async () => {
    const history = new History(clock);
    for (let id = 1; id <= 95; id++) history.insert(id);

    const counted = await start({ batch: 10 }).look(history.ask);

    expect(counted).toMatchObject({ rows: 95, caughtUp: true });
    expect(messages()).toBe(95);
  });

  test('leaves the rest to the next look when its time is nearly over', async () => {
    const history = new History(clock);
    for (let id = 1; id <= 95; id++) history.insert(id);
    history.answerMs = 1000;
    const incremental = start({ batch: 10 });

    const first = await incremental.look(history.ask);
    const second = await incremental.look(history.ask);

    expect(first).toMatchObject({ rows: 30, caughtUp: false });
    expect(second.caughtUp).toBe(false);
    expect(messages()).toBe(60);
  });

  test('holds rows back for its lag, so that a transaction that commits late is counted', async () => {
    const history = new History(clock);
    const incremental = start({ lagMs: 10_000 });
    history.insert(2);
    history.insert(1, { visibleAt: clock.monotonic() + 5_000 });

    await incremental.look(history.ask);
    const early = messages();
    clock.time += 30_000;
    await incremental.look(history.ask);

    expect(early).toBe(0);
    expect(messages()).toBe(2);
  });

  test('what is not on the disk is not shown, and is counted when it can be kept', async () => {
    const history = new History(clock);
    const incremental = start();
    history.insert(1);
    await incremental.look(history.ask);
    history.insert(2);
    record.failure = new SourceError('state', 'state', 'the disk is full');

    const failing = incremental.look(history.ask);
    await expect(failing).rejects.toMatchObject({ errorClass: 'state' });
    const whileFull = messages();
    record.failure = undefined;
    await incremental.look(history.ask);

    expect(whileFull).toBe(1);
    expect(messages()).toBe(2);
  });

  test('a record that cannot be read shows nothing, rather than 0, until it can', async () => {
    const history = new History(clock);
    history.insert(1);
    await start().look(history.ask);
    record.failure = new SourceError('state', 'state', 'damaged');

    const incremental = start();
    await expect(incremental.look(history.ask)).rejects.toMatchObject({ errorClass: 'state' });
    const shown = exposed();
    record.failure = undefined;
    await incremental.look(history.ask);

    expect(shown).toEqual([]);
    expect(messages()).toBe(1);
  });

  test('a record of something else is refused', async () => {
    await record.write({ version: 3 });

    await expect(start().restore()).rejects.toMatchObject({ errorClass: 'state' });
  });

  test('rows that share the last value of a batch are left for the next one, lest some of them be skipped', async () => {
    const history = new History(clock);
    for (const id of [1, 2, 2, 2, 3]) history.insert(id);

    await start({ batch: 3 }).look(history.ask);

    expect(messages()).toBe(5);
  });

  test('more rows of one value than a batch holds are told', async () => {
    const history = new History(clock);
    for (const id of [1, 2, 2, 2, 2, 3]) history.insert(id);

    await expect(start({ batch: 3 }).look(history.ask)).rejects.toThrow(
      'query processed: more than 3 rows have one value of "id": raise max_rows above their number',
    );
    expect(messages()).toBe(1);
  });

  test('begins where the statement of start says, and remembers that', async () => {
    const history = new History(clock);
    history.insert(41);

    await start({ start: BEGIN }).look(history.beginningAt(41));
    history.insert(42);
    // Killed and started again: the maximum of now is no longer where it began.
    await start({ start: BEGIN }).look(history.beginningAt(42));

    expect(messages()).toBe(1);
  });

  test('of an empty table all rows that come are new, also after a restart', async () => {
    const history = new History(clock);

    await start({ start: BEGIN }).look(history.beginningAt(null));
    history.insert(5);
    await start({ start: BEGIN }).look(history.beginningAt(5));

    expect(messages()).toBe(1);
  });

  test('a column of times is found out where the server takes no number for it', async () => {
    const seen: (string | undefined)[] = [];
    const ask: Ask = async ({ watermark }) => {
      seen.push(watermark?.type);
      if (watermark?.type === 'integer') throw new SourceError('query', 'schema', 'no time');
      return { columns: ['id', 'bytes', 'took_ms'], rows: [['2026-03-02 08:00:00.5', 1, 1]], dropped: 0, phases: { execute: 1, fetch: 0 } };
    };
    const incremental = start();

    const counted = await incremental.look(ask);

    expect(seen).toEqual(['integer', 'time']);
    expect(counted.watermark).toEqual({ type: 'time', text: '2026-03-02 08:00:00.5' });
  });

  test.each([
    [
      'rows out of order',
      [
        [2, 1, 1],
        [1, 1, 1],
      ],
      'the rows are not in the order of "id": say ORDER BY id',
    ],
    [
      'a mark of NULL',
      [[null, 1, 1]],
      'column "id" is NULL in row 1; an incremental query follows a column that only grows: an id or a time',
    ],
    [
      'a mark that is a text',
      [['a', 1, 1]],
      'column "id" is neither an integer nor a time in row 1; an incremental query follows a column that only grows: an id or a time',
    ],
  ] satisfies [string, Cell[][], string][])('%s: nothing is counted', async (_title, rows, message) => {
    const ask: Ask = async () => ({ columns: ['id', 'bytes', 'took_ms'], rows, dropped: 0, phases: { execute: 1, fetch: 0 } });

    await expect(start().look(ask)).rejects.toThrow(`query processed: ${message}`);
    expect(messages()).toBe(0);
  });

  test('rows that are not after the mark are not counted again', async () => {
    const rows: Cell[][] = [[1, 1, 1]];
    const ask: Ask = async () => ({ columns: ['id', 'bytes', 'took_ms'], rows, dropped: 0, phases: { execute: 1, fetch: 0 } });
    const incremental = start();
    await incremental.look(ask);

    await expect(incremental.look(ask)).rejects.toThrow('rows came that are not after the mark: say WHERE id > :watermark');
    expect(messages()).toBe(1);
  });

  test('a size or duration that cannot be one is left out, its message is counted', async () => {
    const history = new History(clock);
    history.insert(1, { bytes: 'many', took: -5 });
    history.insert(2, { bytes: null, took: 1000 });

    const counted = await start().look(history.ask);

    expect(counted).toMatchObject({ rows: 2, refused: 2 });
    expect(messages()).toBe(2);
    expect(lines(exposed())).toContain('flow_message_bytes_total{flow=factures-tge,partner=chuv,stage=received} 0');
    expect(lines(exposed())).toContain('flow_stage_duration_seconds{flow=factures-tge,partner=chuv,stage=received} 1');
  });

  test('rows of flows that are not declared are counted as such, once', async () => {
    const history = new History(clock);
    history.insert(1);
    const { flow: _flow, ...rest } = QUERY;
    const incremental = start({}, { ...rest, flow: { from: 'id' } });

    await incremental.look(history.ask);
    await incremental.look(history.ask);

    expect(undeclared).toEqual(['flow=1']);
  });

  test('counters and histograms of the user’s own naming; after a thousand label sets the rest is other', async () => {
    const history = new History(clock);
    for (let id = 1; id <= 1500; id++) history.insert(id, { took: id });
    const query: SqlQuery = {
      sql: QUERY.sql,
      incremental: 'id',
      metrics: [
        { name: 'exchange_rows_total', help: 'Rows.', value: 'rows', labels: [{ label: 'code', from: 'took_ms' }] },
        { name: 'exchange_size_bytes', help: 'Sizes.', type: 'histogram', value: 'bytes', buckets: [5, 20] },
      ],
    };

    await start({ batch: 10_000 }, query).look(history.ask);

    const counters = exposed().filter(({ metric }) => metric.name === 'exchange_rows_total');
    expect(counters).toHaveLength(1001);
    expect(counters.find(({ labels }) => labels['code'] === 'other')?.value).toBe(500);
    expect(exposed().find(({ metric }) => metric.name === 'exchange_size_bytes')?.value).toEqual({
      cumulative: [0, 1500],
      sum: 15_000,
      count: 1500,
    });
  });

  /** Ids are given in order; transactions commit in any order within their time; the exporter dies and its disk is full at times. */
  test.each(Array.from({ length: 60 }, (_, seed) => [seed]))('GM6: nothing is lost and nothing counted twice, seed %i', async (seed) => {
    const random = randomOf(seed);
    const lagMs = 5_000;
    const history = new History(clock);
    const batch = 1 + Math.floor(random() * 20);
    let incremental = start({ lagMs, batch });
    let id = 0;
    let highestShown = 0;
    for (let step = 0; step < 60; step++) {
      for (let count = Math.floor(random() * 8); count > 0; count--) {
        history.insert(++id, { visibleAt: clock.monotonic() + Math.floor(random() * lagMs) });
      }
      if (random() < 0.2) incremental = start({ lagMs, batch });
      record.failure = random() < 0.2 ? new SourceError('state', 'state', 'full') : undefined;
      history.answerMs = random() < 0.2 ? 900 : 1;
      await incremental.look(history.ask).catch(() => {});
      if (exposed().length > 0) {
        expect(messages()).toBeGreaterThanOrEqual(highestShown);
        highestShown = messages();
      }
      clock.time += Math.floor(random() * 3_000);
    }
    record.failure = undefined;
    history.answerMs = 1;
    for (let look = 0; look < 3; look++) {
      clock.time += 20_000;
      await incremental.look(history.ask);
    }

    expect(messages()).toBe(id);
    expect(lines(exposed())).toContain(`flow_message_bytes_total{flow=factures-tge,partner=chuv,stage=received} ${id * 10}`);
  });
});

/** Park and Miller's generator. */
function randomOf(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
