// Times in ISO 8601, and what is close to it: a space for the T, a comma for the point, +0100 and +01 for +01:00. RFC 3339 and RFC 5424
// are of that kind too. Read character by character, since most logs have such a time in each line.

import type { LocalTimes } from './local-time.js';

const MINUTE = 60_000;

const ZERO = 0x30;
const DASH = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const POINT = 0x2e;
const COMMA = 0x2c;
const SPACE = 0x20;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
/** Turns small letters of ASCII into capital ones. */
const CAPITAL = 0xffdf;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * @param local reads times that name no offset; without it, such times are not read
 * @returns milliseconds since the Unix epoch, with as many decimals as the text has; undefined for what is no such time
 */
export function parseIso(text: string, local?: LocalTimes): number | undefined {
  const { length } = text;
  if (length < 16 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(13) !== COLON) return undefined;
  const between = text.charCodeAt(10);
  if (between !== SPACE && (between & CAPITAL) !== LETTER_T) return undefined;
  const day = dayOf(two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8));
  const hour = two(text, 11);
  const minute = two(text, 14);
  let at = 16;
  let second = 0;
  if (text.charCodeAt(at) === COLON) {
    second = two(text, at + 1);
    at += 3;
  }
  let fraction = 0;
  const mark = text.charCodeAt(at);
  if (mark === POINT || mark === COMMA) {
    const end = digitsEnd(text, at + 1);
    if (end === at + 1 || end > at + 10) return undefined;
    fraction = milliseconds(text, at + 1, end);
    at = end;
  }
  // The 60th second is a leap second; hour 24 is midnight at the end of the day.
  if (!(hour < 24 ? minute < 60 && second <= 60 : hour === 24 && minute + second + fraction === 0)) return undefined;
  const wall = day + (hour * 60 + minute) * MINUTE;
  if (Number.isNaN(wall)) return undefined;
  const start = at === length ? local?.(wall) : wall - offsetOf(text, at);
  return start === undefined || Number.isNaN(start) ? undefined : start + second * 1000 + fraction;
}

/** Wall time of midnight, in milliseconds; NaN for a day that there is none. */
function dayOf(year: number, month: number, day: number): number {
  const isLeapDay = month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = DAYS[month - 1];
  if (last === undefined || !(day >= 1 && (day <= last || isLeapDay))) return Number.NaN;
  // Date.UTC takes years below 100 for those of the twentieth century.
  return year < 100 ? Number.NaN : Date.UTC(year, month - 1, day);
}

/** What follows the time of day: Z, or an offset, maybe after a blank. @returns milliseconds east of Greenwich; NaN for anything else */
export function offsetOf(text: string, at: number): number {
  if (text.charCodeAt(at) === SPACE) at++;
  const sign = text.charCodeAt(at);
  if ((sign & CAPITAL) === LETTER_Z) return at + 1 === text.length ? 0 : Number.NaN;
  if (sign !== PLUS && sign !== DASH) return Number.NaN;
  const hours = two(text, at + 1);
  at += 3;
  let minutes = 0;
  if (at < text.length) {
    if (text.charCodeAt(at) === COLON) at++;
    minutes = two(text, at);
    at += 2;
  }
  if (at !== text.length || !(hours < 24 && minutes < 60)) return Number.NaN;
  const offset = (hours * 60 + minutes) * MINUTE;
  return sign === PLUS ? offset : -offset;
}

/** @returns the number that two digits make; NaN for anything else */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function digitsEnd(text: string, at: number): number {
  for (;;) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return at;
    at++;
  }
}

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** Milliseconds that up to nine digits after the point make: 5 is 500, 123456 is 123.456. */
export function milliseconds(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) number = number * 10 + text.charCodeAt(at) - ZERO;
  return (number * 1000) / (POWERS[end - start] ?? Number.NaN);
}
