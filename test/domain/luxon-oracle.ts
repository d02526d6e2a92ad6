// A second opinion on opening hours and deadlines, from the offsets of Luxon: all of ten years written out, without a short cut.

import { DateTime, IANAZone } from 'luxon';
import type { CalendarDeclaration } from '../../src/domain/calendar.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const STEP = DAY;
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export interface Stretch {
  readonly from: number;
  readonly until: number;
}

export interface OraclePeriod {
  readonly start: number;
  readonly deadline: number;
  readonly earliest: number | undefined;
}

/** Minutes of its day; `to` may lie on the next one. */
interface Hours {
  readonly from: number;
  readonly to: number;
}

/** The offsets of a zone, found once by asking Luxon for each day, and where two differ, ever more closely. */
class Offsets {
  readonly #changes: { readonly at: number; readonly offset: number }[];

  constructor(name: string, from: number, until: number) {
    const zone = IANAZone.create(name);
    this.#changes = [{ at: -Infinity, offset: zone.offset(from) }];
    for (let at = from; at < until; at += STEP) {
      if (zone.offset(at) === zone.offset(at + STEP)) continue;
      let [before, after] = [at, at + STEP];
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (zone.offset(middle) === zone.offset(at)) before = middle;
        else after = middle;
      }
      this.#changes.push({ at: after, offset: zone.offset(after) });
    }
  }

  /** Milliseconds. */
  at(epochMs: number): number {
    let index = this.#changes.length - 1;
    while (index > 0 && (this.#changes[index]?.at ?? 0) > epochMs) index--;
    return (this.#changes[index]?.offset ?? 0) * MINUTE;
  }
}

export class Oracle {
  readonly #offsets: Offsets;
  readonly #declaration: CalendarDeclaration;
  readonly #holidays: ReadonlySet<string>;
  readonly #days: readonly string[];
  readonly #weekdays: ReadonlyMap<string, number>;
  readonly #hours = new Map<string, Hours[]>();
  readonly #moments = { first: new Map<number, number>(), last: new Map<number, number>() };

  /** @param from first date, e.g. 2010-01-01 @param until the day after the last one */
  constructor(declaration: CalendarDeclaration, holidays: ReadonlySet<string>, from: string, until: string) {
    this.#offsets = new Offsets(declaration.timezone, Date.parse(from) - 7 * DAY, Date.parse(until) + 7 * DAY);
    this.#declaration = declaration;
    this.#holidays = holidays;
    const days = new Map<string, number>();
    for (let day = DateTime.fromISO(from, { zone: 'utc' }); day.toISODate() !== until; day = day.plus({ days: 1 })) {
      days.set(day.toISODate() ?? '', day.weekday);
    }
    this.#days = [...days.keys()];
    this.#weekdays = days;
  }

  /** All windows, those that touch joined. */
  stretches(): Stretch[] {
    const joined: { from: number; until: number }[] = [];
    const windows = this.#days.flatMap((date) =>
      this.hoursOn(date).map(({ from, to }) => ({ from: this.moment(date, from, 'first'), until: this.#end(date, to) })),
    );
    for (const { from, until } of windows.filter((window) => window.from < window.until).toSorted((a, b) => a.from - b.from)) {
      const last = joined.at(-1);
      if (last && from <= last.until) last.until = Math.max(last.until, until);
      else joined.push({ from, until });
    }
    return joined;
  }

  /** Days that open, of those that are wanted. */
  workingDays(weekdays: readonly number[] = [1, 2, 3, 4, 5, 6, 7]): string[] {
    return this.#days.filter((date) => weekdays.includes(this.#weekdays.get(date) ?? 0) && this.hoursOn(date).length > 0);
  }

  /** The nth working day of each month; negative ones from the end. */
  nthWorkingDays(nth: number): { date: string; month: string }[] {
    const months = Map.groupBy(this.workingDays(), (date) => date.slice(0, 7));
    return [...months].flatMap(([month, dates]) => {
      const date = dates.at(nth > 0 ? nth - 1 : nth);
      return date === undefined ? [] : [{ date, month: `${month}-01` }];
    });
  }

  /** By a time on these days, from midnight or the night's beginning on. */
  deadlines(dates: readonly string[], minute: number): OraclePeriod[] {
    return this.#tidy(
      dates.map((date) => {
        const ofNight = this.#isOfNight(date, minute);
        const day = ofNight ? next(date) : date;
        const eve = previous(day);
        const night = this.hoursOn(eve).find(({ to }) => to > 1440);
        let start = this.moment(day, 0, 'first');
        if (night) start = minute <= night.to - 1440 ? this.moment(eve, night.from, 'first') : this.#end(eve, night.to);
        return { start, deadline: this.moment(day, minute, 'last'), earliest: undefined };
      }),
    );
  }

  /** Within these times on these days; the earlier one may only be on the same day. */
  betweens(dates: readonly string[], earliest: number, deadline: number): OraclePeriod[] {
    const all = dates.map((date) => {
      const day = this.#isOfNight(date, deadline) ? next(date) : date;
      return { earliest: this.moment(day, earliest, 'first'), deadline: this.moment(day, deadline, 'last') };
    });
    const kept = unique(all.filter((one) => one.earliest < one.deadline));
    return kept.flatMap((one, index) => {
      const before = kept[index - 1];
      if (!before) return [];
      const middle = Math.floor((before.deadline + one.earliest) / 2);
      return [{ ...one, start: Math.min(Math.max(middle, before.deadline), one.earliest) }];
    });
  }

  /** By a time on the nth working day of each month, from the beginning of the month on. */
  monthly(nth: number, minute: number): OraclePeriod[] {
    return this.#tidy(
      this.nthWorkingDays(nth).map(({ date, month }) => {
        const day = this.#isOfNight(date, minute) ? next(date) : date;
        return { start: this.moment(month, 0, 'first'), deadline: this.moment(day, minute, 'last'), earliest: undefined };
      }),
    );
  }

  /** At these minutes of each day, as far as the weekday is wanted and it opens then. */
  crons(minutes: readonly number[], weekdays: readonly number[], seconds: number): OraclePeriod[] {
    const starts = this.#days.flatMap((date) =>
      minutes
        .filter((minute) => {
          if (!weekdays.includes(this.#weekdays.get(date) ?? 0)) return false;
          if (this.#isOfNight(previous(date), minute)) return true;
          return this.hoursOn(date).length > 0 && !this.#isOfNight(date, minute);
        })
        .map((minute) => this.moment(date, minute, 'first')),
    );
    return this.#tidy(starts.map((start) => ({ start, deadline: start + seconds * 1000, earliest: undefined })));
  }

  hoursOn(date: string): Hours[] {
    const known = this.#hours.get(date) ?? this.#readHours(date);
    this.#hours.set(date, known);
    return known;
  }

  #readHours(date: string): Hours[] {
    const exception = this.#declaration.exceptions?.[date];
    const weekday = WEEK[(this.#weekdays.get(date) ?? 0) - 1] ?? '';
    const isClosed = this.#holidays.has(date) || this.#declaration.holidays?.includes(date);
    const written = exception ?? (isClosed ? [] : (this.#declaration.open[weekday] ?? []));
    if (written === 'closed') return [];
    return [written].flat().map((text) => {
      const [from = 0, to = 0] = text.split('-').map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
      return { from, to: to > from ? to : to + 1440 };
    });
  }

  /** When the clock on the wall shows the time: at the first or last such moment, or when it jumps over it. */
  moment(date: string, minute: number, which: 'first' | 'last'): number {
    const wall = Date.parse(date) + minute * MINUTE;
    const known = this.#moments[which].get(wall);
    if (known !== undefined) return known;
    const shown = this.#shown(wall);
    const found = shown.length > 0 ? Math[which === 'first' ? 'min' : 'max'](...shown) : this.#jumpOver(wall);
    this.#moments[which].set(wall, found);
    return found;
  }

  /** When hours end that last until just before this time: right after the last moment at which the clock shows the millisecond before it. */
  #end(date: string, minute: number): number {
    const wall = Date.parse(date) + minute * MINUTE - 1;
    const shown = this.#shown(wall);
    return shown.length > 0 ? Math.max(...shown) + 1 : this.#jumpOver(wall);
  }

  /** Every moment at which the clock on the wall shows this time. */
  #shown(wall: number): number[] {
    // No zone changes twice within two days.
    const offsets = new Set([this.#offsets.at(wall - DAY), this.#offsets.at(wall + DAY)]);
    return [...offsets].map((offset) => wall - offset).filter((at) => at + this.#offsets.at(at) === wall);
  }

  #jumpOver(wall: number): number {
    let before = wall - 2 * DAY;
    let after = wall + 2 * DAY;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (middle + this.#offsets.at(middle) < wall) before = middle;
      else after = middle;
    }
    return after;
  }

  #isOfNight(date: string, minute: number): boolean {
    return this.hoursOn(date).some(({ from, to }) => to > 1440 && from <= minute + 1440 && minute + 1440 <= to);
  }

  #tidy(periods: readonly OraclePeriod[]): OraclePeriod[] {
    const kept = unique(periods.filter(({ start, deadline }) => start < deadline));
    return kept.map((period, index) => ({ ...period, start: Math.max(period.start, kept[index - 1]?.deadline ?? -Infinity) }));
  }
}

function unique<T extends { readonly deadline: number }>(periods: readonly T[]): T[] {
  return periods.filter(({ deadline }, index) => periods[index - 1]?.deadline !== deadline);
}

function next(date: string): string {
  return new Date(Date.parse(date) + DAY).toISOString().slice(0, 10);
}

function previous(date: string): string {
  return new Date(Date.parse(date) - DAY).toISOString().slice(0, 10);
}
