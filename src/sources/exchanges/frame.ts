// What all collectors of a source of file exchanges share: the way to the server, transcripts, public holidays.

import type { Clock } from '../../domain/clock.js';
import type { Findings, Journal, SourceContext } from '../kind.js';
import { SourceError } from '../kind.js';
import { History, Recorder } from '../endpoints/transcript.js';
import { LoginPaused } from '../login-guard.js';
import type { UseStore } from './store.js';

/** Transcripts kept of each collector. */
const KEPT = 10;
/** All collectors of a source together keep no more than about this many. */
const KEPT_IN_ALL = 2_000;

/** One look of a collector, while it runs. */
export interface Round {
  /** Adds a line to the transcript: what was asked, what was found. No names of files: they may be personal. */
  say(line: string): void;
}

/** Dates by region. */
type Holidays = ReadonlyMap<string, ReadonlySet<string>>;

/** The process that computes public holidays needs a second or two. */
const LONGEST_COMPUTING_MS = 60_000;

/** What outlives a reload. */
export type Histories = Map<string, History>;

export class Frame {
  readonly use: UseStore;
  readonly #histories: Histories;
  readonly #addresses = new Map<string, string>();
  readonly #kept: number;
  #holidays: Promise<Holidays> | undefined;
  #year = 0;

  /**
   * @param address of the server, for pages and transcripts
   * @param collectors how many the source has
   */
  constructor(
    readonly context: SourceContext,
    readonly address: string,
    use: UseStore,
    collectors: number,
    histories: Histories = new Map(),
  ) {
    this.#histories = histories;
    this.#kept = Math.max(1, Math.min(KEPT, Math.floor(KEPT_IN_ALL / Math.max(collectors, 1))));
    this.use = async (signal, work) => {
      try {
        return await use(signal, work);
      } catch (error) {
        if (error instanceof LoginPaused) throw new SourceError('login', 'auth', `${address}: ${error.message}`, { cause: error });
        throw error;
      }
    };
  }

  get clock(): Clock {
    return this.context.clock;
  }

  get histories(): Histories {
    return this.#histories;
  }

  /** Runs a look and keeps its transcript. @param what a directory, say @param look may find out that something failed, and not fail itself */
  async round<T>(collector: string, what: string, look: (round: Round, fail: (why: string) => void) => Promise<T>): Promise<T> {
    const recorder = new Recorder(this.clock);
    const address = `${this.address} ${what}`;
    this.#addresses.set(collector, address);
    const end = (failure: string | undefined) => {
      const transcript = recorder.end(failure);
      this.#history(collector).add(transcript);
      const findings: Findings = { server: this.address, report: () => transcript.lines.map(({ text }) => text) };
      this.context.inspect?.(collector, findings);
    };
    try {
      let found: string | undefined;
      const result = await look({ say: (line) => recorder.say(line) }, (why) => (found = why));
      end(found);
      return result;
    } catch (error) {
      end(error instanceof SourceError ? `${error.errorClass} in ${error.phase}: ${error.message}` : 'an unexpected error');
      throw error;
    }
  }

  journals(collectors: readonly string[]): Journal[] {
    return collectors.map((collector) => {
      const { last, failed } = this.#history(collector);
      const up = last[0] && last[0].failure === undefined;
      return { collector, address: this.#addresses.get(collector) ?? this.address, up, last, failed };
    });
  }

  /**
   * The dates of the public holidays of regions around now, computed once a year, beside the looks: one that cannot wait goes on without.
   * @param waitMs how long to wait for them
   * @throws SourceError where they are not known
   */
  async holidays(regions: readonly string[], waitMs: number): Promise<ReadonlySet<string>> {
    if (regions.length === 0) return new Set();
    const year = new Date(this.clock.now()).getUTCFullYear();
    if (this.#year !== year) this.#holidays = undefined;
    this.#year = year;
    const { promise: over, reject } = Promise.withResolvers<never>();
    const timer = this.clock.after(waitMs, () =>
      reject(new SourceError('holidays', 'timeout', 'the public holidays are not computed yet')),
    );
    try {
      const known = await Promise.race([(this.#holidays ??= this.#computeHolidays(year)), over]);
      return new Set(regions.flatMap((region) => [...(known.get(region) ?? [])]));
    } finally {
      timer.cancel();
    }
  }

  /** Of all regions that calendars name: one process for all of them. */
  async #computeHolidays(year: number): Promise<Holidays> {
    const [{ HolidayBook }, { isRegion }] = await Promise.all([import('../holidays.js'), import('../../domain/calendar-declaration.js')]);
    const regions = new Set(Object.values(this.context.calendars ?? {}).flatMap(({ holidays = [] }) => holidays.filter(isRegion)));
    try {
      return await new HolidayBook().around(year, [...regions], AbortSignal.timeout(LONGEST_COMPUTING_MS));
    } catch (error) {
      this.#holidays = undefined;
      throw error;
    }
  }

  #history(collector: string): History {
    const known = this.#histories.get(collector);
    if (known) return known;
    const fresh = new History();
    fresh.keep(this.#kept);
    this.#histories.set(collector, fresh);
    return fresh;
  }
}
