// Random calendars from a seed, and a second opinion on whether one is open: by asking Intl what the clock on the wall shows.

import type { CalendarDeclaration } from '../../src/domain/calendar.js';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const ZONES = [
  'UTC',
  'Europe/Zurich',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca',
];

/** Numbers from 0 to 1, the same ones for the same seed (a linear congruential generator modulo a prime). */
export function seededRandom(seed: number): () => number {
  let state = (seed * 7919 + 104_729) % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Windows begin and end outside the small hours, where clocks change: there the two opinions differ by design. */
export function randomCalendar(random: () => number): { declaration: CalendarDeclaration; holidays: ReadonlySet<string> } {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const time = (earliest: number, latest: number) => {
    const minute = earliest + Math.floor(random() * (latest - earliest));
    return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  };
  const hours = (): string | string[] => {
    const kind = random();
    if (kind < 0.2) return '00:00-24:00';
    if (kind < 0.4) return `${time(1200, 1380)}-${time(240, 360)}`;
    if (kind < 0.6) return [`${time(400, 600)}-${time(610, 700)}`, `${time(700, 800)}-${time(810, 1190)}`];
    return `${time(400, 700)}-${time(701, 1190)}`;
  };
  const date = () => new Date(Date.parse('2026-01-01T00:00Z') + Math.floor(random() * 730) * 86_400_000).toISOString().slice(0, 10);
  const open = Object.fromEntries(DAYS.filter((day) => day === 'wed' || random() < 0.7).map((day) => [day, hours()]));
  const exceptions = Object.fromEntries(Array.from({ length: 20 }, () => [date(), random() < 0.5 ? 'closed' : hours()]));
  const declaration = { timezone: pick(ZONES) ?? 'UTC', open, exceptions, holidays: [date(), date()] };
  return { declaration, holidays: new Set(Array.from({ length: 20 }, date)) };
}

/** Reads the clock on the wall and looks the time up: simple, slow, and independent of the code under test. */
export function naiveIsOpen(declaration: CalendarDeclaration, holidays: ReadonlySet<string>): (epochMs: number) => boolean {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: declaration.timezone, dateStyle: 'short', timeStyle: 'short' });
  const hoursOn = (date: string): string[] => {
    const exception = declaration.exceptions?.[date];
    if (exception === 'closed') return [];
    const weekday = DAYS[(new Date(`${date}T12:00Z`).getUTCDay() + 6) % 7] ?? '';
    const closed = holidays.has(date) || declaration.holidays?.includes(date);
    return [exception ?? (closed ? [] : (declaration.open[weekday] ?? []))].flat();
  };
  return (epochMs) => {
    const [date = '', time = ''] = format.format(epochMs).split(' ');
    const yesterday = new Date(Date.parse(`${date}T12:00Z`) - 86_400_000).toISOString().slice(0, 10);
    const within = hoursOn(date).some((hours) => {
      const [from = '', to = ''] = hours.split('-');
      return from < to ? from <= time && time < to : from <= time;
    });
    const sinceYesterday = hoursOn(yesterday).some((hours) => {
      const [from = '', to = ''] = hours.split('-');
      return from > to && time < to;
    });
    return within || sinceYesterday;
  };
}
