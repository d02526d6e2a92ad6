// Whether a PostgreSQL server is a replica, and how far it is behind.
// https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL

import type { Client } from 'pg';
import { errorCode } from '../../system-errors.js';
import type { ServerState } from '../driver.js';

const ROLE = 'SELECT pg_is_in_recovery() AS replica, quote_ident(session_user) AS login';

/**
 * The view has a row while the receiver is connected to the server it follows. Its details are shown to members of pg_read_all_stats
 * only, to others they are NULL: the row alone is then what tells. What has been received is asked before what has been replayed.
 */
const PROGRESS = `
  SELECT extract(epoch FROM clock_timestamp())::float8 AS now,
    extract(epoch FROM pg_last_xact_replay_timestamp())::float8 AS replayed_at,
    coalesce(pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn(), false) AND EXISTS (
      SELECT FROM pg_stat_wal_receiver
      WHERE coalesce(status, 'streaming') = 'streaming' AND coalesce(latest_end_lsn <= pg_last_wal_replay_lsn(), true)
    ) AS current`;

/** What the server has replayed is at least as new as the checkpoint that it started from. */
const CHECKPOINT = 'SELECT extract(epoch FROM checkpoint_time)::float8 AS replayed_at FROM pg_control_checkpoint()';

interface Progress {
  /** Unix seconds, as `replayed_at`. */
  readonly now: number;
  /** When the newest transaction that was replayed has been committed; null where none has been since the server started. */
  readonly replayed_at: number | null;
  /** Everything that was written has been received and replayed, as far as the server knows. */
  readonly current: boolean;
}

/** Insufficient privilege, feature not supported (by what only speaks like PostgreSQL), undefined function or table. */
const UNTOLD: readonly (string | undefined)[] = ['42501', '0A000', '42883', '42P01'];
const DENIED = /^permission denied for (?<kind>view|table|relation|function) (?<name>\w+)$/;

/** Remembers between two looks when the server had everything: it is not behind by more than the time since. */
export class Replication {
  /** Unix seconds by the server's clock. */
  #currentAt = -Infinity;

  /** Inside a transaction; its first statements are sent before it waits for anything. @throws what pg throws */
  async state(client: Client): Promise<ServerState> {
    const role = client.query<{ replica: boolean; login: string }>(ROLE);
    const progress = client.query<Progress>(PROGRESS);
    // Awaited a little later; an error before that is no unhandled one.
    progress.catch(() => {});
    const [{ replica, login } = { replica: false, login: '' }] = (await role).rows;
    if (!replica) return { role: 'primary' };
    try {
      const [found] = (await progress).rows;
      return { role: 'replica', ...(found && { lagSeconds: await this.#lag(client, found) }) };
    } catch (error) {
      return { role: 'replica', lagProblem: lagProblem(error, login) };
    }
  }

  /** Of a replica that waits for its primary, by the time since it had everything: an idle primary is no lag. */
  async #lag(client: Client, { now, replayed_at, current }: Progress): Promise<number> {
    if (current) {
      this.#currentAt = now;
      return 0;
    }
    const replayedAt = replayed_at ?? (await checkpointAt(client));
    // The two servers' clocks may differ.
    return Math.max(0, now - Math.max(replayedAt, this.#currentAt));
  }
}

async function checkpointAt(client: Client): Promise<number> {
  const { rows } = await client.query<Pick<Progress, 'replayed_at'>>(CHECKPOINT);
  return rows[0]?.replayed_at ?? -Infinity;
}

/** @throws the error, where it is not about what the login may see */
function lagProblem(error: unknown, login: string): string {
  if (!UNTOLD.includes(errorCode(error))) throw error;
  const { kind, name } = DENIED.exec(error instanceof Error ? error.message : '')?.groups ?? {};
  if (name === undefined) return 'the server does not tell how far it has replayed';
  const grant = kind === 'function' ? `EXECUTE ON FUNCTION ${name}()` : `SELECT ON ${name}`;
  return `the login may not ${kind === 'function' ? 'call' : 'read'} ${name}; on the primary: GRANT ${grant} TO ${login};`;
}
