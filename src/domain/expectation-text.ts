// What the texts of an expectation mean: "18:00 on the last working day of the month", "06:00-08:30 on mon-fri".

import { DAYS, FULL_NAMES, mendedHours, readDays, readHours, readTime, type Day, type Reading } from './calendar-declaration.js';
import type { Days, MinuteOfDay } from './expectation-declaration.js';

export interface ByText {
  readonly deadline: MinuteOfDay;
  readonly days: Days;
}

export interface BetweenText extends ByText {
  readonly earliest: MinuteOfDay;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
/** As many as a month, quarter or year can have. */
const MOST = { 'working day': [23, 66, 262], day: [31, 92, 366], weekday: [5, 14, 53] } as const;
const UNITS = ['month', 'quarter', 'year'] as const;

/** How a text may look that is read, for messages: what they suggest must be taken where it is suggested. */
export interface Examples {
  /** The time or times alone. */
  readonly time: string;
  /** What may follow "on", in quotes. */
  readonly days: string;
  /** Whole texts, in quotes. */
  readonly texts: string;
}

const DAYS_EXAMPLES =
  '"mon-fri", "mon,wed", "the last working day of the month", "the 3rd working day of the quarter", "the 15th day of the month" or "the first monday of the month"';
const BY: Examples = { time: '18:00', days: DAYS_EXAMPLES, texts: '"08:30" or "18:00 on the last working day of the month"' };
const BETWEEN: Examples = {
  time: '06:00-08:30',
  days: DAYS_EXAMPLES,
  texts: '"06:00-08:30" or "06:00-08:30 on the last working day of the month"',
};

/** `08:30`, `18:00 on the last working day of the month`. */
export function readBy(text: string): Reading<ByText> {
  const { time, days } = split(text);
  const deadline = readTime(time);
  if (deadline !== undefined) return withDays(days, { deadline }, BY);
  const mended = mendedTime(text, time) ?? turned(text, (words) => readTime(words) !== undefined, BY);
  return { problem: mended === undefined ? `"${text}" begins with no time: must be HH:MM ${AS_BY}, e.g. ${BY.texts}` : mended };
}

/** `06:00-08:30`, `22:00-00:30 on mon-fri`. */
export function readBetween(text: string, examples = BETWEEN): Reading<BetweenText> {
  const { time, days } = split(text);
  const hours = readHours(time);
  if (!('problem' in hours)) return withDays(days, { earliest: hours.value.from, deadline: hours.value.to }, examples);
  const mended = mendedTimes(text);
  if (mended !== undefined) {
    const reading = readBetween(mended, examples);
    return 'problem' in reading ? reading : { problem: `"${text}" must be HH:MM-HH:MM: write "${mended}"` };
  }
  if (readTime(time) !== undefined && !/^[-–]/.test(days ?? '')) {
    const instead = 'value' in readBy(text) ? `write by: "${text}", or e.g.` : 'write e.g.';
    return { problem: `"${text}" is one time and not two: ${instead} "${examples.time}"` };
  }
  if (/^[-–]/.test(days ?? '')) return { problem: `"${text}" must be HH:MM-HH:MM ${AS_BY}, e.g. ${examples.texts}` };
  if (!/^[a-z]|^\d+(?:st|nd|rd|th)/i.test(time)) return { problem: hours.problem };
  return {
    problem:
      turned(text, (words) => 'value' in readHours(words), examples) ??
      `"${text}" begins with no times: must be HH:MM-HH:MM ${AS_BY}, e.g. ${examples.texts}`,
  };
}

/** Two times with blanks between them, or not quite in the right form, and what follows them; undefined where that is not so. */
function mendedTimes(text: string): string | undefined {
  const { hours = '', rest = '' } = /^(?<hours>\s*\d[\d:h.]*\s*[-–]\s*\d[\d:h.]*)(?<rest>\s.*)?$/i.exec(text)?.groups ?? {};
  const mended = mendedHours(hours);
  return mended === undefined ? undefined : `${mended}${rest.trimEnd()}`;
}

/** A time of a day alone. */
export function readFrom(text: string): Reading<MinuteOfDay> {
  const minute = readTime(text);
  if (minute !== undefined) return { value: minute };
  return { problem: mendedTime(text, text) ?? `"${text}" is no time: must be HH:MM within a day of 24 hours, e.g. "05:00"` };
}

function split(text: string): { readonly time: string; readonly days: string | undefined } {
  const match = /^\s*(?<time>\S+)(?:\s+(?:on\s+)?(?<days>\S.*?))?\s*$/i.exec(text);
  return { time: match?.groups?.['time'] ?? '', days: match?.groups?.['days'] };
}

function withDays<T extends object>(text: string | undefined, times: T, examples: Examples): Reading<T & { readonly days: Days }> {
  const days: Reading<Days> = text === undefined ? { value: { kind: 'open' } } : readExpectedDays(text, examples);
  return 'problem' in days ? days : { value: { ...times, days: days.value } };
}

function readExpectedDays(text: string, examples: Examples): Reading<Days> {
  const words = text.toLowerCase().trim().replaceAll(/\s+/g, ' ');
  if (/^(?:(?:each|every) )?working days?$/.test(words)) return { value: { kind: 'open' } };
  const nth = readNth(words, text);
  if (nth) return nth;
  const short = words.replaceAll(/[a-z]+/g, (word) => shortName(word) ?? word);
  const weekdays = readDays(short);
  if ('problem' in weekdays) {
    const looksLikeDays = short.split(/[-,]/).every((name) => /^ ?[a-z]{3} ?$/.test(name));
    return { problem: looksLikeDays ? weekdays.problem : `"${text}" says no days: write e.g. ${examples.days}` };
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

const AS_BY = 'within a day of 24 hours, and days if need be';

/** What to write for `8h` or `8.30`; undefined where that cannot be told. */
function mendedTime(text: string, time: string): string | undefined {
  const loose = /^(?<hour>\d{1,2})(?:[:h.](?<minute>\d\d)?)?$/i.exec(time);
  const mended = loose ? `${(loose.groups?.['hour'] ?? '').padStart(2, '0')}:${loose.groups?.['minute'] ?? '00'}` : '';
  if (!loose || mended === time || readTime(mended) === undefined) return undefined;
  return `"${text}": times are HH:MM: write "${text.replace(time, mended)}"`;
}

/** What to write for days without a time, or with the time behind them; undefined where there are none. */
function turned(text: string, isTime: (words: string) => boolean, examples: Examples): string | undefined {
  const isDays = (words: string) => 'value' in readExpectedDays(words, examples);
  const days = text.replace(/^\s*on\s+/i, '').trim();
  if (isDays(days)) return `"${text}" names no time: write "${examples.time} on ${days}"`;
  const { first = '', last = '' } = /^(?<first>.*?)(?:\s+at)?\s+(?<last>\S+)$/i.exec(days)?.groups ?? {};
  return isTime(last) && isDays(first) ? `"${text}": the time comes first: write "${last} on ${first}"` : undefined;
}
