// Local times of a zone. A file of its own, since Temporal is only loaded where a log names a zone.

import { Temporal } from 'temporal-polyfill';

/**
 * Local time of a zone (`2026-03-02T08:00`) to milliseconds since the Unix epoch; remembers the last minute, which a log repeats.
 * The hour that a change of clock repeats is taken as its second one: what would be in the future counts as now, and so a line is
 * never taken for older than it is.
 */
export function createZoneReader(timezone: string): (minute: string) => number | undefined {
  let lastMinute = '';
  let last: number | undefined;
  return (minute) => {
    if (minute === lastMinute) return last;
    lastMinute = minute;
    try {
      const local = Temporal.PlainDateTime.from(minute, { overflow: 'reject' });
      last = local.toZonedDateTime(timezone, { disambiguation: 'later' }).epochMilliseconds;
    } catch {
      last = undefined;
    }
    return last;
  };
}
