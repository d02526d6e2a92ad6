// The one connection of a source, on a connection that a test holds in its hands.

import type { Connection, ExcessRight, QueryResult, ServerState, Statement } from '../../../src/sources/sql/driver.js';
import { SourceError } from '../../../src/sources/kind.js';
import { Gate } from '../../../src/sources/sql/gate.js';
import { Session, type QueryRequest } from '../../../src/sources/sql/session.js';
import { FakeClock, settle } from '../../fake-clock.js';

const EMPTY: QueryResult = { columns: [], rows: [], dropped: 0, phases: { execute: 0, fetch: 0 } };

/** A server whose answers come when the test says so. */
class Server {
  readonly connections: HeldConnection[] = [];
  down = false;

  connect = async (): Promise<Connection> => {
    if (this.down) throw new Error('refused');
    const connection = new HeldConnection();
    this.connections.push(connection);
    return connection;
  };

  get running(): string[] {
    return this.connections.flatMap(({ running }) => [...running.keys()]);
  }

  answer(sql: string): void {
    for (const { running } of this.connections) running.get(sql)?.();
  }
}

class HeldConnection implements Connection {
  usable = true;
  readonly product = 'Held 1.0';
  readonly address = 'held:1';
  readonly phases = {};
  readonly running = new Map<string, () => void>();

  async query({ sql }: Statement): Promise<QueryResult> {
    await new Promise<void>((resolve) => this.running.set(sql, resolve));
    this.running.delete(sql);
    return EMPTY;
  }

  async state(): Promise<ServerState> {
    return { role: 'primary' };
  }

  async excessRights(): Promise<readonly ExcessRight[]> {
    return [];
  }

  async close(): Promise<void> {
    this.usable = false;
  }
}

let clock: FakeClock;
let server: Server;
let session: Session;

beforeEach(() => {
  clock = new FakeClock();
  server = new Server();
  session = new Session({ connect: server.connect, clock });
});

function ask(name: string, changes: Partial<QueryRequest> = {}): Promise<QueryResult> {
  const signal = new AbortController().signal;
  return session.query({ name, statement: { sql: name }, maxRows: 10, timeoutMs: 4000, waitMs: 10_000, signal, ...changes });
}

describe('the session of a sql source', () => {
  test('runs one query at a time over one connection, in the order they came', async () => {
    const first = ask('first');
    const second = ask('second');
    await settle();
    const before = server.running;

    server.answer('first');
    await first;
    await settle();

    expect([before, server.running, server.connections.length]).toEqual([['first'], ['second'], 1]);
    server.answer('second');
    await second;
  });

  test('lets the next one run only when the server has let go of a query that timed out', async () => {
    const hung = ask('hung');
    const next = ask('next');
    hung.catch(() => {});

    await clock.advance(4000);
    await expect(hung).rejects.toMatchObject({ phase: 'query', errorClass: 'timeout', message: 'no answer within 4s' });
    const whileItHangs = server.running;
    server.answer('hung');
    await settle();

    expect([whileItHangs, server.running]).toEqual([['hung'], ['next']]);
    server.answer('next');
    await next;
  });

  test('waits for its turn as long as it may, says who has it, and hands on the turn it no longer needs', async () => {
    const hung = ask('hung', { timeoutMs: 60_000 });
    const impatient = ask('impatient', { waitMs: 5000 });
    const patient = ask('patient', { waitMs: 50_000 });
    impatient.catch(() => {});

    await clock.advance(5000);
    server.answer('hung');
    await hung;
    await settle();

    await expect(impatient).rejects.toMatchObject({
      phase: 'connect',
      errorClass: 'timeout',
      message: 'waited 5s for the connection, which the query hung uses',
    });
    expect(server.running).toEqual(['patient']);
    server.answer('patient');
    await patient;
  });

  test('replaces a connection that was lost, and tries again after one that failed', async () => {
    const first = ask('first');
    await settle();
    server.answer('first');
    await first;
    const [lost] = server.connections;
    if (lost) lost.usable = false;
    server.down = true;

    await expect(ask('second')).rejects.toThrow('refused');
    server.down = false;
    const third = ask('third');
    await settle();
    server.answer('third');
    await third;

    expect(server.connections.map(({ usable }) => usable)).toEqual([false, true]);
  });

  test('a close ends what waits and what runs', async () => {
    const running = ask('running');
    const waiting = ask('waiting');
    const both = Promise.allSettled([running, waiting]);
    await settle();

    const closing = session.close();
    await settle();
    server.answer('running');
    await closing;

    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(server.connections.map(({ usable }) => usable)).toEqual([false]);
  });

  test('leaves no timer behind', async () => {
    const first = ask('first');
    await settle();
    server.answer('first');
    await first;

    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a session that looks at its connection first', () => {
  test('GM7: one that is not admitted is closed, and the next query makes a new one', async () => {
    const admissions: Connection[] = [];
    session = new Session({
      connect: server.connect,
      admit: async (connection) => {
        admissions.push(connection);
        if (admissions.length === 1) throw new SourceError('role', 'role', 'a primary');
      },
      clock,
    });

    await expect(ask('first')).rejects.toMatchObject({ errorClass: 'role' });
    const second = ask('second');
    await settle();
    server.answer('second');
    await second;

    expect(server.connections.map(({ usable }) => usable)).toEqual([false, true]);
    expect(admissions).toEqual(server.connections);
  });

  test('tells what the work took, that of one that failed too, without the time to connect', async () => {
    const spent: [string, number][] = [];
    session = new Session({ connect: server.connect, clock, spent: (name, ms) => void spent.push([name, ms]) });

    const first = ask('first', { timeoutMs: 4000 });
    await clock.advance(1500);
    server.answer('first');
    await first;
    const late = ask('late', { timeoutMs: 4000 });
    await clock.advance(4000);
    await expect(late).rejects.toMatchObject({ errorClass: 'timeout' });
    await clock.advance(500);
    server.answer('late');
    await settle();

    expect(spent).toEqual([
      ['first', 1500],
      ['late', 4500],
    ]);
  });

  test('waits for its turn among others, no longer than it may', async () => {
    const gate = new Gate(1);
    const leave = await gate.enter(new AbortController().signal);
    session = new Session({ connect: server.connect, clock, gate });

    const failing = ask('first', { waitMs: 2000 });
    await clock.advance(2000);
    await expect(failing).rejects.toThrow('waited 2s for its turn among the targets of the source');
    leave();
    const second = ask('second');
    await settle();
    server.answer('second');

    await expect(second).resolves.toMatchObject({ rows: [] });
  });
});

describe('a server that cannot be reached', () => {
  test('is tried once for all that waited meanwhile, and again for who comes later', async () => {
    let attempts = 0;
    session = new Session({
      connect: async (signal) => {
        attempts++;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        throw new SourceError('connect', 'lost', 'cut off');
      },
      clock,
    });
    const all = ['first', 'second', 'third'].map((name) => ask(name, { timeoutMs: 4000 }).catch((error: unknown) => error));

    await clock.advance(4000);
    const errors = await Promise.all(all);
    const later = ask('later', { timeoutMs: 4000 }).catch((error: unknown) => error);
    await clock.advance(4000);

    expect(errors).toEqual(
      errors.map(() => expect.objectContaining({ phase: 'connect', errorClass: 'timeout', message: 'no connection within 4s' })),
    );
    expect(await later).toMatchObject({ errorClass: 'timeout' });
    expect(attempts).toBe(2);
  });
});
