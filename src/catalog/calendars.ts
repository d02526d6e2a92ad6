// The calendars that flows follow, with the dates of their public holidays: computed once a year.

import type { Config } from '../config/model.js';
import { isRegion } from '../domain/calendar-declaration.js';
import type { OpeningHours } from '../domain/expectation-periods.js';
import type { HolidayBook } from '../sources/holidays.js';
import type { Placement } from './intentions.js';

export class FollowedCalendars {
  /** Names of the calendars that the flows follow. */
  readonly names: readonly string[];
  readonly #config: Config;
  readonly #book: HolidayBook;
  #known: { readonly year: number; readonly hours: ReadonlyMap<string, OpeningHours> } | undefined;

  constructor(config: Config, placements: readonly Placement[], book: HolidayBook) {
    this.#config = config;
    this.#book = book;
    this.names = [...new Set(placements.map(({ calendar }) => calendar))].filter((name) => name !== undefined);
  }

  /** By name; the same map until the year changes. @throws SourceError when holidays cannot be computed: no hours are better than wrong ones */
  async at(epochMs: number, signal: AbortSignal): Promise<ReadonlyMap<string, OpeningHours>> {
    const year = new Date(epochMs).getUTCFullYear();
    if (this.#known?.year === year) return this.#known.hours;
    const declarations = this.names.map((name) => {
      const declaration = this.#config.calendars[name];
      if (!declaration) throw new RangeError(`no calendar "${name}"`);
      return { name, declaration };
    });
    const regions = new Set(declarations.flatMap(({ declaration: { holidays = [] } }) => holidays.filter(isRegion)));
    const dates = await this.#book.around(year, [...regions], signal);
    const hours = new Map(
      declarations.map(({ name, declaration }) => {
        const closed = (declaration.holidays ?? []).flatMap((holiday) => [...(dates.get(holiday) ?? [])]);
        return [name, { declaration, holidayDates: new Set(closed) }];
      }),
    );
    this.#known = { year, hours };
    return hours;
  }
}
