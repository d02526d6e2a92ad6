// When a flow opens or closes next, when something of it is due next, and when planned work concerns it.

import { FollowedCalendars } from '../catalog/calendars.js';
import type { Placement } from '../catalog/intentions.js';
import type { Config } from '../config/model.js';
import { compileCalendar } from '../domain/calendar-windows.js';
import type { Expectation } from '../domain/expectation-declaration.js';
import { compilePeriods, type OpeningHours, type Period, type PeriodTiming } from '../domain/expectation-periods.js';
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

/** What is due next of an expectation with a deadline. */
export interface Due {
  /** Whether it has begun. */
  readonly begun: boolean;
  readonly period: Period;
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

/** @returns undefined where nothing is due within sight, or it has no deadline */
export function nextDue({ timing }: Expectation, hours: OpeningHours | undefined, now: number): Due | undefined {
  if (!timing || timing.kind === 'every') return undefined;
  return dueOf(timing, hours, now);
}

function dueOf(timing: PeriodTiming, hours: OpeningHours | undefined, now: number): Due | undefined {
  const periodsAt = compilePeriods(timing, hours);
  const { current, until } = periodsAt(now);
  if (current && current.deadline > now) return { begun: true, period: current };
  if (until === Infinity) return undefined;
  const next = periodsAt(until).current;
  return next && { begun: false, period: next };
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
