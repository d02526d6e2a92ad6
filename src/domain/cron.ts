// Times of cron expressions by the clock on the wall; what they mean as moments is not said here.

import { createRequire } from 'node:module';
import type { Cron } from 'croner';
import { MINUTES_PER_DAY, type Reading } from './calendar-declaration.js';

const MS_PER_MINUTE = 60_000;
/** How many times are looked at to find how close together they come. */
const SAMPLE = 500;
const SAMPLE_START = Date.UTC(2024, 0, 1);
const EXAMPLE = 'five fields, minute, hour, day, month and weekday, e.g. "0 6 * * 1-5" for 06:00 on working days';

/** Minutes of the clock on the wall since 1970-01-01 00:00 of its own. */
export type WallMinute = number;

export interface CronTimes {
  /** The first one after this. */
  readonly after: (minute: WallMinute) => WallMinute | undefined;
  /** The last one before this. */
  readonly before: (minute: WallMinute) => WallMinute | undefined;
}

/** Of expressions and what they mean: the same ones stand at many flows, and each takes croner a tenth of a second. */
const KEPT = 2000;
const read = new Map<string, Reading<CronTimes>>();
const gaps = new WeakMap<CronTimes, number>();

/** Five fields, as https://man7.org/linux/man-pages/man5/crontab.5.html has them, and the `L`, `W` and `#` of croner. */
export function readCron(expression: string): Reading<CronTimes> {
  const known = read.get(expression) ?? readAnew(expression);
  if (read.size >= KEPT) read.clear();
  read.set(expression, known);
  return known;
}

function readAnew(expression: string): Reading<CronTimes> {
  if (!/^\S+(?:\s+\S+){4}$/.test(expression.trim())) return { problem: `"${expression}" is no cron expression: write ${EXAMPLE}` };
  let cron: Cron;
  try {
    cron = compile(expression.trim());
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : '';
    return { problem: `"${expression}" is no cron expression (${reason}): write ${EXAMPLE}` };
  }
  const times = { after: (minute: WallMinute) => after(cron, minute), before: (minute: WallMinute) => before(cron, minute) };
  if (times.after(SAMPLE_START / MS_PER_MINUTE) === undefined) return { problem: `"${expression}" never comes: no month has such a day` };
  return { value: times };
}

/** Minutes between two times where they are closest, among the first hundreds of them. */
export function shortestGap(times: CronTimes): number {
  const gap = gaps.get(times) ?? findShortestGap(times);
  gaps.set(times, gap);
  return gap;
}

function findShortestGap({ after: next }: CronTimes): number {
  let shortest = Infinity;
  let last = SAMPLE_START / MS_PER_MINUTE;
  for (let count = 0; count <= SAMPLE; count++) {
    const minute = next(last);
    if (minute === undefined) break;
    if (count > 0) shortest = Math.min(shortest, minute - last);
    last = minute;
  }
  return shortest;
}

export function dayOfMinute(minute: WallMinute): number {
  return Math.floor(minute / MINUTES_PER_DAY);
}

/**
 * Loaded only where there is such an expression. The clock of UTC stands for the one on the wall: it has no changes.
 *
 * Of a day and a weekday either is enough, unless one of the two begins with `*`: then both must be right. crontab(5) means that of
 * steps (every second day), too, where croner means it of `*` alone.
 */
function compile(expression: string): Cron {
  const require = createRequire(import.meta.url);
  const { Cron: Constructor }: { readonly Cron: typeof Cron } = require('croner');
  const [, , day = '', , weekday = ''] = expression.split(/\s+/);
  const domAndDow = [day, weekday].some((field) => field.startsWith('*'));
  return new Constructor(expression, { paused: true, timezone: 'UTC', mode: '5-part', domAndDow });
}

function after(cron: Cron, minute: WallMinute): WallMinute | undefined {
  const found = cron.nextRun(new Date(minute * MS_PER_MINUTE));
  return found ? found.getTime() / MS_PER_MINUTE : undefined;
}

function before(cron: Cron, minute: WallMinute): WallMinute | undefined {
  const [found] = cron.previousRuns(1, new Date(minute * MS_PER_MINUTE));
  return found ? found.getTime() / MS_PER_MINUTE : undefined;
}
