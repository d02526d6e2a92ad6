// One exporter under measurement: scraped again and again, its memory looked at, its CPU time and collections read.

import { stop, type Exporter } from './launch.js';
import { median } from './median.js';
import { Scraper } from './scraper.js';
import { cpuSeconds, residentMB } from './usage.js';

/** What is measured. */
export interface Rival {
  readonly name: string;
  /** What the lines of the series that come from the source begin with. */
  readonly series: string;
  /** What the lines of its counter of collections begin with. */
  readonly collections: string;
  start(): Promise<Exporter>;
}

export interface Cost {
  /** Median time of a scrape. */
  readonly scrapeMs: number;
  /** Median resident memory after the scrapes. */
  readonly residentMB: number;
  /** The most that was ever resident. */
  readonly peakMB: number;
  readonly cpuMsPerCollection: number;
  /** Size of an answer as it is sent. */
  readonly answerKB: number;
}

/** How far it had come after a scrape. */
interface Reading {
  readonly cpu: number;
  readonly collections: number;
}

export class Contestant {
  readonly #scraper: Scraper;
  #times: number[] = [];
  #sizes: number[] = [];
  #answers: number[] = [];
  #began: Reading = { cpu: 0, collections: 0 };

  private constructor(
    private readonly rival: Rival,
    private readonly exporter: Exporter,
  ) {
    this.#scraper = new Scraper(exporter.port);
  }

  static async start(rival: Rival): Promise<Contestant> {
    return new Contestant(rival, await rival.start());
  }

  get name(): string {
    return this.rival.name;
  }

  /** @throws Error that says how many series of the source it exposes, unless that is so many */
  async exposes(count: number): Promise<true> {
    const { text } = await this.#scraper.scrape();
    const found = lines(text(), this.rival.series).length;
    if (found !== count) throw new Error(`${this.name} exposes ${found} series, not ${count}`);
    return true;
  }

  /** Forgets what was measured so far: what follows counts. */
  async begin(): Promise<void> {
    this.#began = await this.#read();
    this.#times = [];
    this.#sizes = [];
    this.#answers = [];
  }

  async scrape(): Promise<void> {
    const { ms, bytes } = await this.#scraper.scrape();
    this.#times.push(ms);
    this.#answers.push(bytes);
    this.#sizes.push((await residentMB(this.exporter.process.pid)).now);
  }

  /** What it cost since `begin`. */
  async cost(): Promise<Cost> {
    const { cpu, collections } = await this.#read();
    return {
      scrapeMs: median(this.#times),
      residentMB: median(this.#sizes),
      peakMB: (await residentMB(this.exporter.process.pid)).peak,
      cpuMsPerCollection: ((cpu - this.#began.cpu) / (collections - this.#began.collections)) * 1000,
      answerKB: median(this.#answers) / 1024,
    };
  }

  async stop(): Promise<void> {
    this.#scraper.close();
    await stop(this.exporter);
  }

  async #read(): Promise<Reading> {
    const { text } = await this.#scraper.scrape();
    const cpu = await cpuSeconds(this.exporter.process.pid);
    const collections = lines(text(), this.rival.collections).map((line) => Number(line.split(' ').at(-1)));
    return { cpu, collections: collections.reduce((sum, count) => sum + count, 0) };
  }
}

function lines(document: string, start: string): string[] {
  return document.split('\n').filter((line) => line.startsWith(start));
}
