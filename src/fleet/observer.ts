// Looks at every exporter's /status again and again, and knows how fast its counters grow.

import { observed } from '../conventions.js';
import type { Clock, Timer } from '../domain/clock.js';
import type { ExporterStatus, StatusSample } from '../exporter/status.js';
import { RateWindow } from './rates.js';
import { StatusClient } from './status-client.js';

const LOOK_EVERY_MS = 2_000;
/** After a failure, so that an exporter that is back is seen at once. */
const LOOK_AGAIN_MS = 500;
/** One answer that is late on a busy machine says nothing; the second one in a row does. */
const FAILURES_THAT_COUNT = 2;

/** What is known of an exporter now. */
export interface Sighting {
  /** As of a few seconds ago at most; undefined when it does not answer. */
  readonly status: ExporterStatus | undefined;
  /** Why it does not answer. */
  readonly failure: string | undefined;
  /** When it last did not, in monotonic milliseconds; 0 for never. */
  readonly failedAt: number;
}

interface Watch {
  readonly url: string;
  readonly rates: RateWindow;
  /** Counters compare only with those of the same process with the same collectors at work. */
  ratesOf: string;
  status: ExporterStatus | undefined;
  failure: string | undefined;
  failures: number;
  failedAt: number;
  hasBeenReady: boolean;
  timer: Timer | undefined;
}

export class Observer {
  readonly #watches = new Map<string, Watch>();
  readonly #client: StatusClient;

  constructor(private readonly clock: Clock) {
    this.#client = new StatusClient(clock);
  }

  /** Watches exactly these exporters from now on. @param urls base URLs by name */
  watch(urls: ReadonlyMap<string, string>): void {
    for (const [source, watch] of this.#watches) {
      if (urls.get(source) !== watch.url) this.forget(source);
    }
    for (const [source, url] of urls) {
      if (!this.#watches.has(source)) this.#begin(source, url);
    }
  }

  /** Forgets what is known of an exporter: from now on it is another one. Call `watch` after it. */
  forget(source: string): void {
    this.#watches.get(source)?.timer?.cancel();
    this.#watches.delete(source);
  }

  stop(): void {
    for (const source of this.#watches.keys()) this.forget(source);
    this.#client.close();
  }

  sighting(source: string): Sighting {
    const watch = this.#watches.get(source);
    if (!watch) return { status: undefined, failure: undefined, failedAt: 0 };
    const counts = watch.failures >= FAILURES_THAT_COUNT;
    const { failedAt } = watch;
    return counts ? { status: undefined, failure: watch.failure, failedAt } : { status: watch.status, failure: undefined, failedAt };
  }

  /** What it said when it last answered, however long ago: names are to be had from it, values are not. */
  lastStatus(source: string): ExporterStatus | undefined {
    return this.#watches.get(source)?.status;
  }

  /** Its first collections were done at some time. */
  hasBeenReady(source: string): boolean {
    return this.#watches.get(source)?.hasBeenReady ?? false;
  }

  /** Growth in a minute of one `flow_messages_total` series of the exporter; undefined where it is not known yet. */
  perMinute(source: string, sample: StatusSample): number | undefined {
    return this.#watches.get(source)?.rates.perMinute(keyOf(sample));
  }

  #begin(source: string, url: string): void {
    const watch: Watch = {
      url,
      rates: new RateWindow(),
      ratesOf: '',
      status: undefined,
      failure: undefined,
      failures: 0,
      failedAt: 0,
      hasBeenReady: false,
      timer: undefined,
    };
    this.#watches.set(source, watch);
    void this.#look(source, watch);
  }

  async #look(source: string, watch: Watch): Promise<void> {
    try {
      const status = await this.#client.fetch(`${watch.url}/status`);
      this.#noteStatus(watch, status);
    } catch (error) {
      watch.failures++;
      watch.failedAt = this.clock.monotonic();
      watch.failure = error instanceof Error ? error.message : String(error);
    }
    if (this.#watches.get(source) !== watch) return;
    watch.timer = this.clock.after(watch.failures > 0 ? LOOK_AGAIN_MS : LOOK_EVERY_MS, () => void this.#look(source, watch));
  }

  #noteStatus(watch: Watch, status: ExporterStatus): void {
    watch.status = status;
    watch.failures = 0;
    watch.failure = undefined;
    watch.hasBeenReady ||= status.ready;
    const succeeded = status.collectors.filter(({ lastSuccessAt }) => lastSuccessAt !== null);
    const ratesOf = [status.pid, ...succeeded.map(({ name }) => name)].join('\n');
    if (ratesOf !== watch.ratesOf) watch.rates.clear();
    watch.ratesOf = ratesOf;
    const counters = status.samples.filter(({ metric }) => metric === observed.messages.name);
    watch.rates.note(this.clock.monotonic(), new Map(counters.map((sample) => [keyOf(sample), sample.value])));
  }
}

function keyOf({ labels }: StatusSample): string {
  return observed.messages.labels.map((name) => labels[name] ?? '').join('\n');
}
