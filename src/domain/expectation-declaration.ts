// What is expected of a stage, as the YAML declares it: when, how many, how long. Pure; `expectation-periods.ts` makes moments of it.

/** Minutes after midnight of the clock on the wall in the zone of the calendar; 1440 and more are on the next day. */
export type MinuteOfDay = number;

/** On which days: each on which the calendar opens, some weekdays of them, or one in each month, quarter or year. */
export type Days =
  | { readonly kind: 'open' }
  /** 0 is Monday. */
  | { readonly kind: 'weekdays'; readonly weekdays: readonly number[] }
  /** The nth (from 1) or the last (-1, -2 the one before) working day, day, or weekday of each month, quarter or year. */
  | {
      readonly kind: 'nth';
      readonly nth: number;
      readonly unit: 'working day' | 'day' | number;
      readonly of: 'month' | 'quarter' | 'year';
    };

/** When messages are expected. */
export type Timing =
  /** Something every so many seconds while the flow is open. */
  | { readonly kind: 'every'; readonly seconds: number }
  /** By a time; `from`: before it nothing counts; `earliest`: before it a message is early (`between`). */
  | {
      readonly kind: 'by';
      readonly deadline: MinuteOfDay;
      readonly from: MinuteOfDay | undefined;
      readonly earliest: MinuteOfDay | undefined;
      readonly days: Days;
    }
  /** Within so many seconds of each time of a cron expression, in the zone of the calendar, on days on which it opens. */
  | { readonly kind: 'cron'; readonly expression: string; readonly seconds: number };

/** How long a job takes: from the newest message of the stage `since` to that of the stage of the expectation. Seconds. */
export interface JobDuration {
  readonly since: string;
  readonly shortest: number | undefined;
  readonly longest: number | undefined;
}

export interface Expectation {
  /** Unique within the flow; a label. */
  readonly name: string;
  readonly stage: string;
  /** Of each of these partners; all of the flow where the YAML names none. */
  readonly partners: readonly string[];
  /** Undefined where only the duration of the job is told. */
  readonly timing: Timing | undefined;
  /** Messages within the period. */
  readonly atLeast: number | undefined;
  readonly atMost: number | undefined;
  /** Seconds before the deadline at which what has not come is in jeopardy; undefined: a quarter of the period, at most half an hour. */
  readonly warnBefore: number | undefined;
  readonly lasts: JobDuration | undefined;
}
