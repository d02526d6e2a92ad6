// What the source needs of a database engine. A new engine is one file in drivers/ and a line in drivers/registry.ts.

import type { Secret } from '../../domain/secret.js';
import type { ConnectionSettings } from './schema.js';

/** How long a server may take to let go of a cancelled query before its connection is cut. */
export const CANCEL_LIMIT_MS = 1_000;

/** A value as a driver hands it over. A text may hold a number: engines write integers beyond 2^53 and decimals so. */
export type Cell = string | number | bigint | boolean | Date | Uint8Array | null;

export interface QueryResult {
  /** As the engine spells them, in order; the same name may stand twice. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface QueryLimits {
  /** Aborted when nobody waits for the answer any more: the query is then cancelled on the server. */
  readonly signal: AbortSignal;
  /** Milliseconds after which the engine itself is to give up, where it can. */
  readonly timeoutMs: number;
  /** One more row than this may be returned, so that the caller sees that there are more; the rest is not fetched. */
  readonly maxRows: number;
}

export interface Connection {
  /** False once it is lost or closed: then the next run needs another one. */
  readonly usable: boolean;
  /**
   * Runs one statement, read-only. One at a time: the caller waits for the answer, also after an abort.
   * @throws SourceError of phase `query`
   */
  query(sql: string, limits: QueryLimits): Promise<QueryResult>;
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
  /** What is wrong with the settings beyond missing and unknown ones, for `vigie check`. */
  readonly settingProblems?: (settings: ConnectionSettings) => readonly SettingProblem[];
  /** Why a statement is never sent, for `vigie check`; undefined where nothing speaks against it. */
  readonly refusal?: (sql: string) => string | undefined;
  /**
   * Opens a read-only session; must settle soon after the signal aborts. The library of the engine is loaded here, not before.
   * @throws SourceError of phase `connect` or `login`
   */
  connect(settings: ConnectionSettings, context: ConnectContext, signal: AbortSignal): Promise<Connection>;
}
