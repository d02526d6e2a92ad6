// Starts and ends of the same thing, matched by an id, whichever of them is read first: how long it took, what is open.
// All times are milliseconds since the Unix epoch, given by the caller: those of a log while it is caught up with, else a clock's.

import { ownText } from './own-text.js';
import { TimeHeap, type Timed } from './time-heap.js';

export interface CorrelationLimits {
  /** Starts that are open at a time, and as many ends that wait for their starts. */
  readonly maxOpen: number;
  /** The longest that an end may come after its start, in milliseconds; then the start is given up. */
  readonly timeoutMs: number;
  /** How long an end waits for a start that is read after it, in another file, in milliseconds. */
  readonly earlyMs: number;
}

export interface Completed<Origin> {
  readonly result: 'completed';
  /** From start to end. */
  readonly seconds: number;
  /** That of the start. */
  readonly origin: Origin;
  /** When it ended. */
  readonly endedAt: number;
  /** What came with the end. */
  readonly detail: string;
}

/** `repeated`: it is open already, and nothing has changed. `dropped`: too many are open, and this one is forgotten. */
export type StartOutcome<Origin> = Completed<Origin> | { readonly result: 'open' | 'repeated' | 'dropped' };
/**
 * `waiting`: for a start. `no_start`: an end is given up, this one or the oldest one that waited, since too many wait, or this id has
 * one that waits.
 */
export type EndOutcome<Origin> = Completed<Origin> | { readonly result: 'waiting' | 'no_start' };

export interface Expired<Origin> {
  /** The origin of each start that is given up. */
  readonly timedOut: readonly Origin[];
  /** Ends that are given up. */
  readonly noStart: number;
}

/** Ids and their times, one for one. */
interface RecordedTimes {
  readonly ids: readonly string[];
  readonly times: readonly number[];
}

/** As something that JSON can hold. */
export interface CorrelationsRecord {
  readonly open: readonly (RecordedTimes & { readonly origin: string })[];
  readonly early: RecordedTimes & { readonly details: readonly string[] };
}

/** Logs round their times, and clocks of machines differ a little: an end may seem to come this much before its start. */
const TOLERANCE_MS = 2000;
/** Of an id, in UTF-16 code units; what is longer is cut. */
const MAX_ID = 200;

/** What starts of one origin are open. */
interface Place<Origin> {
  readonly origin: Origin;
  readonly starts: TimeHeap<Start<Origin>>;
}

interface Start<Origin> extends Timed {
  readonly id: string;
  readonly of: Place<Origin>;
}

interface EarlyEnd extends Timed {
  readonly id: string;
  readonly detail: string;
}

/**
 * An end belongs to the start of the same id that came before it, by no more than the time-out. So each start is completed, timed
 * out, repeated or dropped, and each end is completed or without start, whichever file is read first and whenever `expire` is called.
 * @typeParam Origin what starts are told apart by, such as an index or an object (compared by identity): no more of them than are declared
 */
export class Correlations<Origin> {
  readonly #limits: CorrelationLimits;
  readonly #starts = new Map<string, Start<Origin>>();
  readonly #places = new Map<Origin, Place<Origin>>();
  readonly #early = new Map<string, EarlyEnd>();
  readonly #earlyByTime = new TimeHeap<EarlyEnd>();
  #version = 0;
  #recorded: { readonly version: number; readonly record: CorrelationsRecord } | undefined;

  constructor(limits: CorrelationLimits) {
    this.#limits = limits;
  }

  /**
   * @param record more open starts than allowed are kept all the same
   * @param originOf the origin that was recorded under this name; undefined where it is no longer declared: its starts are forgotten
   */
  static restore<Origin>(
    { open, early }: CorrelationsRecord,
    limits: CorrelationLimits,
    originOf: (name: string) => Origin | undefined,
  ): Correlations<Origin> {
    const restored = new Correlations<Origin>(limits);
    for (const { origin: name, ids, times } of open) {
      const origin = originOf(name);
      if (origin === undefined) continue;
      for (const [index, id] of ids.entries()) restored.#addStart(id, times[index] ?? 0, origin);
    }
    for (const [index, id] of early.ids.entries()) restored.#addEarly(id, early.times[index] ?? 0, early.details[index] ?? '');
    return restored;
  }

  /** Changes whenever the record does. */
  get version(): number {
    return this.#version;
  }

  /** How many starts of the origin are open. */
  open(origin: Origin): number {
    return this.#places.get(origin)?.starts.size ?? 0;
  }

  /** The time of the oldest open start of the origin; undefined where none is open. */
  oldest(origin: Origin): number | undefined {
    return this.#places.get(origin)?.starts.oldest?.time;
  }

  start(id: string, time: number, origin: Origin): StartOutcome<Origin> {
    const key = keyOf(id);
    if (this.#starts.has(key)) return { result: 'repeated' };
    const early = this.#early.get(key);
    if (early && this.#belong(time, early.time)) {
      this.#removeEarly(early);
      return completed(time, early, origin);
    }
    if (this.#starts.size >= this.#limits.maxOpen) return { result: 'dropped' };
    this.#addStart(ownText(key), time, origin);
    return { result: 'open' };
  }

  /** @param detail a short text that comes back with what is completed */
  end(id: string, time: number, detail = ''): EndOutcome<Origin> {
    const key = keyOf(id);
    const start = this.#starts.get(key);
    if (start && this.#belong(start.time, time)) {
      this.#removeStart(start);
      return completed(start.time, { time, detail }, start.of.origin);
    }
    if (this.#early.has(key)) return { result: 'no_start' };
    this.#addEarly(ownText(key), time, detail);
    const { oldest } = this.#earlyByTime;
    if (!oldest || this.#early.size <= this.#limits.maxOpen) return { result: 'waiting' };
    this.#removeEarly(oldest);
    return { result: 'no_start' };
  }

  /** Gives up what has waited too long. */
  expire(now: number): Expired<Origin> {
    const { timeoutMs, earlyMs } = this.#limits;
    const timedOut: Origin[] = [];
    for (const { origin, starts } of this.#places.values()) {
      for (const { id } of starts.before(now - timeoutMs)) {
        this.#starts.delete(id);
        timedOut.push(origin);
      }
    }
    const waited = this.#early.size;
    for (const { id } of this.#earlyByTime.before(now - earlyMs)) this.#early.delete(id);
    const noStart = waited - this.#early.size;
    if (timedOut.length + noStart > 0) this.#version++;
    return { timedOut, noStart };
  }

  /**
   * The same object as long as nothing has changed.
   * @param nameOf names an origin for `restore`; always in the same way
   */
  record(nameOf: (origin: Origin) => string): CorrelationsRecord {
    if (this.#recorded?.version !== this.#version) this.#recorded = { version: this.#version, record: this.#write(nameOf) };
    return this.#recorded.record;
  }

  #write(nameOf: (origin: Origin) => string): CorrelationsRecord {
    const places = [...this.#places.values()].filter(({ starts }) => starts.size > 0);
    return {
      open: places.map(({ origin, starts }) => ({ origin: nameOf(origin), ...timesOf(starts) })),
      early: { ...timesOf(this.#earlyByTime), details: Array.from(this.#earlyByTime.values(), ({ detail }) => detail) },
    };
  }

  #belong(start: number, end: number): boolean {
    const took = end - start;
    return took >= -TOLERANCE_MS && took <= this.#limits.timeoutMs;
  }

  #addStart(id: string, time: number, origin: Origin): void {
    let of = this.#places.get(origin);
    if (!of) {
      of = { origin, starts: new TimeHeap() };
      this.#places.set(origin, of);
    }
    const start = { id, time, place: 0, of };
    of.starts.add(start);
    this.#starts.set(id, start);
    this.#version++;
  }

  #removeStart(start: Start<Origin>): void {
    start.of.starts.remove(start);
    this.#starts.delete(start.id);
    this.#version++;
  }

  #addEarly(id: string, time: number, detail: string): void {
    const end = { id, time, place: 0, detail };
    this.#earlyByTime.add(end);
    this.#early.set(id, end);
    this.#version++;
  }

  #removeEarly(end: EarlyEnd): void {
    this.#earlyByTime.remove(end);
    this.#early.delete(end.id);
    this.#version++;
  }
}

function completed<Origin>(start: number, { time, detail }: Pick<EarlyEnd, 'time' | 'detail'>, origin: Origin): Completed<Origin> {
  return { result: 'completed', seconds: Math.max(time - start, 0) / 1000, origin, endedAt: time, detail };
}

function timesOf(entries: TimeHeap<Timed & { readonly id: string }>): RecordedTimes {
  const ids: string[] = [];
  const times: number[] = [];
  for (const { id, time } of entries.values()) {
    ids.push(id);
    times.push(time);
  }
  return { ids, times };
}

/** Well formed, since a copy is, and must be found again. */
function keyOf(id: string): string {
  return (id.length > MAX_ID ? id.slice(0, MAX_ID) : id).toWellFormed();
}
