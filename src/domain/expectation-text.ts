// What the texts of an expectation mean: "18:00 on the last working day of the month", "06:00-08:30 on mon-fri".

import { DAYS, readDays, readHours, readTime, type Day, type Reading } from './calendar-declaration.js';
import type { Days, MinuteOfDay } from './expectation-declaration.js';

export interface ByText {
  readonly deadline: MinuteOfDay;
  readonly days: Days;
}

export interface BetweenText extends ByText {
  readonly earliest: MinuteOfDay;
}

const FULL_NAMES: Readonly<Record<Day, string>> = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
};
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
/** As many as a month, quarter or year can have. */
const MOST = { 'working day': [23, 66, 262], day: [31, 92, 366], weekday: [5, 14, 53] } as const;
const UNITS = ['month', 'quarter', 'year'] as const;
const DAYS_EXAMPLES =
  '"mon-fri", "mon,wed", "the last working day of the month", "the 3rd working day of the quarter", "the 15th day of the month" or "the first monday of the month"';

/** `08:30`, `18:00 on the last working day of the month`. */
export function readBy(text: string): Reading<ByText> {
  const { time, days } = split(text);
  const deadline = readTime(time);
  if (deadline === undefined) return { problem: timeProblem(text, time, '18:00') };
  return withDays(days, { deadline });
}

/** `06:00-08:30`, `22:00-00:30 on mon-fri`. */
export function readBetween(text: string): Reading<BetweenText> {
  const { time, days } = split(text);
  const hours = readHours(time);
  if ('problem' in hours) {
    if (readTime(time) !== undefined) return { problem: `"${text}" is one time and not two: write by: "${text}", or e.g. "06:00-08:30"` };
    return { problem: /^[a-z]|^\d+(?:st|nd|rd|th)/i.test(time) ? timeProblem(text, time, '06:00-08:30') : hours.problem };
  }
  return withDays(days, { earliest: hours.value.from, deadline: hours.value.to });
}

/** A time of a day alone. */
export function readFrom(text: string): Reading<MinuteOfDay> {
  const minute = readTime(text);
  return minute === undefined ? { problem: timeProblem(text, text, '05:00') } : { value: minute };
}

function split(text: string): { readonly time: string; readonly days: string | undefined } {
  const match = /^\s*(?<time>\S+)(?:\s+(?:on\s+)?(?<days>\S.*?))?\s*$/i.exec(text);
  return { time: match?.groups?.['time'] ?? '', days: match?.groups?.['days'] };
}

function withDays<T extends object>(text: string | undefined, times: T): Reading<T & { readonly days: Days }> {
  const days: Reading<Days> = text === undefined ? { value: { kind: 'open' } } : readExpectedDays(text);
  return 'problem' in days ? days : { value: { ...times, days: days.value } };
}

function readExpectedDays(text: string): Reading<Days> {
  const words = text.toLowerCase().trim().replaceAll(/\s+/g, ' ');
  if (/^(?:(?:each|every) )?working days?$/.test(words)) return { value: { kind: 'open' } };
  const nth = readNth(words, text);
  if (nth) return nth;
  const short = words.replaceAll(/[a-z]+/g, (word) => shortName(word) ?? word);
  const weekdays = readDays(short);
  if ('problem' in weekdays) {
    const looksLikeDays = short.split(/[-,]/).every((name) => /^ ?[a-z]{3} ?$/.test(name));
    return { problem: looksLikeDays ? weekdays.problem : `"${text}" says no days: write e.g. ${DAYS_EXAMPLES}` };
  }
  return { value: { kind: 'weekdays', weekdays: weekdays.value.map((day) => DAYS.indexOf(day)).toSorted((a, b) => a - b) } };
}

const NTH =
  /^(?:the )?(?<ordinal>[a-z]+|\d{1,3}(?:st|nd|rd|th)?)(?<fromEnd> last)?(?: (?<unit>working day|day|[a-z]+))?(?: (?:of|in) (?:the |each |every |a )?(?<of>month|quarter|year))$/;

/** Undefined where it is no such text. */
function readNth(words: string, text: string): Reading<Days> | undefined {
  const { ordinal = '', fromEnd, unit: written = 'day', of = '' } = NTH.exec(words)?.groups ?? {};
  const unitName = UNITS.find((name) => name === of);
  const number = ordinalOf(ordinal);
  const unit = unitOf(written);
  if (unitName === undefined || number === undefined || unit === undefined) return undefined;
  if (number === -1 && fromEnd !== undefined) return undefined;
  const most = MOST[typeof unit === 'number' ? 'weekday' : unit][UNITS.indexOf(unitName)] ?? 0;
  if (number === 0 || number > most) {
    return {
      problem: `"${text}": there are from 1 to ${most} such days in a ${unitName}; the last one is "the last ${written} of the ${unitName}"`,
    };
  }
  return { value: { kind: 'nth', nth: fromEnd === undefined ? number : -number, unit, of: unitName } };
}

/** -1 for `last`. */
function ordinalOf(word: string): number | undefined {
  if (word === 'last') return -1;
  const index = ORDINALS.indexOf(word);
  if (index !== -1) return index + 1;
  const digits = /^(?<number>\d+)(?:st|nd|rd|th)?$/.exec(word)?.groups?.['number'];
  return digits === undefined ? undefined : Number(digits);
}

function unitOf(word: string): 'working day' | 'day' | number | undefined {
  if (word === 'working day' || word === 'day') return word;
  const day = shortName(word);
  return day === undefined ? undefined : DAYS.indexOf(day);
}

/** `monday`, `mondays` and `mon` are `mon`. */
function shortName(word: string): Day | undefined {
  return DAYS.find((day) => word === day || word === FULL_NAMES[day] || word === `${FULL_NAMES[day]}s`);
}

function timeProblem(text: string, time: string, example: string): string {
  const loose = /^(?<hour>\d{1,2})(?:[:h.](?<minute>\d\d)?)?$/i.exec(time);
  const mended = loose ? `${(loose.groups?.['hour'] ?? '').padStart(2, '0')}:${loose.groups?.['minute'] ?? '00'}` : '';
  if (loose && mended !== time && readTime(mended) !== undefined)
    return `"${text}": times are HH:MM: write "${text.replace(time, mended)}"`;
  const days = text.replace(/^\s*on\s+/i, '').trim();
  if (!('problem' in readExpectedDays(days))) return `"${text}" names no time: write "${example} on ${days}"`;
  return `"${text}" begins with no time: must be HH:MM within a day of 24 hours, and days if need be, e.g. "08:30" or "18:00 on the last working day of the month"`;
}
