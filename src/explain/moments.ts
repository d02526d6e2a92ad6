// When a flow opens or closes next, and when planned work concerns it.

import { FollowedCalendars } from '../catalog/calendars.js';
import type { Placement } from '../catalog/intentions.js';
import type { Config } from '../config/model.js';
import { compileCalendar } from '../domain/calendar-windows.js';
import type { OpeningHours } from '../domain/expectation-periods.js';
import { environmentsConcerned, partnersConcerned } from '../domain/maintenance-scope.js';
import {
  compileMaintenance,
  datedWindow,
  type Maintenance,
  type MaintenanceState,
  type MaintenanceWindow,
} from '../domain/maintenance-windows.js';
import { HolidayBook } from '../sources/holidays.js';

export interface Opening {
  readonly open: boolean;
  readonly lastChange: number | undefined;
  readonly nextChange: number | undefined;
}

export interface Planned {
  readonly maintenance: Maintenance;
  readonly state: MaintenanceState;
  /** Of dated work. */
  readonly dated: MaintenanceWindow | undefined;
  /** Empty: all that is exchanged. */
  readonly partners: readonly string[];
}

/** The calendar of a placement with its holidays; undefined where it has none. @throws SourceError when holidays cannot be computed */
export async function hoursOf(config: Config, placement: Placement, now: number): Promise<OpeningHours | undefined> {
  if (placement.calendar === undefined) return undefined;
  const calendars = new FollowedCalendars(config, [placement], new HolidayBook());
  return (await calendars.at(now, new AbortController().signal)).get(placement.calendar);
}

export function openingAt({ declaration, holidayDates }: OpeningHours, now: number): Opening {
  const calendar = compileCalendar(declaration, holidayDates);
  return { open: calendar.isOpen(now), lastChange: calendar.lastChange(now), nextChange: calendar.nextChange(now) };
}

/** The planned work that concerns the flow in the environment, now or later. */
export function plannedFor({ maintenance = [] }: Config, { flow, env }: Placement, now: number): Planned[] {
  return maintenance
    .filter((work) => environmentsConcerned(work, flow).includes(env))
    .map((work) => ({ work, partners: partnersConcerned(work, flow) }))
    .filter(({ partners }) => partners.length > 0)
    .map(({ work, partners }) => ({
      maintenance: work,
      state: compileMaintenance(work)(now),
      dated: datedWindow(work),
      partners: partners.filter((partner) => partner !== undefined),
    }));
}
