// Local times of a zone. A file of its own, since Temporal is only loaded where the YAML names a zone.

import { Temporal } from 'temporal-polyfill';

/** Which of its two occurrences a local time means that a change of clock repeats; both are the same where the change skips it. */
export type Repeated = 'first' | 'second';

export type ZoneReader = (minute: string) => number | undefined;

/**
 * @returns a function from local time of the zone (`2026-03-02T08:00`) to milliseconds since the Unix epoch; undefined for a time that
 * is none. It remembers the last minute, since what is read together is mostly of one time; and nothing of a reading that is ended in
 * mid-course.
 */
export function createZoneReader(timezone: string, repeated: Repeated): ZoneReader {
  const disambiguation = repeated === 'first' ? 'compatible' : 'later';
  let lastMinute = '';
  let last: number | undefined;
  return (minute) => {
    if (minute === lastMinute) return last;
    try {
      const local = Temporal.PlainDateTime.from(minute, { overflow: 'reject' });
      last = local.toZonedDateTime(timezone, { disambiguation }).epochMilliseconds;
    } catch {
      last = undefined;
    }
    lastMinute = minute;
    return last;
  };
}
