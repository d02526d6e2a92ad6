// Messages within the periods of expectations, counted from counters that only grow: over restarts, and where a counter begins anew. Pure.

import { measured, observed } from '../conventions.js';
import type { Periods } from './expectation-periods.js';
import { seriesKey, type Labels, type Observation } from './observation.js';

/** An expectation whose messages are counted. */
export interface Counted {
  readonly flow: string;
  readonly stage: string;
  /** Its name. */
  readonly expectation: string;
  /** Changes with what the YAML says of its time: what was counted under another one means nothing. */
  readonly meaning: string;
  readonly partners: ReadonlySet<string>;
  readonly periodsAt: (epochMs: number) => Periods;
}

/** A look at the counters of a collector. */
export interface CounterLook {
  readonly collector: string;
  /** All series that it tells; those of other metrics are passed over. */
  readonly observations: Iterable<Observation>;
  /** Wall clock. */
  readonly now: number;
  /** A look so many milliseconds before a period begins is as good as one at its beginning. */
  readonly bridge: number;
}

/** Moments are milliseconds since the Unix epoch. */
interface Count {
  readonly start: number;
  /** Undefined where the beginning of the period was not seen. */
  readonly current: number | undefined;
  readonly previous: number | undefined;
  readonly lookedAt: number;
}

export interface CountsRecord {
  readonly version: 1;
  /** When each collector was looked at last. */
  readonly looks: Readonly<Record<string, number>>;
  /** Values of the counters then, by collector and series. */
  readonly values: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, Count>>;
}

/** A clock that was set back by so much goes on with the period that it has begun. */
const SET_BACK_MS = 60_000;

/** One count, and what is to be told of it. */
interface Told {
  readonly labels: Labels;
  readonly counted: Counted;
  increase: number;
}

export class PeriodCounts {
  /** By flow and stage. */
  readonly #counted: ReadonlyMap<string, readonly Counted[]>;
  #looks = new Map<string, number>();
  #values = new Map<string, number>();
  #counts = new Map<string, Count>();
  #version = 0;

  constructor(counted: readonly Counted[]) {
    this.#counted = Map.groupBy(counted, ({ flow, stage }) => placeOf(flow, stage));
  }

  /** Changes whenever something has been counted, or a period has begun. */
  get version(): number {
    return this.#version;
  }

  /**
   * What came between two looks counts for the period in which the second one lies.
   * @returns the counts of all series that the collector tells
   */
  look({ collector, observations, now, bridge }: CounterLook): Observation[] {
    const isFirst = !this.#looks.has(collector);
    const told = new Map<string, Told>();
    for (const { metric, labels, value } of observations) {
      const counted = metric === observed.messages ? this.#counted.get(placeOf(labels['flow'], labels['stage'])) : undefined;
      if (!counted || typeof value !== 'number') continue;
      const increase = this.#increase(`${collector}\n${seriesKey(metric, labels)}`, value, isFirst);
      for (const one of counted) if (one.partners.has(labels['partner'] ?? '')) add(told, collector, one, labels, increase);
    }
    this.#looks.set(collector, now);
    return [...told].flatMap(([key, one]) => this.#count(key, one, now, bridge));
  }

  record(): CountsRecord {
    return {
      version: 1,
      looks: Object.fromEntries(this.#looks),
      values: Object.fromEntries(this.#values),
      counts: Object.fromEntries(this.#counts),
    };
  }

  /** Goes on from a record; one that is none is passed over. */
  restore(saved: unknown): void {
    if (!isObject(saved) || saved['version'] !== 1) return;
    this.#looks = numbers(saved['looks']);
    this.#values = numbers(saved['values']);
    const counts = Object.entries(isObject(saved['counts']) ? saved['counts'] : {});
    this.#counts = new Map(counts.flatMap(([key, count]) => (isCount(count) ? [[key, count]] : [])));
  }

  /** Like Prometheus: a counter that has fallen began anew at 0, and so did one that was not there. */
  #increase(key: string, value: number, isFirst: boolean): number {
    const before = this.#values.get(key) ?? (isFirst ? value : 0);
    this.#values.set(key, value);
    return value >= before ? value - before : value;
  }

  #count(key: string, { counted, labels, increase }: Told, now: number, bridge: number): Observation[] {
    const before = this.#counts.get(key);
    const count = next(before, counted.periodsAt(now), { increase, now, bridge });
    if (!count) return [];
    this.#counts.set(key, count);
    if (increase > 0 || before?.start !== count.start) this.#version++;
    return (['current', 'previous'] as const).flatMap((period) => {
      const value = count[period];
      return value === undefined ? [] : [{ metric: measured.periodMessages, labels: { ...labels, period }, value }];
    });
  }
}

function next(
  before: Count | undefined,
  { current, previous }: Periods,
  { increase, now, bridge }: { readonly increase: number; readonly now: number; readonly bridge: number },
): Count | undefined {
  if (!current) return undefined;
  const unseen = { start: current.start, current: undefined, previous: undefined, lookedAt: now };
  if (!before) return unseen;
  const goesOn = current.start === before.start || (before.start > now && before.start - now < SET_BACK_MS);
  if (goesOn) return { ...before, current: before.current === undefined ? undefined : before.current + increase, lookedAt: now };
  const hasSeen = previous?.start === before.start && before.lookedAt + bridge >= current.start;
  return hasSeen ? { start: current.start, current: increase, previous: before.current, lookedAt: now } : unseen;
}

function add(told: Map<string, Told>, collector: string, counted: Counted, labels: Labels, increase: number): void {
  const { outcome: _, ...place } = labels;
  const { expectation, meaning } = counted;
  const own = { ...place, expectation };
  const key = `${collector}\n${seriesKey(measured.periodMessages, own)}\n${meaning}`;
  const known = told.get(key) ?? { labels: own, counted, increase: 0 };
  known.increase += increase;
  told.set(key, known);
}

function placeOf(flow: string | undefined, stage: string | undefined): string {
  return `${flow ?? ''}\n${stage ?? ''}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function numbers(value: unknown): Map<string, number> {
  const entries = Object.entries(isObject(value) ? value : {});
  return new Map(entries.flatMap(([key, entry]) => (typeof entry === 'number' ? [[key, entry]] : [])));
}

function isCount(value: unknown): value is Count {
  if (!isObject(value)) return false;
  const { start, current, previous, lookedAt } = value;
  return typeof start === 'number' && typeof lookedAt === 'number' && isMaybeNumber(current) && isMaybeNumber(previous);
}

function isMaybeNumber(value: unknown): value is number | undefined {
  return value === undefined || typeof value === 'number';
}
