// Opening hours as moments: is it open, and when does that change. Pure; right through changes of the clock.

import type { CalendarDeclaration, Hours } from './calendar-declaration.js';
import { MS_PER_DAY, scheduleOf, type Schedule } from './calendar-schedule.js';
import { endOf, localDay, momentOf } from './wall-time.js';

/** How far ahead a change is looked for: a year and the holidays at its end. */
export const HORIZON_DAYS = 400;
const HORIZON_MS = HORIZON_DAYS * MS_PER_DAY;
/** How far back a change is looked for, step by step: most are of the last days. No further than holidays are known. */
const LOOK_BACK_DAYS = [10, 60, 365] as const;

/**
 * A window is the smallest unbroken stretch of time that holds every moment at which the clock on the wall shows a time in it. So
 * - where the clock jumps forward over its opening or closing, it opens or closes at the moment of the jump;
 * - where the clock falls back, it opens at the first and closes at the last of the moments that bear the same time; but at the first where
 *   the clock falls back to that very time, as none before it is shown again;
 * - where the clock jumps over all of it (an hour, or the 30th of December 2011 in Samoa), it does not open.
 *
 * A window belongs to the day on which it opens: a holiday closes those that open on it, also the part after midnight, and not the rest of
 * the night before. Windows that touch are one, without a change between them.
 */
export interface Calendar {
  isOpen(epochMs: number): boolean;
  /** The next moment after this one, in milliseconds since the Unix epoch, at which `isOpen` differs; undefined when none comes within 400 days. */
  nextChange(epochMs: number): number | undefined;
  /** The last moment, up to and including this one, from which on `isOpen` was what it is; undefined when none came within 365 days. */
  lastChange(epochMs: number): number | undefined;
}

/** Open or closed from one moment (inclusive) to another (exclusive). */
interface Stretch {
  readonly open: boolean;
  readonly from: number;
  readonly until: number;
  /** Nothing was looked at beyond this moment: an `until` that is later is not a change. */
  readonly knownUntil: number;
}

/**
 * @param holidayDates the dates (`2026-12-25`) that the region codes of the declaration stand for
 * @throws RangeError when the declaration has problems that `calendarProblems` would have told
 */
export function compileCalendar(declaration: CalendarDeclaration, holidayDates: ReadonlySet<string>): Calendar {
  const schedule = scheduleOf(declaration, holidayDates);
  let last: Stretch | undefined;

  const stretchAt = (epochMs: number): Stretch => {
    if (last && holds(last, epochMs)) return last;
    last = findStretch(schedule, declaration.timezone, epochMs);
    return last;
  };
  return {
    isOpen: (epochMs) => stretchAt(epochMs).open,
    nextChange: (epochMs) => {
      const { until } = stretchAt(epochMs);
      return until - epochMs <= HORIZON_MS ? until : undefined;
    },
    lastChange: (epochMs) => {
      for (const days of LOOK_BACK_DAYS) {
        const change = changeWithin(schedule, declaration.timezone, epochMs, days);
        if (change !== undefined) return change;
      }
      return undefined;
    },
  };
}

/** Whether the stretch answers both questions for this moment as a fresh one would. */
function holds({ from, until, knownUntil }: Stretch, epochMs: number): boolean {
  return from <= epochMs && epochMs < until && (until <= knownUntil || epochMs + HORIZON_MS <= knownUntil);
}

function findStretch(schedule: Schedule, zone: string, epochMs: number): Stretch {
  const knownUntil = epochMs + HORIZON_MS + MS_PER_DAY;
  // Two days around: a window may end on the day after it opened, and a clock that falls back at midnight repeats part of a day.
  const firstDay = localDay(zone, epochMs) - 2;
  const lastDay = localDay(zone, knownUntil) + 2;
  for (const { from, until } of joinedWindows(schedule, zone, firstDay, lastDay)) {
    if (epochMs < from) return { open: false, from: epochMs, until: from, knownUntil };
    if (epochMs < until) return { open: true, from, until, knownUntil };
  }
  return { open: false, from: epochMs, until: Infinity, knownUntil };
}

function changeWithin(schedule: Schedule, zone: string, epochMs: number, days: number): number | undefined {
  const today = localDay(zone, epochMs);
  const firstDay = today - days;
  // What opens on the first day may be the rest of a window that opened before it.
  const knownFrom = momentOf(firstDay + 1, 0, zone, 'last');
  let change: number | undefined;
  for (const { from, until } of joinedWindows(schedule, zone, firstDay, today + 2)) {
    for (const moment of [from, until]) if (knownFrom < moment && moment <= epochMs) change = moment;
  }
  return change;
}

interface Window {
  readonly from: number;
  readonly until: number;
}

/** The windows that open on these days, in order, those that touch or overlap joined. Looks no further than it is asked. */
function* joinedWindows(schedule: Schedule, zone: string, firstDay: number, lastDay: number): Generator<Window> {
  let joined: Window | undefined;
  for (let day = firstDay; day <= lastDay; day++) {
    for (const hours of schedule(day)) {
      const { from, until } = windowOf(day, hours, zone);
      if (from === until) continue;
      if (joined && from <= joined.until) {
        joined = { from: joined.from, until: Math.max(joined.until, until) };
        continue;
      }
      if (joined) yield joined;
      joined = { from, until };
    }
  }
  if (joined) yield joined;
}

function windowOf(day: number, { from, to }: Hours, zone: string): Window {
  return { from: momentOf(day, from, zone, 'first'), until: endOf(day, to, zone) };
}
