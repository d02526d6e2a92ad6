// Driver postgres on a server that follows another one: the role is proved, the lag is true.

import type { Connection } from '../../../src/sources/sql/driver.js';
import { describeWith } from '../../servers/describe.js';
import { startPostgres, startPostgresReplica, type Postgres } from '../../servers/postgres.js';
import { until } from '../../wait.js';
import { connect, failure, LIMITS, read } from './postgres-direct.js';

const LOGIN = { user: 'vigie', password: 'reads-only' };
/** Sees the details of the receiver. */
const WATCHER = { user: 'watcher', password: 'sees-more' };

describeWith(['postgres'], 'driver postgres on a replica', () => {
  let primary: Postgres;
  let replica: Postgres;
  let connection: Connection;

  beforeAll(async () => {
    primary = await startPostgres();
    await primary.admin(`CREATE ROLE vigie LOGIN PASSWORD '${LOGIN.password}'`);
    await primary.admin(`CREATE ROLE watcher LOGIN PASSWORD '${WATCHER.password}' IN ROLE pg_monitor`);
    await primary.admin('CREATE TABLE pending (flow text); GRANT SELECT ON pending TO vigie');
    replica = await startPostgresReplica(primary);
    connection = await connect(replica, LOGIN);
  }, 60_000);

  afterAll(async () => {
    await connection?.close();
    await replica?.remove();
    await primary?.remove();
  });

  async function lag(of: Connection = connection): Promise<number | undefined> {
    return (await of.state(LIMITS)).lagSeconds;
  }

  async function write(): Promise<void> {
    await primary.admin("INSERT INTO pending VALUES ('factures-tge')");
  }

  async function rows(): Promise<number> {
    return Number((await read(connection, 'SELECT COUNT(*) FROM pending')).rows[0]?.[0]);
  }

  test('GM7: tells a primary from a replica', async () => {
    const other = await connect(primary, LOGIN);

    const states = [await other.state(LIMITS), await connection.state(LIMITS)];
    await other.close();

    expect(states[0]).toEqual({ role: 'primary' });
    expect(states[1]).toMatchObject({ role: 'replica' });
  });

  test.each([LOGIN, WATCHER])(
    'GM7: a replica of an idle primary is not behind, however long ago the last write was ($user)',
    async (login) => {
      await write();
      const other = await connect(replica, login);
      await until(async () => (await lag(other)) === 0);
      // The last transaction is over for a while, by the server's own clock.
      await until(async () => {
        const [row] = await replica.admin("SELECT now() - pg_last_xact_replay_timestamp() > interval '300 ms' AS old");
        return row?.['old'] === true;
      });

      const idle = await lag(other);
      await other.close();

      expect(idle).toBe(0);
    },
  );

  test('GM7: the lag grows while replay is paused, and is gone after', async () => {
    await until(async () => (await lag()) === 0);
    const before = await rows();
    await replica.admin('SELECT pg_wal_replay_pause()');
    await write();
    await until(async () => (await lag()) !== 0);

    const first = (await lag()) ?? 0;
    const second = await until(async () => {
      const now = (await lag()) ?? 0;
      return now > first + 0.2 ? now : 0;
    });
    const paused = await rows();
    await replica.admin('SELECT pg_wal_replay_resume()');
    await until(async () => (await lag()) === 0);

    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(paused).toBe(before);
    expect(await rows()).toBe(before + 1);
  }, 20_000);

  test('GM7: the lag is the time since the replica was last seen to have everything, not since the last write', async () => {
    await until(async () => {
      const [row] = await replica.admin("SELECT now() - pg_last_xact_replay_timestamp() > interval '1 s' AS old");
      return row?.['old'] === true && (await lag()) === 0;
    });
    const startedAt = performance.now();

    await replica.admin('SELECT pg_wal_replay_pause()');
    await write();
    const behind = await until(lag);
    const tookSeconds = (performance.now() - startedAt) / 1000;
    await replica.admin('SELECT pg_wal_replay_resume()');

    expect(behind).toBeLessThan(tookSeconds + 0.5);
  }, 20_000);

  test.each([LOGIN, WATCHER])(
    'GM7: the lag grows while the primary is away, though nothing is left to replay ($user)',
    async (login) => {
      const other = await connect(replica, login);
      await until(async () => (await lag(other)) === 0);
      await primary.stop();

      const first = await until(() => lag(other));
      const second = await until(async () => {
        const now = (await lag(other)) ?? 0;
        return now > first + 0.2 ? now : 0;
      });
      await primary.start();
      await until(async () => (await lag(other)) === 0);
      await other.close();

      expect(first).toBeGreaterThan(0);
      expect(second).toBeLessThan(10);
    },
    40_000,
  );

  test('GM7: a replica that was restarted without its primary is behind by what it started from', async () => {
    await primary.stop();
    await replica.stop();
    await replica.start();
    const other = await connect(replica, LOGIN);

    const state = await other.state(LIMITS);
    const [replayed] = await replica.admin('SELECT pg_last_xact_replay_timestamp() AS at');
    await primary.start();
    await until(async () => (await lag(other)) === 0);
    await other.close();
    connection = await connect(replica, LOGIN);

    expect(replayed).toEqual({ at: null });
    expect(state).toEqual({ role: 'replica', lagSeconds: expect.any(Number) });
    expect(state.lagSeconds).toBeGreaterThan(0);
    expect(state.lagSeconds).toBeLessThan(120);
  }, 40_000);

  test.each([
    ['SELECT ON pg_stat_wal_receiver', 'read pg_stat_wal_receiver', 'SELECT ON pg_stat_wal_receiver'],
    ['EXECUTE ON FUNCTION pg_last_wal_receive_lsn()', 'call pg_last_wal_receive_lsn', 'EXECUTE ON FUNCTION pg_last_wal_receive_lsn()'],
  ])('GM7: a login without the right %s gets the role, and the statement that gives it the lag', async (right, action, granted) => {
    const grant = `GRANT ${granted} TO vigie;`;
    await primary.admin(`REVOKE ${right} FROM PUBLIC`);
    const denied = await until(async () => {
      const found = await connection.state(LIMITS);
      return found.lagProblem === undefined ? undefined : found;
    });
    await primary.admin(grant);

    await until(async () => (await lag()) === 0);
    await primary.admin(`GRANT ${right} TO PUBLIC`);

    expect(denied).toEqual({ role: 'replica', lagProblem: `the login may not ${action}; on the primary: ${grant}` });
  });

  test('GM7: the role cannot be told over a lost connection', async () => {
    const other = await connect(replica, LOGIN);
    await other.close();

    const error = await failure(other.state(LIMITS));

    expect(error).toMatchObject({ phase: 'role', errorClass: 'lost' });
    expect(other.usable).toBe(false);
  });

  // The last one: the replica is none after it.
  test('GM7: a replica that is promoted is told as a primary over the same connection', async () => {
    await replica.admin('SELECT pg_promote()');

    const state = await connection.state(LIMITS);

    expect(state).toEqual({ role: 'primary' });
    expect(connection.usable).toBe(true);
  });
});
