// Connections that are shared: who gets one, who waits, and what becomes of those that are lost.

import { SourceError } from '../../../src/sources/kind.js';
import { TooManyConnections } from '../../../src/sources/ftp/errors.js';
import { Pool, type Pooled } from '../../../src/sources/ftp/pool.js';
import { settle } from '../../fake-clock.js';

class Fake implements Pooled {
  ended = false;
  changed = false;
  alive = true;
  begin(): void {
    this.changed = false;
  }
  destroy(): void {
    this.ended = true;
  }
  prove(): Promise<boolean> {
    return Promise.resolve(this.alive);
  }
}

const never = new AbortController().signal;
const lost = () => new SourceError('list', 'lost', 'gone');

function pool(most: number, open: () => Promise<Fake> = () => Promise.resolve(new Fake())): { pool: Pool<Fake>; opened: Fake[] } {
  const opened: Fake[] = [];
  const counting = async () => {
    const connection = await open();
    opened.push(connection);
    return connection;
  };
  return { pool: new Pool(counting, most), opened };
}

/** Work that goes on until it is told to end. */
function held(): { work: (connection: Fake) => Promise<Fake>; end: () => void; readonly begun: boolean } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { begun: false };
  return {
    work: async (connection) => {
      state.begun = true;
      await promise;
      return connection;
    },
    end: () => resolve(),
    get begun() {
      return state.begun;
    },
  };
}

describe('a pool of connections', () => {
  test('uses one again and again', async () => {
    const { pool: shared, opened } = pool(2);

    for (let run = 0; run < 3; run++) await shared.use(never, () => Promise.resolve());

    expect(opened).toHaveLength(1);
  });

  test('gives each to one at a time, in the order of asking', async () => {
    const { pool: shared, opened } = pool(2);
    const works = [held(), held(), held(), held()];
    const done = works.map(({ work }) => shared.use(never, work));
    await settle();
    expect(works.map(({ begun }) => begun)).toEqual([true, true, false, false]);

    works[1]?.end();
    await settle();
    expect(works.map(({ begun }) => begun)).toEqual([true, true, true, false]);

    for (const { end } of works) end();
    await Promise.all(done);
    expect(opened).toHaveLength(2);
  });

  test('lets nobody wait for longer than the signal says', async () => {
    const { pool: shared } = pool(1);
    const first = held();
    const running = shared.use(never, first.work);
    const impatient = new AbortController();

    const waiting = shared.use(impatient.signal, () => Promise.resolve());
    impatient.abort();

    await expect(waiting).rejects.toMatchObject({ phase: 'connect', errorClass: 'timeout' });
    first.end();
    await running;
    await expect(shared.use(never, () => Promise.resolve('ok'))).resolves.toBe('ok');
  });

  test('tries once more on a fresh connection where a known one is lost', async () => {
    const { pool: shared, opened } = pool(1);
    await shared.use(never, () => Promise.resolve());
    let runs = 0;

    const done = await shared.use(never, (connection) => {
      if (++runs > 1) return Promise.resolve('done');
      connection.destroy();
      return Promise.reject(lost());
    });

    expect(done).toBe('done');
    expect(opened).toHaveLength(2);
  });

  test('tries nothing twice that has changed something, or that was lost on a fresh connection', async () => {
    const { pool: shared, opened } = pool(1);
    const fail = (changed: boolean) =>
      shared.use(never, (connection) => {
        connection.changed = changed;
        connection.destroy();
        return Promise.reject(lost());
      });

    await expect(fail(false)).rejects.toThrow('gone');
    await shared.use(never, () => Promise.resolve());
    await expect(fail(true)).rejects.toThrow('gone');

    expect(opened).toHaveLength(2);
  });

  test('leaves out those that give no sign of life', async () => {
    const { pool: shared, opened } = pool(1);
    await shared.use(never, (connection) => Promise.resolve((connection.alive = false)));

    await shared.use(never, () => Promise.resolve());

    expect(opened.map(({ ended }) => ended)).toEqual([true, false]);
  });

  test('makes do with fewer where the server takes no more', async () => {
    let open = 0;
    const { pool: shared, opened } = pool(3, () => {
      if (open > 0) return Promise.reject(new TooManyConnections('connect', 'refused', 'no more'));
      open++;
      return Promise.resolve(new Fake());
    });
    const works = [held(), held(), held()];
    const done = works.map(({ work }) => shared.use(never, work));
    await settle();
    expect(works.map(({ begun }) => begun)).toEqual([true, false, false]);

    for (const { end } of works) end();
    await Promise.all(done);

    expect(opened).toHaveLength(1);
  });

  test('waits for a connection that is being opened where the server takes no second one', async () => {
    const { promise, resolve } = Promise.withResolvers<Fake>();
    let asked = 0;
    const { pool: shared, opened } = pool(2, () =>
      ++asked === 1 ? promise : Promise.reject(new TooManyConnections('connect', 'refused', 'no more')),
    );
    const done = [shared.use(never, () => Promise.resolve()), shared.use(never, () => Promise.resolve())];
    await settle();

    resolve(new Fake());
    await Promise.all(done);

    expect(opened).toHaveLength(1);
  });

  test('fails for all where the server takes not even one, at once', async () => {
    const { pool: shared } = pool(2, () => Promise.reject(new TooManyConnections('connect', 'refused', 'none')));

    const done = await Promise.allSettled([shared.use(never, () => Promise.resolve()), shared.use(never, () => Promise.resolve())]);

    expect(done.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('fails where the server takes not even one', async () => {
    const { pool: shared } = pool(2, () => Promise.reject(new TooManyConnections('connect', 'refused', 'none')));

    await expect(shared.use(never, () => Promise.resolve())).rejects.toThrow('none');
    await expect(shared.use(never, () => Promise.resolve())).rejects.toThrow('none');
  });

  test('ends all its connections when it is closed, those in use too', async () => {
    const { pool: shared, opened } = pool(2);
    const first = held();
    const running = shared.use(never, first.work);
    await settle();

    await shared.close();
    first.end();
    await running;

    expect(opened.map(({ ended }) => ended)).toEqual([true]);
  });
});
