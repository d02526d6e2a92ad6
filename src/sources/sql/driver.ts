// What the source needs of a database engine. A new engine is one file in drivers/ and a line in drivers/registry.ts.

import type { Secret } from '../../domain/secret.js';
import type { ConnectionSettings } from './schema.js';

/** How long a server may take to let go of a cancelled query before its connection is cut. */
export const CANCEL_LIMIT_MS = 1_000;

/** A moment in time, with all the digits that the engine gave. */
export class Instant {
  constructor(
    /** Unix seconds. */
    readonly seconds: number,
    /** As the engine itself writes it, in full precision: it takes this back as the value of `:watermark`. */
    readonly text: string,
  ) {}
}

/**
 * A value as a driver hands it over. A text may hold a number: engines write integers beyond 2^53 and decimals so. A time
 * without a zone is a text too, `2026-03-02 08:00:00.123456` or with a T, with all the digits that the engine gave.
 */
export type Cell = string | number | bigint | boolean | Instant | Uint8Array | null;

/** What the steps of opening a connection are called, in their order. */
export const CONNECT_PHASES = ['dns', 'connect', 'tls', 'login'] as const;
export type ConnectPhase = (typeof CONNECT_PHASES)[number];
/** From sending the statement to the first of the answer, and from there to its end. */
export const QUERY_PHASES = ['execute', 'fetch'] as const;
export type QueryPhase = (typeof QUERY_PHASES)[number];

/** How far an incremental query has come: the value of its column in the last row that was counted. */
export interface Watermark {
  readonly type: 'integer' | 'decimal' | 'time';
  /** Digits, or the time as the engine writes it. */
  readonly text: string;
}

export interface Statement {
  /** As the YAML has it, with `:watermark` in it where there is a watermark. */
  readonly sql: string;
  /** The value of `:watermark`. */
  readonly watermark?: Watermark;
}

export interface QueryResult {
  /** As the engine spells them, in order; the same name may stand twice. */
  readonly columns: readonly string[];
  /** The first `maxRows` rows. */
  readonly rows: readonly (readonly Cell[])[];
  /** Rows that came after them: counted as they went by, never kept. Where there was no time to count them all, at least 1. */
  readonly dropped: number;
  /** Milliseconds. */
  readonly phases: Readonly<Record<QueryPhase, number>>;
}

export interface Limits {
  /** Aborted when nobody waits for the answer any more: what runs is then cancelled on the server. */
  readonly signal: AbortSignal;
  /** Milliseconds after which the engine itself is to give up, where it can. */
  readonly timeoutMs: number;
}

export interface QueryLimits extends Limits {
  /** More rows than this are counted and not kept. */
  readonly maxRows: number;
  /** False where it is enough to know whether there are more: `dropped` is then 0 or 1, and the query ends there. */
  readonly countDropped: boolean;
}

/** Whether the database takes writes (`primary`) or follows another one (`replica`). */
export type Role = 'primary' | 'replica';

export interface ServerState {
  readonly role: Role;
  /** Seconds by which a replica is behind; undefined where the server does not say. */
  readonly lagSeconds?: number | undefined;
  /** Why it does not say, and the statement that would make it say so. */
  readonly lagProblem?: string | undefined;
}

/** Something that the login could change although it need only read. */
export interface ExcessRight {
  /** `may INSERT into public.pending`, for a sentence that begins with the login. */
  readonly right: string;
  /** The statement in the engine's own words that takes the right away. */
  readonly mend: string;
}

export interface Connection {
  /** False once it is lost or closed: then the next run needs another one. */
  readonly usable: boolean;
  /** What answers, for people: `PostgreSQL 15.18`. */
  readonly product: string;
  /** Where it answers, as messages name it: `db.example.org:5432`. */
  readonly address: string;
  /** How long the steps of connecting took, in milliseconds; a step that was not needed is absent. */
  readonly phases: Readonly<Partial<Record<ConnectPhase, number>>>;
  /**
   * Runs one statement, read-only. One at a time: the caller waits for the answer, also after an abort.
   * @throws SourceError of phase `query`
   */
  query(statement: Statement, limits: QueryLimits): Promise<QueryResult>;
  /** Asks for the role and the lag now; like a query, one at a time. @throws SourceError of phase `role` */
  state(limits: Limits): Promise<ServerState>;
  /** What the login could change; at most a few examples. Like a query, one at a time. Rejects where the server does not tell. */
  excessRights(limits: Limits): Promise<readonly ExcessRight[]>;
  /** Ends it at once, and what it runs. Never throws. */
  close(): Promise<void>;
}

/** What a driver is given beside the settings. */
export interface ConnectContext {
  /** Shown by the server's own list of sessions. */
  readonly application: string;
  readonly readSecret: (secret: Secret) => Promise<string>;
  readonly resolvePath: (path: string) => string;
}

export type SettingName = keyof ConnectionSettings;

export interface SettingProblem {
  readonly setting: SettingName;
  readonly message: string;
}

export interface Driver {
  /** For messages. */
  readonly title: string;
  readonly required: readonly SettingName[];
  readonly optional: readonly SettingName[];
  /** How a time is given its zone in this engine, for somebody whose column lacks one. */
  readonly timeHint: string;
  /** Whether databases of this engine have replicas, so that `role: replica` means something. */
  readonly replicates: boolean;
  /**
   * Whether rows become visible in the order of their ids: false where transactions run side by side, so that a row with a lower id
   * may turn up after one with a higher id has been read.
   */
  readonly commitsInOrder: boolean;
  /** What is wrong with the settings beyond missing and unknown ones, for `vigie check`. */
  readonly settingProblems?: (settings: ConnectionSettings) => readonly SettingProblem[];
  /** What the engine takes for texts, quoted names and comments, where that is not what statement.ts takes for them. Global. */
  readonly opaque?: RegExp;
  /** Why a statement is never sent, for `vigie check`; undefined where nothing speaks against it. `:watermark` is a value. */
  readonly refusal?: (sql: string) => string | undefined;
  /**
   * Opens a read-only session; must settle soon after the signal aborts. The library of the engine is loaded here, not before.
   * @throws SourceError of phase `connect` or `login`; of class `config` where the library is not installed
   */
  connect(settings: ConnectionSettings, context: ConnectContext, signal: AbortSignal): Promise<Connection>;
}
