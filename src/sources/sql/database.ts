// One database: its connection, what is known of the server and of the login, and what that makes a person worry about.

import { sql } from '../../conventions.js';
import type { Clock } from '../../domain/clock.js';
import type { Observation } from '../../domain/observation.js';
import { SourceError, type SourceContext } from '../kind.js';
import type { ConnectContext, Connection, Driver, ExcessRight, Limits, ServerState } from './driver.js';
import type { Gate } from './gate.js';
import type { ConnectionSettings } from './schema.js';
import { Session, type Turn } from './session.js';

/** What the login could change is asked once for each connection, and not waited for longer. */
const RIGHTS_LIMIT_MS = 1_000;
/** Where that could not be found out, it is left alone for this long. */
const RIGHTS_PAUSE_MS = 3_600_000;

export interface DatabaseOptions {
  /** Undefined where the source has one only. */
  readonly target: string | undefined;
  readonly driver: Driver;
  readonly settings: ConnectionSettings;
  readonly connectContext: ConnectContext;
  /** The database must be a replica, unless a primary is allowed in its place. */
  readonly replica: { readonly allowPrimary: boolean } | undefined;
  readonly gate: Gate | undefined;
  readonly clock: Clock;
  readonly logger: SourceContext['logger'];
  /** Is told what each use of the connection took. */
  readonly spent: (name: string, ms: number) => void;
}

/** Labels of all series about the database. */
export type DatabaseLabels = Readonly<Record<'source' | 'kind', string>>;

export class Database {
  readonly #options: DatabaseOptions;
  readonly session: Session;
  #rights: readonly ExcessRight[] | undefined;
  #state: ServerState | undefined;
  /** The connection whose login was looked at. */
  #lookedAt: Connection | undefined;
  #lookAgainAt = -Infinity;
  /** The rights that were told to the log. */
  #logged = '';

  constructor(options: DatabaseOptions) {
    this.#options = options;
    const { driver, settings, connectContext, gate, clock, spent } = options;
    this.session = new Session({
      connect: (signal) => driver.connect(settings, connectContext, signal),
      admit: (connection, limits) => this.#admit(connection, limits),
      clock,
      spent,
      ...(gate && { gate }),
    });
  }

  /** Undefined where the source has one database only. */
  get target(): string | undefined {
    return this.#options.target;
  }

  /** `PostgreSQL 15.18 at db.example.org:5432, a replica, 0.4 s behind`; undefined without a connection */
  get description(): string | undefined {
    const { connection } = this.session;
    if (!connection) return undefined;
    const { role, lagSeconds } = this.#state ?? {};
    const behind = lagSeconds === undefined ? '' : `, ${Math.round(lagSeconds * 10) / 10} s behind`;
    return `${connection.product} at ${connection.address}${role === undefined ? '' : `, a ${role}`}${behind}`;
  }

  /** Proves again that it is a replica, and measures its lag. A connection to what has become a primary is given up. @throws SourceError */
  async prove(turn: Turn): Promise<void> {
    this.#state = await this.session.state(turn);
    try {
      this.#refusePrimary(this.#state);
    } catch (error) {
      await this.session.dropConnection();
      throw error;
    }
  }

  /** Once for each connection, after it has served a query: what the login could change. Never throws: it is no reason to fail. */
  async lookAtRights(signal: AbortSignal): Promise<void> {
    const { connection } = this.session;
    const now = this.#options.clock.monotonic();
    if (!connection || connection === this.#lookedAt || now < this.#lookAgainAt) return;
    this.#lookedAt = connection;
    try {
      this.#rights = await this.session.excessRights({ name: 'rights', timeoutMs: RIGHTS_LIMIT_MS, waitMs: RIGHTS_LIMIT_MS, signal });
      this.#logRights(this.#rights);
    } catch {
      this.#rights = undefined;
      this.#lookAgainAt = now + RIGHTS_PAUSE_MS;
    }
  }

  /** What the server says of its role, as far as it was asked. */
  stateObservations(labels: DatabaseLabels): Observation[] {
    if (!this.#state) return [];
    const all = this.#labels(labels);
    const { role, lagSeconds } = this.#state;
    const found: Observation[] = [{ metric: sql.replica, labels: all, value: Number(role === 'replica') }];
    if (lagSeconds !== undefined) found.push({ metric: sql.replicaLag, labels: all, value: lagSeconds });
    return found;
  }

  /** What runs there, and whether the login could write. */
  serverObservations(labels: DatabaseLabels): Observation[] {
    const { connection } = this.session;
    if (!connection) return [];
    const all = this.#labels(labels);
    const found: Observation[] = [{ metric: sql.server, labels: { ...all, product: connection.product }, value: 1 }];
    if (this.#rights) found.push({ metric: sql.excessRights, labels: all, value: Number(this.#rights.length > 0) });
    return found;
  }

  /** What people should mend, in a sentence each. */
  warnings(): string[] {
    const { target } = this.#options;
    const where = target === undefined ? '' : `target ${target}: `;
    const found = (this.#rights ?? []).map(({ right, mend }) => `${where}the login ${right}, which Vigie does not need: ${mend}`);
    if (this.#state?.role === 'primary') found.push(`${where}this is a primary, taken because of allow_primary: true`);
    if (this.#state?.lagProblem !== undefined) found.push(`${where}the lag of the replica is not known: ${this.#state.lagProblem}`);
    return found;
  }

  async #admit(connection: Connection, limits: Limits): Promise<void> {
    if (!this.#options.replica) return;
    this.#state = await connection.state(limits);
    this.#refusePrimary(this.#state);
  }

  #refusePrimary({ role }: ServerState): void {
    const { replica, driver } = this.#options;
    if (!replica || role === 'replica' || replica.allowPrimary) return;
    throw new SourceError(
      'role',
      'role',
      `the database is a primary, and the YAML says role: replica; name a replica of this ${driver.title} as server, or say allow_primary: true for the time of a failover`,
    );
  }

  /** Once, and again when they change. */
  #logRights(rights: readonly ExcessRight[]): void {
    const told = rights.map(({ right }) => right).join();
    if (told === this.#logged) return;
    this.#logged = told;
    const { logger, target } = this.#options;
    if (rights.length > 0) logger.warn({ target, rights }, 'the login could change the database');
  }

  #labels(labels: DatabaseLabels): Record<string, string> {
    const { target } = this.#options;
    return { ...labels, ...(target === undefined ? {} : { target }) };
  }
}
