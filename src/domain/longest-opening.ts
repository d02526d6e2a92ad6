// How long a calendar stays open at most without a break.

import { MINUTES_PER_DAY, type CalendarDeclaration } from './calendar-declaration.js';
import { NO_DATES, scheduleOf } from './calendar-schedule.js';
import { HORIZON_DAYS } from './calendar-windows.js';

/**
 * Minutes of the longest opening that begins within 400 days, those that touch taken as one; 0 where nothing opens. By the clock on the
 * wall, so without its changes, and without public holidays: it is rather too long than too short.
 * @param firstDay days since 1970-01-01
 * @throws RangeError when the declaration has problems that `calendarProblems` would have told
 */
export function longestOpening(declaration: CalendarDeclaration, firstDay: number): number {
  const schedule = scheduleOf(declaration, NO_DATES);
  let longest = 0;
  let opened = -Infinity;
  let closes = -Infinity;
  for (let day = firstDay; day < firstDay + HORIZON_DAYS; day++) {
    for (const { from, to } of schedule(day)) {
      const start = day * MINUTES_PER_DAY + from;
      if (start > closes) opened = start;
      closes = Math.max(closes, day * MINUTES_PER_DAY + to);
      longest = Math.max(longest, closes - opened);
    }
  }
  return longest;
}
