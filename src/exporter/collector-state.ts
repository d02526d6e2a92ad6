// What is known of one collector: its last runs, whether its data are fresh, since when it fails. It outlives reloads.

import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.js';
import { formatDuration } from '../domain/duration.js';
import type { ErrorClass, SourceError } from '../sources/kind.js';
import type { RunStatus } from './status.js';

const RUNS_KEPT = 10;

interface Failing {
  readonly since: number;
  /** Monotonic, so that a clock that is set does not change how long it lasted. */
  readonly startedAt: number;
  readonly count: number;
  readonly class: ErrorClass;
}

export class CollectorState {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #runs: readonly RunStatus[] = [];
  #failing: Failing | undefined;
  #lastSuccessAt: number | null = null;
  #dataAt: number | undefined;
  #fresh = false;

  constructor(
    readonly name: string,
    clock: Clock,
    logger: Logger,
  ) {
    this.#clock = clock;
    this.#logger = logger.child({ collector: name });
  }

  /** The last runs, newest first. */
  get runs(): readonly RunStatus[] {
    return this.#runs;
  }

  get failing(): { readonly since: number; readonly count: number } | undefined {
    return this.#failing;
  }

  /** By the wall clock; null means never. */
  get lastSuccessAt(): number | null {
    return this.#lastSuccessAt;
  }

  /** Monotonic time of the newest data; undefined while there are none. */
  get dataAt(): number | undefined {
    return this.#dataAt;
  }

  /** There are data, and they are not older than `maxStaleness`. */
  get fresh(): boolean {
    return this.#fresh;
  }

  /** The last run succeeded and its data are fresh. */
  get up(): boolean {
    return this.#fresh && this.#failing === undefined;
  }

  dataArrived(): void {
    this.#dataAt = this.#clock.monotonic();
    this.#fresh = true;
  }

  dataAged(): void {
    this.#fresh = false;
  }

  succeeded(at: number, durationMs: number): void {
    this.#keep({ at, durationMs });
    this.#lastSuccessAt = this.#clock.now();
    if (!this.#failing) return;
    const lasted = formatDuration(this.#clock.monotonic() - this.#failing.startedAt);
    this.#logger.info({ lasted, failures: this.#failing.count }, 'collection succeeds again');
    this.#failing = undefined;
  }

  /** Logs the first of a series of failures, and a change of its class; the rest is counted. */
  failed(at: number, durationMs: number, error: SourceError): void {
    const { phase, errorClass, message } = error;
    this.#keep({ at, durationMs, error: { phase, class: errorClass, message } });
    const before = this.#failing;
    if (before?.class !== errorClass) this.#logger.warn({ phase, class: errorClass, error: message }, 'collection failed');
    this.#failing = {
      since: before?.since ?? this.#clock.now(),
      startedAt: before?.startedAt ?? this.#clock.monotonic(),
      count: (before?.count ?? 0) + 1,
      class: errorClass,
    };
  }

  #keep(run: RunStatus): void {
    this.#runs = [run, ...this.#runs.slice(0, RUNS_KEPT - 1)];
  }
}
