// When planned work goes on, as moments: dated or recurring. Pure; right through changes of the clock.

import { MINUTES_PER_DAY } from './calendar-declaration.js';
import { dayOf, MS_PER_DAY } from './calendar-schedule.js';
import { dayOfMinute, readCron, type CronTimes, type WallMinute } from './cron.js';
import { expectedDays } from './expectation-days.js';
import type { Days, MinuteOfDay } from './expectation-declaration.js';
import type { MaintenanceKind } from './maintenance.js';
import { localDay, momentOf, wallMinute } from './wall-time.js';

/** By the clock on the wall in the zone of the work. */
export type MaintenanceTime =
  | { readonly kind: 'dated'; readonly from: WallMinute; readonly to: WallMinute }
  /** `to` is 1440 and more where it ends on the next day. */
  | { readonly kind: 'recurring'; readonly from: MinuteOfDay; readonly to: MinuteOfDay; readonly days: Days }
  | { readonly kind: 'cron'; readonly expression: string; readonly seconds: number };

/** Planned work as the YAML declares it. */
export interface Maintenance {
  readonly name: string;
  readonly title: string;
  readonly kind: MaintenanceKind;
  /** Undefined: in all. */
  readonly environments: readonly string[] | undefined;
  /** Undefined: with all, and within. */
  readonly partners: readonly string[] | undefined;
  /** Undefined: all. */
  readonly flows: readonly string[] | undefined;
  readonly time: MaintenanceTime;
  /** IANA name. */
  readonly timezone: string;
  /** Of a reset: on which day it was done, as the YAML says. */
  readonly done: string | undefined;
  /** Of a reset: a message that passes this stage shows that it was done. */
  readonly stage: string | undefined;
}

/** Moments are milliseconds since the Unix epoch; the end is exclusive. */
export interface MaintenanceWindow {
  readonly start: number;
  readonly end: number;
}

export interface MaintenanceState {
  readonly now: boolean;
  /** The one that goes on, else the next one; undefined where none is in sight. */
  readonly window: MaintenanceWindow | undefined;
  /** From when on the answer is another one. */
  readonly until: number;
}

/** What begins late counts as long as it lasts, and that may be days; how many are looked at. */
const LOOKED_BACK = 100;
/** Minutes by which a change of the clock may set it forth or back, and more. */
const CLOCK_CHANGE = 180;
/** What is further away comes into sight one day. */
const HORIZON_MS = 400 * MS_PER_DAY;

/** Occurrences before (begun at or before a moment) and after it, nearest first. */
interface Occurrences {
  before(epochMs: number): Iterable<MaintenanceWindow>;
  after(epochMs: number): Iterable<MaintenanceWindow>;
}

/**
 * A time that a change of the clock skips is the moment of the change; of one that comes twice, work begins at the first and ends at the
 * last: it is rather muted for an hour too long.
 * @throws RangeError when the cron expression has problems that checking the YAML would have told
 */
export function compileMaintenance({ time, timezone }: Pick<Maintenance, 'time' | 'timezone'>): (epochMs: number) => MaintenanceState {
  const occurrences = occurrencesOf(time, timezone);
  return (epochMs) => {
    const window = goingOn(occurrences.before(epochMs), epochMs) ?? first(occurrences.after(epochMs));
    if (!window || window.start > epochMs + HORIZON_MS) return { now: false, window: undefined, until: epochMs + MS_PER_DAY };
    const now = window.start <= epochMs;
    return { now, window, until: now ? window.end : window.start };
  };
}

/** The window of dated work. */
export function datedWindow({ time, timezone }: Pick<Maintenance, 'time' | 'timezone'>): MaintenanceWindow | undefined {
  if (time.kind !== 'dated') return undefined;
  return { start: wallMoment(time.from, timezone, 'first'), end: wallMoment(time.to, timezone, 'last') };
}

/** From when on a reset is done, as the YAML says; undefined where it does not. */
export function doneFrom({ done, timezone }: Pick<Maintenance, 'done' | 'timezone'>): number | undefined {
  return done === undefined ? undefined : momentOf(dayOf(done), 0, timezone, 'first');
}

/** A day that is to come is a wish: the reset is reminded of until then. */
export function isDone(maintenance: Pick<Maintenance, 'done' | 'timezone'>, epochMs: number): boolean {
  return (doneFrom(maintenance) ?? Infinity) <= epochMs;
}

function goingOn(begun: Iterable<MaintenanceWindow>, epochMs: number): MaintenanceWindow | undefined {
  let found: MaintenanceWindow | undefined;
  let count = 0;
  for (const window of begun) {
    // They end in the order in which they begin.
    if (window.end <= epochMs || ++count > LOOKED_BACK) break;
    found = { start: window.start, end: Math.max(window.end, found?.end ?? 0) };
  }
  return found;
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

function occurrencesOf(time: MaintenanceTime, zone: string): Occurrences {
  if (time.kind === 'recurring') return recurring(time, zone);
  if (time.kind === 'cron') return byCron(time, zone);
  const window = datedWindow({ time, timezone: zone });
  const all = window && isSome(window) ? [window] : [];
  return {
    before: (epochMs) => all.filter(({ start }) => start <= epochMs),
    after: (epochMs) => all.filter(({ start }) => start > epochMs),
  };
}

/** A window between two times that a change of the clock skips is none. */
function isSome({ start, end }: MaintenanceWindow): boolean {
  return start < end;
}

function recurring({ from, to, days }: Extract<MaintenanceTime, { kind: 'recurring' }>, zone: string): Occurrences {
  const expected = expectedDays(days, () => true);
  const window = (day: number) => ({ start: momentOf(day, from, zone, 'first'), end: momentOf(day, to, zone, 'last') });
  return {
    *before(epochMs) {
      for (const { day } of expected.before(localDay(zone, epochMs) + 1)) {
        const found = window(day);
        if (isSome(found) && found.start <= epochMs) yield found;
      }
    },
    *after(epochMs) {
      for (const { day } of expected.from(localDay(zone, epochMs))) {
        const found = window(day);
        if (isSome(found) && found.start > epochMs) yield found;
      }
    },
  };
}

function byCron({ expression, seconds }: Extract<MaintenanceTime, { kind: 'cron' }>, zone: string): Occurrences {
  const times = cronTimes(expression);
  const window = (minute: WallMinute) => {
    const start = wallMoment(minute, zone, 'first');
    return { start, end: start + seconds * 1000 };
  };
  return {
    *before(epochMs) {
      // Around a change of the clock, what the wall shows says little of what has begun.
      for (let at = times.before(wallMinute(zone, epochMs) + CLOCK_CHANGE); at !== undefined; at = times.before(at)) {
        const found = window(at);
        if (found.start <= epochMs) yield found;
      }
    },
    *after(epochMs) {
      for (let at = times.after(wallMinute(zone, epochMs) - CLOCK_CHANGE); at !== undefined; at = times.after(at)) {
        const found = window(at);
        if (found.start > epochMs) yield found;
      }
    },
  };
}

function cronTimes(expression: string): CronTimes {
  const reading = readCron(expression);
  if ('problem' in reading) throw new RangeError(reading.problem);
  return reading.value;
}

function wallMoment(minute: WallMinute, zone: string, ifTwice: 'first' | 'last'): number {
  return momentOf(dayOfMinute(minute), minute - dayOfMinute(minute) * MINUTES_PER_DAY, zone, ifTwice);
}
