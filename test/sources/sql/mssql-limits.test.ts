// Driver mssql, answers that are larger than anybody wants: counted as they go by, never kept, and ended in time.

import { memoryUsed } from '../../memory.js';
import { createWorld, limits, values, type World } from './mssql-double.js';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await world.stop();
});

afterAll(async () => {
  await world.remove();
});

function* numbers(count: number): Generator<readonly number[]> {
  for (let number = 0; number < count; number++) yield [number];
}

const columns = values('int').columns;

describe('driver mssql, rows beyond the limit', () => {
  test('GM6: of a result of a million rows the first are kept and the others counted, in memory that stays as it was', async () => {
    let highest = 0;
    function* watched(): Generator<readonly number[]> {
      for (const row of numbers(1_000_000)) {
        if (Number(row[0]) % 100_000 === 0) highest = Math.max(highest, memoryUsed());
        yield row;
      }
    }
    const server = await world.server({ onQuery: () => ({ columns, rows: watched() }) });
    const connection = await world.connect(server);
    const before = memoryUsed();

    const { rows, dropped } = await connection.query({ sql: 'SELECT many' }, limits({ maxRows: 100, timeoutMs: 60_000 }));

    expect(rows).toHaveLength(100);
    expect(rows.at(-1)).toEqual([99]);
    expect(dropped).toBe(999_900);
    expect(server.attentions).toEqual([]);
    // A million rows that are kept take more than 150 MB; what is on its way to be collected, up to 65.
    expect(highest - before).toBeLessThan(80_000_000);
  }, 60_000);

  test('GM6: a result without end is counted until the time is nearly over; the connection stays', async () => {
    const server = await world.server({
      onQuery: (sql) => (sql === 'SELECT 1' ? values('int', 1) : { columns, rows: numbers(Infinity) }),
    });
    const connection = await world.connect(server);

    const { rows, dropped, phases } = await connection.query({ sql: 'SELECT many' }, limits({ maxRows: 10, timeoutMs: 4000 }));

    expect(rows).toEqual(Array.from({ length: 10 }, (_, number) => [number]));
    expect(dropped).toBeGreaterThan(0);
    expect(phases.fetch).toBeGreaterThan(phases.execute);
    expect(server.attentions).toHaveLength(1);
    expect(connection.usable).toBe(true);
    expect((await connection.query({ sql: 'SELECT 1' }, limits())).rows).toEqual([[1]]);
    expect(server.open).toBe(1);
  }, 20_000);

  test('a server that hangs after more than enough rows does not cost them', async () => {
    const server = await world.server({ onQuery: () => [values('int', 1, 2, 3), 'hang'] });
    const connection = await world.connect(server);

    const { rows, dropped } = await connection.query({ sql: 'SELECT many' }, limits({ maxRows: 2, timeoutMs: 600 }));

    expect(rows).toEqual([[1], [2]]);
    expect(dropped).toBe(1);
    expect(connection.usable).toBe(true);
  });

  test('a server that hangs before that is a time-out, not half a result', async () => {
    const server = await world.server({ onQuery: () => [values('int', 1, 2), 'hang'] });
    const connection = await world.connect(server);

    const failing = connection.query({ sql: 'SELECT few' }, limits({ maxRows: 2, timeoutMs: 300, signal: AbortSignal.timeout(300) }));

    await expect(failing).rejects.toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(connection.usable).toBe(true);
  });

  test('where nobody counts, the server is told to stop after one more', async () => {
    const server = await world.server({ onQuery: () => ({ columns, rows: numbers(Infinity) }) });
    const connection = await world.connect(server);

    const { rows, dropped } = await connection.query({ sql: 'SELECT many' }, limits({ maxRows: 10, countDropped: false }));

    expect([rows.length, dropped]).toEqual([10, 1]);
    expect(server.attentions).toHaveLength(1);
    expect(server.rowsSent).toBeLessThan(1_000_000);
    expect(connection.usable).toBe(true);
  });

  test('exactly as many as wanted: none is dropped', async () => {
    const server = await world.server({ onQuery: () => values('int', 1, 2) });
    const connection = await world.connect(server);

    const { rows, dropped } = await connection.query({ sql: 'SELECT two' }, limits({ maxRows: 2 }));

    expect([rows.length, dropped]).toEqual([2, 0]);
    expect(server.attentions).toEqual([]);
  });

  test('the phases of a query without rows: all of it is execution', async () => {
    const server = await world.server({ onQuery: () => values('int') });
    const connection = await world.connect(server);

    const { phases } = await connection.query({ sql: 'SELECT none' }, limits());

    expect(phases.execute).toBeGreaterThan(0);
    expect(phases.fetch).toBe(0);
  });
});
