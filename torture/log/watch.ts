// Scrapes an exporter as Prometheus does, again and again, and notices a counter that falls: Prometheus would count it a second time.

import { get } from '../../test/exporter/http.js';
import { parseExposition } from '../../test/exporter/parse-exposition.js';
import { seriesOf, type Series } from './tally.js';

const SCRAPE_MS = 200;
/** As Prometheus gives a target. */
const SCRAPE_LIMIT_MS = 10_000;
/** What outlives the process. Counters of the process itself begin anew with it. */
const KEPT = /^(?:flow|torture|vigie_log)_/;
const LOST = 'vigie_log_lost_bytes_total';
const RELOADED = 'vigie_config_last_reload_success_timestamp_seconds';
const COLLECTIONS = 'vigie_source_collections_total';

export class Watch {
  /** Said once for each fall. */
  readonly falls: string[] = [];
  readonly #url: () => string | undefined;
  readonly #latest = new Map<Series, number>();
  readonly #began = performance.now();
  #collections = 0;
  #loadedAt = 0;
  #answers = 0;
  #stopped = false;
  #watching: Promise<void> | undefined;

  /** @param url of the exporter, undefined while it is down */
  constructor(
    url: () => string | undefined,
    private readonly note: (what: string) => void,
  ) {
    this.#url = url;
  }

  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watching;
  }

  /** Scrapes that were answered by a process that was still there afterwards. */
  get answers(): number {
    return this.#answers;
  }

  /** Collections that the running process has ended. */
  get collections(): number {
    return this.#collections;
  }

  /** When the running process took over a configuration, in milliseconds since the Unix epoch. */
  get loadedAt(): number {
    return this.#loadedAt;
  }

  /** Values of the families, as scraped last. */
  latest(families: readonly string[]): Map<Series, number> {
    return new Map([...this.#latest].filter(([series]) => families.includes(series.slice(0, series.indexOf('{')))));
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      const url = this.#url();
      if (url !== undefined) await this.#scrape(url);
      await new Promise((resolve) => setTimeout(resolve, SCRAPE_MS));
    }
  }

  async #scrape(url: string): Promise<void> {
    let text;
    try {
      const { status, body } = await inTime(get(`${url}/metrics`));
      if (status !== 200) return;
      text = body.toString();
    } catch {
      // It does not listen yet, or was killed meanwhile: whoever waits for it has a limit.
      return;
    }
    for (const { type, samples } of parseExposition(text, 'text')) {
      for (const sample of samples) {
        if (sample.name === COLLECTIONS) this.#collections = sample.value;
        if (sample.name === RELOADED) this.#loadedAt = sample.value * 1000;
        if (KEPT.test(sample.name)) this.#take(seriesOf(sample), sample.value, type === 'gauge');
      }
    }
    if (this.#url() === url) this.#answers++;
  }

  #take(series: Series, value: number, mayFall: boolean): void {
    const before = this.#latest.get(series) ?? 0;
    if (value > before && series.startsWith(LOST)) this.note(`${value - before} bytes are said to be lost`);
    if (value < before && !mayFall) {
      this.falls.push(`${series} fell from ${before} to ${value} after ${((performance.now() - this.#began) / 1000).toFixed(1)} s`);
    }
    this.#latest.set(series, value);
  }
}

/** @throws Error where there is no answer for too long */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), SCRAPE_LIMIT_MS);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
