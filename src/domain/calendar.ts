// Checks opening hours as the YAML declares them. `compileCalendar` (calendar-windows.ts) makes moments of them.

import { formatHours, isDate, isRegion, MINUTES_PER_DAY, readDays, readHours, DAYS } from './calendar-declaration.js';
import type { CalendarDeclaration, Day, Hours } from './calendar-declaration.js';
import { knownHolidayRegions } from './calendar-regions.js';
import { nearest, suggest } from './suggest.js';

export type { CalendarDeclaration } from './calendar-declaration.js';
export { holidaysWanted, widerThan, type PublicHolidays } from './calendar-compare.js';

export interface CalendarProblem {
  /** From the calendar to the value: `['open', 'mon-fri', 1]`. */
  readonly path: (string | number)[];
  readonly message: string;
}

/** Everything that is wrong with a calendar, in the order in which it is written; it is already valid against the schema. */
export function calendarProblems(calendar: CalendarDeclaration): CalendarProblem[] {
  return [
    ...timezoneProblems(calendar.timezone),
    ...weekProblems(calendar.open),
    ...(calendar.holidays ?? []).flatMap((holiday, index) => problemAt(['holidays', index], holidayProblem(holiday))),
    ...Object.entries(calendar.exceptions ?? {}).flatMap(([date, hours]) => exceptionProblems(date, hours)),
  ];
}

/** What is wrong with the name of a time zone. */
export function timezoneProblems(zone: string): CalendarProblem[] {
  const zones = Intl.supportedValuesOf('timeZone');
  if (zones.includes(zone) || (isAcceptedZone(zone) && !differsInCase(zone, zones))) return [];
  const wanted = zone.toLowerCase();
  const sameCity = zones.find((name) => name.toLowerCase() === wanted || name.toLowerCase().endsWith(`/${wanted}`));
  const near = sameCity === undefined ? suggest(zone, zones) : ` (is it "${sameCity}"?)`;
  // Four hundred zones are no help where none is near.
  const hint = zone !== '' && near.startsWith(' (is it') ? near : ': must be an IANA time zone, e.g. Europe/Zurich';
  return [{ path: ['timezone'], message: `no time zone "${zone}"${hint}` }];
}

/** Names that are not listed because they mean another zone (Asia/Kolkata, US/Eastern, UTC) are accepted; offsets (+01:00) know no summer time. */
function isAcceptedZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** JavaScript accepts europe/zurich; Alertmanager, which may be given the same name, does not. */
function differsInCase(zone: string, zones: readonly string[]): boolean {
  const wanted = zone.toLowerCase();
  return zone !== 'UTC' && [...zones, 'UTC'].some((name) => name !== zone && name.toLowerCase() === wanted);
}

function weekProblems(open: CalendarDeclaration['open']): CalendarProblem[] {
  const problems: CalendarProblem[] = [];
  const week = new Map<Day, { key: string; hours: readonly Hours[] }>();
  for (const [key, text] of Object.entries(open)) {
    const days = readDays(key);
    const { hours, problems: wrong } = readDay(['open', key], text);
    problems.push(...('problem' in days ? [{ path: ['open', key], message: days.problem }] : []), ...wrong);
    if ('problem' in days) continue;
    for (const day of days.value) {
      const other = week.get(day);
      if (other) problems.push({ path: ['open', key], message: `${day} is already in "${other.key}": name each day once` });
      else week.set(day, { key, hours });
    }
  }
  return problems.length > 0 ? problems : nightProblems(week);
}

/** Hours over midnight that run into those of the next day. */
function nightProblems(week: ReadonlyMap<Day, { key: string; hours: readonly Hours[] }>): CalendarProblem[] {
  return DAYS.flatMap((day, index) => {
    const next = DAYS[(index + 1) % DAYS.length] ?? 'mon';
    const { key = '', hours = [] } = week.get(day) ?? {};
    return hours.flatMap((night) => {
      const morning = week.get(next)?.hours.find(({ from }) => from + MINUTES_PER_DAY < night.to);
      if (!morning) return [];
      return [{ path: ['open', key], message: `"${formatHours(night)}" on ${day} runs into "${formatHours(morning)}" on ${next}` }];
    });
  });
}

function readDay(path: (string | number)[], text: string | readonly string[]): { hours: Hours[]; problems: CalendarProblem[] } {
  const hours: Hours[] = [];
  const problems: CalendarProblem[] = [];
  const texts = typeof text === 'string' ? [text] : text;
  texts.forEach((one, index) => {
    const place = typeof text === 'string' ? path : [...path, index];
    const reading = readHours(one);
    if ('problem' in reading) {
      problems.push({ path: place, message: reading.problem });
      return;
    }
    const { from, to } = reading.value;
    const other = hours.find((earlier) => from < earlier.to && earlier.from < to);
    if (other)
      problems.push({ path: place, message: `"${one}" overlaps "${formatHours(other)}": join them, or let one end before the other` });
    hours.push(reading.value);
  });
  return { hours, problems };
}

function holidayProblem(holiday: string): string | undefined {
  if (!isRegion(holiday)) return isDate(holiday) ? undefined : `"${holiday}" is no date: must be like 2026-12-24`;
  if (knownHolidayRegions.has(holiday)) return undefined;
  return `no public holidays known for "${holiday}"${regionHint(holiday)}: must be a country or region like CH or CH-VD, or a date like 2026-12-24`;
}

/** Codes that people write and ISO 3166 does not have. */
const OTHER_CODES: Readonly<Record<string, string>> = { UK: 'GB', EL: 'GR' };

/**
 * What was meant, where that can be told; else what the country has. Countries are not guessed by their letters: with each letter that
 * changes, two letters are another country.
 */
function regionHint(holiday: string): string {
  const code = holiday.toUpperCase();
  const [country = ''] = code.split('-');
  const letters = code.replaceAll(/[^\dA-Z]/g, '');
  // Three letters alone are another standard's code of a country.
  const sameLetters = code.length === 3 ? [] : regionsThat((known) => known.replaceAll('-', '').toUpperCase() === letters);
  const meant = sameLetters[0] ?? OTHER_CODES[code] ?? endsLike(code);
  if (meant !== undefined) return ` (is it "${meant}"?)`;
  const sameCountry = regionsThat((known) => known === country || known.startsWith(`${country}-`));
  return sameCountry.length > 0 ? suggest(holiday, sameCountry) : '';
}

/** `CH-VD` for `VD`: one of the regions of that name. */
function endsLike(code: string): string | undefined {
  const regions = regionsThat((known) => known.endsWith(`-${code}`) && known.split('-').length === 2);
  return regions.length === 0 ? undefined : regions.slice(0, 4).join('" or "');
}

function regionsThat(fits: (known: string) => boolean): readonly string[] {
  return [...knownHolidayRegions].filter((known) => fits(known));
}

function exceptionProblems(date: string, hours: string | readonly string[]): CalendarProblem[] {
  const dateProblem = isDate(date) ? undefined : `"${date}" is no date: must be like 2026-12-24`;
  return [...problemAt(['exceptions', date], dateProblem), ...(hours === 'closed' ? [] : exceptionHours(date, hours))];
}

/** As those of a day of the week, and what a date may be besides. */
function exceptionHours(date: string, hours: string | readonly string[]): CalendarProblem[] {
  return readDay(['exceptions', date], hours).problems.map(({ path, message }) => {
    const index = path[2];
    const text = typeof hours === 'string' ? hours : hours[Number(index)];
    if (text !== undefined && nearest(text.toLowerCase(), ['closed']) !== undefined)
      return { path, message: `"${text}" is no hours: write closed${index === undefined ? '' : ', without a list'}` };
    const mended = message.replace('or leave a closed day out', 'or closed');
    return { path, message: mended.includes(' e.g. ') ? `${mended}, or closed` : mended };
  });
}

function problemAt(path: (string | number)[], message: string | undefined): CalendarProblem[] {
  return message === undefined ? [] : [{ path, message }];
}
