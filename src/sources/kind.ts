// The shape every kind of source has. A kind is one folder beside this file and one line in registry.ts.

import type { Logger } from 'pino';
import type { Signal } from '../conventions.js';
import type { Accumulator } from '../domain/accumulator.js';
import type { CalendarDeclaration } from '../domain/calendar-declaration.js';
import type { Clock } from '../domain/clock.js';
import type { Flow } from '../domain/flow.js';
import type { MetricDefinition, Observation } from '../domain/observation.js';
import type { Secret } from '../domain/secret.js';

/** The classes of errors, the same for all kinds, so that rules and dashboards can name them. */
export const ERROR_CLASSES = [
  'refused',
  'dns',
  'unreachable',
  'timeout',
  'tls',
  'host_key',
  'auth',
  'permission',
  'not_found',
  'full',
  'read_only',
  'lost',
  'protocol',
  'syntax',
  'schema',
  'deadlock',
  'role',
  'secret',
  'state',
  'config',
  'internal',
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Why a collection failed. The message is shown on pages and in logs: it must hold no secret, connection string or personal datum. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  constructor(
    /** What the source was doing, a word of its kind: connect, login, query, list, read. */
    readonly phase: string,
    readonly errorClass: ErrorClass,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What all kinds have in common in the YAML, with defaults applied and durations in milliseconds. */
export interface SourceConfig<Options = unknown> {
  readonly name: string;
  readonly kind: string;
  readonly title: string | undefined;
  readonly team: string | undefined;
  readonly env: string;
  /** Tells two sources of the same signal apart; a label where it is set. */
  readonly path: string | undefined;
  /** The flows of which it feeds signals, as its kind claims; absent where there are none. */
  readonly observes?: readonly string[];
  /** The endpoints that it asks; absent for kinds that ask none. */
  readonly endpoints?: readonly EndpointName[];
  readonly interval: number;
  readonly timeout: number;
  readonly maxStaleness: number;
  readonly maxSeries: number;
  /** Fixed port of its exporter, where the YAML names one. */
  readonly exporterPort: number | undefined;
  /** Folder of the file that holds the block: relative paths in it start there. */
  readonly baseDir: string;
  /** The whole block as written, valid against the schema of its kind. */
  readonly options: Options;
}

/** An endpoint as others refer to it. */
export interface EndpointName {
  readonly name: string;
  /** Whose it is. */
  readonly partner?: string | undefined;
  /** The flow that needs it. */
  readonly flow?: string | undefined;
}

/** One thing that a source looks at on a schedule of its own (a query, a directory, an endpoint); it fails alone. */
export interface Collector {
  /** Unique within the source, from the YAML. */
  readonly name: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly timeout: number;
  /** Age in milliseconds at which what was collected is withdrawn. */
  readonly maxStaleness: number;
  /**
   * Looks once. Gauges must be given whole each time: what is omitted is gone. The observations may be made as they are asked for;
   * asking never throws. The very same object as the time before says that nothing has changed.
   * When the signal aborts (time-out, stop) the promise must settle soon; the frame does not wait for it.
   * @throws SourceError
   */
  collect(signal: AbortSignal): Promise<Iterable<Observation>>;
  /**
   * Milliseconds for which the collector is to be left alone from now on, where that is more than its interval: asked after each run.
   * Its `maxStaleness` grows by as much, unless the source says otherwise.
   */
  delay?(): number;
  /** What grows from event to event, for followed sources. Its counters and histograms stay when the source fails, its gauges do not. */
  readonly accumulator?: Accumulator;
}

/** What a look did and saw, in lines for people. Holds no secret and no personal datum. */
export interface Transcript {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** What went wrong, in words; undefined where nothing did. */
  readonly failure: string | undefined;
  readonly lines: readonly TranscriptLine[];
}

export interface TranscriptLine {
  /** Milliseconds from the beginning of the look. */
  readonly afterMs: number;
  readonly text: string;
}

/** The last looks of a collector, for the page /probes. */
export interface Journal {
  /** Name of the collector. */
  readonly collector: string;
  /** What is looked at: an address. */
  readonly address: string;
  /** Whether it counts as up, where one failure may leave that as it was; for others the last look tells. */
  readonly up?: boolean | undefined;
  /** Newest first. */
  readonly last: readonly Transcript[];
  /** The last ones that failed, newest first. */
  readonly failed: readonly Transcript[];
}

export interface Source {
  readonly collectors: readonly Collector[];
  /** For kinds that keep transcripts; asked whenever a page is shown. */
  journals?(): readonly Journal[];
  /** What people should mend although nothing fails, in a sentence each; asked whenever a page is shown. */
  warnings?(): readonly string[];
  /** Frees connections and descriptors. What it returns is handed to the `create` that follows a reload. */
  close(): Promise<unknown>;
}

/** What one collector must not forget over a restart; written as a whole, atomically. */
export interface StateRecord {
  /** @returns undefined where there is none yet. @throws SourceError of class `state` where it is damaged or cannot be read */
  read(): Promise<unknown>;
  /** The record is on the disk when this resolves. @param value something that JSON can hold. @throws SourceError of class `state` */
  write(value: unknown): Promise<void>;
}

/** What a look at a source found out beside observations, for a person who tries it. All of it may be told in pieces. */
export interface Findings {
  /** What answers and where, in a line. */
  readonly server?: string;
  /** Milliseconds by phase, in the order in which they happened. */
  readonly phases?: Readonly<Record<string, number>>;
  /** What was read, as text. */
  readonly table?: Table;
  /** What a person should know or mend, in a sentence each. */
  readonly warnings?: readonly string[];
  /** What became of what was read, piece by piece, in lines for people. Asked once the look is over, for about so many pieces. */
  readonly report?: (pieces: number) => readonly string[];
}

export interface Table {
  readonly columns: readonly string[];
  /** The first rows. */
  readonly rows: readonly (readonly string[])[];
  /** All rows, those not shown included. */
  readonly total: number;
}

/** What a look at a source is for: to see whether it works, what its newest data say, or what all data of a sample say. */
export type LookPurpose = 'check' | 'try' | 'sample';

export interface SourceContext {
  /** The flows declared in the YAML that run in the environment of this source. */
  readonly flows: readonly Flow[];
  /** Names of all declared partners. */
  readonly partners: readonly string[];
  /** The opening hours that flows name, by name; all of them are sound. */
  readonly calendars?: Readonly<Record<string, CalendarDeclaration>>;
  /** Where this exporter stands, where somebody has said so (`--site`, VIGIE_SITE): the same YAML may be watched from several places. */
  readonly site?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves a path as the YAML means it: relative to the folder of the file that names it. */
  resolvePath(path: string): string;
  /** Reads a secret now; never keep the answer longer than a connection needs it. @throws SourceError of class `secret` */
  readSecret(secret: Secret): Promise<string>;
  /** The accumulator of a collector; the same one over reloads, so that counters survive them. */
  accumulator(collector: string): Accumulator;
  /** Counts something whose flow, partner or stage is not declared, and keeps a few of the values for the landing page. */
  undeclared(label: 'flow' | 'partner' | 'stage' | 'outcome', value: string): void;
  /** What the collector keeps over restarts. */
  record(collector: string): StateRecord;
  /** There where somebody tries the source and wants to see more than it exports. */
  readonly inspect?: (collector: string, findings: Findings) => void;
  /** There where `inspect` is; for kinds whose looks differ by it. */
  readonly purpose?: LookPurpose;
  /** What `close` of the source before a reload returned. */
  readonly handover: unknown;
}

/** Path from the source's block to the value a problem is about: `['queries', 'waiting', 'observe']`. */
export type ConfigPath = readonly (string | number)[];

export interface Problem {
  readonly path: ConfigPath;
  /** What is wrong and what would be right, with the value; the path and position are added by the caller. */
  readonly message: string;
  readonly severity?: 'error' | 'warning';
}

/** What a kind needs to know to check its block; no I/O. */
export interface CheckContext {
  readonly flows: readonly Flow[];
  readonly partners: readonly string[];
  /** The opening hours that flows name, by name; those with mistakes are not among them. */
  readonly calendars?: Readonly<Record<string, CalendarDeclaration>>;
}

/** An indicator of the flow, by its name. */
export type IndicatorSignal = `indicator ${string}`;

/** Signals, and what only some kinds feed, and no `observe:` of the YAML names as such. */
export type ClaimedSignal = Signal | IndicatorSignal | 'responses' | 'deliveries';

/** "This source feeds this signal of this stage": two of the same are counted twice, so `vigie check` refuses them. */
export interface Claim {
  readonly signal: ClaimedSignal;
  readonly flow: string;
  /** Empty where it is of the flow as a whole. */
  readonly stage: string;
  /** Where it is not that of the source. */
  readonly path?: string;
  /** Set where only messages of this partner are meant: then claims of other partners are no doubles. */
  readonly partner?: string;
  readonly at: ConfigPath;
}

export interface SourceKind<Options = unknown> {
  readonly kind: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** JSON Schema (2020-12 subset) of the block, the common properties included. */
  readonly schema: object;
  /** Phases and classes in which this kind may fail: these error counters exist at 0 from the first scrape. */
  readonly errors: Readonly<Record<string, readonly ErrorClass[]>>;
  /** Problems that a schema cannot express. The block is already valid against the schema. */
  check(source: SourceConfig<Options>, context: CheckContext): readonly Problem[];
  /** What takes longer to find out, and stops nothing: asked by `vigie check` alone, never where an exporter starts. */
  advise?(source: SourceConfig<Options>): Promise<readonly Problem[]>;
  claims(source: SourceConfig<Options>, context: CheckContext): readonly Claim[];
  /** The endpoints that this block names; for kinds that ask endpoints. */
  endpoints?(source: SourceConfig<Options>): readonly EndpointName[];
  /** The metrics of the user's own naming that this block defines. */
  metrics(source: SourceConfig<Options>): readonly MetricDefinition[];
  /** The same source reading this file alone, from its start to its end; for kinds that read files. @param file an absolute path */
  sample?(source: SourceConfig<Options>, file: string): SourceConfig<Options>;
  /** Imports what `create` needs, where that can be told before the configuration is known. */
  preload?(): Promise<unknown>;
  /** Builds the source; drivers are imported here and nowhere above. Connects lazily, in the first collection. */
  create(source: SourceConfig<Options>, context: SourceContext): Promise<Source>;
}
