// What begins and what ends, matched by an id, in whatever order it is told. Bounded in number and in age. No clock: who asks says what time it is.

import { OldestFirst } from './oldest-first.js';

export interface CorrelationLimits {
  /** What begins while so many are open is not followed. */
  readonly maxOpen: number;
  /** What has been open for longer is given up. */
  readonly timeoutMs: number;
  /** For so long an end waits for a start that is told after it, since it stands in another file. */
  readonly earlyMs: number;
}

/** Something that has begun. */
interface Open {
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly origin: string;
}

/** What has begun and ended. */
export interface Completed {
  readonly origin: string;
  readonly id: string;
  /** Never negative: clocks of two machines may differ. */
  readonly seconds: number;
  /** When it ended, in milliseconds since the Unix epoch. */
  readonly endedAt: number;
  /** What the end has told. */
  readonly detail: string;
}

/** An end without a start, by now. */
interface Early {
  readonly at: number;
  readonly detail: string;
}

/** What is open, as something that JSON can hold; origins by their places in the list. */
export interface CorrelationsRecord {
  readonly origins: readonly string[];
  readonly open: readonly (readonly [id: string, at: number, origin: number])[];
  readonly early: readonly (readonly [id: string, at: number, detail: string])[];
}

const LONGEST_ID = 200;

export class Correlations {
  readonly #limits: CorrelationLimits;
  readonly #open = new Map<string, Open>();
  readonly #byOrigin = new Map<string, OldestFirst<Open>>();
  readonly #early = new Map<string, Early>();

  constructor(limits: CorrelationLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** How many are open of the origin. */
  count(origin: string): number {
    return this.#byOrigin.get(origin)?.size ?? 0;
  }

  /** When the oldest one that is open began, in milliseconds since the Unix epoch. */
  oldest(origin: string): number | undefined {
    return this.#byOrigin.get(origin)?.oldest()?.at;
  }

  /**
   * The first start of an id holds: one that is told again changes nothing.
   * @param at milliseconds since the Unix epoch
   * @returns what ended before its start was told; `dropped` where too many are open
   */
  start(text: string, at: number, origin: string): Completed | 'opened' | 'known' | 'dropped' {
    const id = kept(text);
    if (this.#open.has(id)) return 'known';
    const early = this.#early.get(id);
    // An end from long before its start is that of another message with the same id.
    if (early && early.at >= at - this.#limits.earlyMs) {
      this.#early.delete(id);
      return completed({ id, at, origin }, early.at, early.detail);
    }
    if (this.#open.size >= this.#limits.maxOpen) return 'dropped';
    this.#add({ id, at, origin });
    return 'opened';
  }

  /** @returns undefined where the start has not been told; it may still come */
  end(text: string, at: number, detail = ''): Completed | undefined {
    const id = kept(text);
    const open = this.#open.get(id);
    if (open) {
      this.#remove(open);
      return completed(open, at, detail);
    }
    if (this.#early.size < this.#limits.maxOpen && !this.#early.has(id)) this.#early.set(id, { at, detail });
    return undefined;
  }

  /** Gives up what has been open for too long. @returns the origins of what it gave up, and how many ends have had no start */
  expire(now: number): { readonly timedOut: readonly string[]; readonly noStart: number } {
    const { timeoutMs, earlyMs } = this.#limits;
    const timedOut: string[] = [];
    for (const [origin, open] of this.#byOrigin) {
      for (let oldest = open.oldest(); oldest && now - oldest.at > timeoutMs; oldest = open.oldest()) {
        this.#remove(oldest);
        timedOut.push(origin);
      }
    }
    let noStart = 0;
    for (const [id, { at }] of this.#early) {
      if (now - at <= earlyMs) continue;
      this.#early.delete(id);
      noStart++;
    }
    return { timedOut, noStart };
  }

  record(): CorrelationsRecord {
    const origins = [...this.#byOrigin.keys()];
    const places = new Map(origins.map((origin, place) => [origin, place]));
    return {
      origins,
      open: Array.from(this.#open.values(), ({ id, at, origin }) => [id, at, places.get(origin) ?? 0] as const),
      early: Array.from(this.#early, ([id, { at, detail }]) => [id, at, detail] as const),
    };
  }

  restore({ origins, open, early }: CorrelationsRecord): void {
    for (const [id, at, place] of open) {
      const origin = origins[place];
      if (origin !== undefined && !this.#open.has(id)) this.#add({ id, at, origin });
    }
    for (const [id, at, detail] of early) this.#early.set(id, { at, detail });
  }

  #add(open: Open): void {
    this.#open.set(open.id, open);
    const ofOrigin = this.#byOrigin.get(open.origin) ?? new OldestFirst<Open>();
    this.#byOrigin.set(open.origin, ofOrigin);
    ofOrigin.add(open);
  }

  #remove(open: Open): void {
    this.#open.delete(open.id);
    this.#byOrigin.get(open.origin)?.remove(open);
  }
}

function completed({ id, at, origin }: Open, endedAt: number, detail: string): Completed {
  return { id, origin, endedAt, detail, seconds: Math.max(0, endedAt - at) / 1000 };
}

/** On its own: a part of a text keeps all of the text in memory. */
function kept(id: string): string {
  return Buffer.from(id.slice(0, LONGEST_ID).toWellFormed()).toString();
}
