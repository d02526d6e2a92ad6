// Opening hours: what their texts say, and that no environment is open for longer than production (EN2).

import { calendarProblems, widerThan } from '../domain/calendar.js';
import type { Declarations } from './declarations.js';
import type { Environment } from './model.js';
import { atKey, within, type Report } from './report.js';
import type { RawCalendar } from './schema.js';

/** @returns the calendars without problems, by name. */
export function checkCalendars(declared: Declarations, report: Report): Map<string, RawCalendar> {
  const sound = new Map<string, RawCalendar>();
  for (const { name, spot, value } of declared.calendars.values()) {
    if (!value) continue;
    const problems = calendarProblems(value);
    for (const { path, message } of problems) report.error(within(spot, ...path), message);
    if (problems.length === 0) sound.set(name, value);
  }
  return sound;
}

/** An environment may be open only while production is; where production has no calendar, it is always open. */
export function checkEnvironmentHours(
  environments: readonly Environment[],
  declared: Declarations,
  calendars: ReadonlyMap<string, RawCalendar>,
  report: Report,
): void {
  const production = environments.find((environment) => environment.production);
  const outer = production?.calendar === undefined ? undefined : calendars.get(production.calendar);
  if (!production || !outer) return;
  for (const { name, calendar, production: isProduction } of environments) {
    const spot = declared.environments.get(name)?.spot;
    if (isProduction || !spot) continue;
    if (calendar === undefined) {
      report.warning(atKey(spot), `has no calendar, so it is open while ${production.name} is closed (calendar ${production.calendar})`);
      continue;
    }
    const inner = calendars.get(calendar);
    const wider = inner && widerThan(inner, outer);
    if (wider !== undefined)
      report.error(within(spot, 'calendar'), `"${calendar}" is wider than "${production.calendar}" of ${production.name}: ${wider}`);
  }
}
