// The dates of public holidays, computed in a short-lived process so that who asks stays small.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isDate } from '../domain/calendar-declaration.js';
import { knownHolidayRegions } from '../domain/calendar-regions.js';
import { SourceError } from './kind.js';

/** The phase of errors while holidays are computed. */
export const HOLIDAYS_PHASE = 'holidays';

const PROGRAM = join(import.meta.dirname, 'holidays-process.js');
const run = promisify(execFile);

/**
 * The dates (`2026-12-25`, ascending) on which a region is closed all day by a public holiday, for each region (`CH`, `CH-VD`).
 * @throws SourceError when a region is not known, the process fails, or the signal aborts it
 */
export async function publicHolidays(
  regions: readonly string[],
  years: readonly number[],
  signal?: AbortSignal,
): Promise<Map<string, readonly string[]>> {
  if (regions.length === 0) return new Map();
  const unknown = regions.find((region) => !knownHolidayRegions.has(region));
  if (unknown !== undefined) throw new SourceError(HOLIDAYS_PHASE, 'internal', `no public holidays are known for "${unknown}"`);
  const answer = await ask(regions, years, signal);
  return new Map(regions.map((region) => [region, datesIn(answer, region)]));
}

async function ask(regions: readonly string[], years: readonly number[], signal: AbortSignal | undefined): Promise<unknown> {
  try {
    const { stdout } = await run(process.execPath, [PROGRAM, regions.join(','), years.join(',')], {
      ...(signal && { signal }),
    });
    return JSON.parse(stdout);
  } catch (error) {
    const errorClass = signal?.aborted ? 'timeout' : 'internal';
    throw new SourceError(HOLIDAYS_PHASE, errorClass, `the public holidays of ${regions.join(', ')} could not be computed`, {
      cause: error,
    });
  }
}

function datesIn(answer: unknown, region: string): readonly string[] {
  const dates: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, region) : undefined;
  if (Array.isArray(dates) && dates.length > 0 && dates.every((date) => typeof date === 'string' && isDate(date))) return dates;
  throw new SourceError(HOLIDAYS_PHASE, 'internal', `the public holidays of ${region} could not be computed: none came back`);
}

/** Remembers what was computed, so that a reload and the next second need not compute it again. */
export class HolidayBook {
  #years: readonly number[] = [];
  #dates = new Map<string, ReadonlySet<string>>();
  /** Those who ask at the same time are answered one after the other, from what was computed for the first. */
  #last: Promise<unknown> = Promise.resolve();

  /** Last year to the one after the next: windows are looked ahead for 400 days, in any time zone. @throws SourceError */
  around(year: number, regions: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const turn = this.#last.then(() => this.#around(year, regions, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #around(year: number, regions: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const years = [year - 1, year, year + 1, year + 2];
    const known = years.join() === this.#years.join() ? this.#dates : new Map<string, ReadonlySet<string>>();
    const missing = regions.filter((region) => !known.has(region));
    const found = await publicHolidays(missing, years, signal);
    this.#years = years;
    this.#dates = new Map([...known, ...[...found].map(([region, dates]) => [region, new Set(dates)] as const)]);
    return this.#dates;
  }
}
