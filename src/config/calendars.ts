// Opening hours: what their texts say, and that no environment is open for longer than production (EN2).

import { calendarProblems, holidaysWanted, widerThan } from '../domain/calendar.js';
import type { Flow } from '../domain/flow.js';
import { publicHolidays } from '../sources/holidays.js';
import { SourceError } from '../sources/kind.js';
import type { Declarations } from './declarations.js';
import type { Environment } from './model.js';
import { atKey, within, type Report, type Spot } from './report.js';
import type { RawCalendar } from './schema.js';

/** The process that computes public holidays needs a second or two. */
const HOLIDAYS_TIMEOUT_MS = 20_000;

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

/** What opening hours are checked against each other with. */
export interface HoursContext {
  readonly environments: readonly Environment[];
  readonly flows: readonly Flow[];
  readonly declared: Declarations;
  /** Those without problems. */
  readonly calendars: ReadonlyMap<string, RawCalendar>;
}

/** An environment may be open only while production is; where production has no calendar, each flow in it has its own, or is always open. */
export async function checkEnvironmentHours(context: HoursContext, report: Report): Promise<void> {
  const hours = new ComparedHours(context.calendars);
  await checkAgainstProduction(context, hours, report);
  await checkAgainstFlows(context, hours, report);
}

async function checkAgainstProduction({ environments, declared, calendars }: HoursContext, hours: ComparedHours, report: Report) {
  const production = environments.find((environment) => environment.production);
  if (production?.calendar === undefined || !calendars.has(production.calendar)) return;
  for (const { name, calendar, production: isProduction } of environments) {
    const spot = declared.environments.get(name)?.spot;
    if (isProduction || !spot) continue;
    if (calendar === undefined) {
      report.warning(atKey(spot), `has no calendar, so it is open while ${production.name} is closed (calendar ${production.calendar})`);
      continue;
    }
    const comparison = await hours.compare(calendar, production.calendar);
    tell(comparison, within(spot, 'calendar'), `"${calendar}"`, `"${production.calendar}" of ${production.name}`, report);
  }
}

/** The calendar of an environment goes before that of the flow, which holds in production where that has none. */
async function checkAgainstFlows({ environments, flows, declared }: HoursContext, hours: ComparedHours, report: Report) {
  const tests = environments.filter(({ production, calendar }) => !production && calendar !== undefined);
  const productions = environments.filter(({ production, calendar }) => production && calendar === undefined);
  if (tests.length === 0) return;
  for (const flow of flows) {
    const production = productions.find(({ name }) => flow.environments.includes(name));
    const spot = declared.flows.get(flow.name)?.spot;
    if (flow.calendar === undefined || !production || !spot) continue;
    for (const { name, calendar = '' } of tests.filter((environment) => flow.environments.includes(environment.name))) {
      const comparison = await hours.compare(calendar, flow.calendar);
      const outer = `"${flow.calendar}" of ${flow.name} in ${production.name}`;
      tell(comparison, within(spot, 'calendar'), `"${calendar}" of ${name}`, outer, report);
    }
  }
}

type Comparison = { readonly wider: string } | { readonly unknown: string } | undefined;

function tell(comparison: Comparison, spot: Spot, inner: string, outer: string, report: Report): void {
  if (!comparison) return;
  if ('wider' in comparison) report.error(spot, `${inner} is wider than ${outer}: ${comparison.wider}`);
  else report.warning(spot, `whether ${inner} is wider than ${outer} on single dates is not known: ${comparison.unknown}`);
}

/** Compares calendars by name, each pair once: many flows follow the same one. */
class ComparedHours {
  readonly #calendars: ReadonlyMap<string, RawCalendar>;
  readonly #comparisons = new Map<string, Promise<Comparison>>();

  constructor(calendars: ReadonlyMap<string, RawCalendar>) {
    this.#calendars = calendars;
  }

  /** Nothing where one of them is not known or has problems, which are told elsewhere. */
  compare(innerName: string, outerName: string): Promise<Comparison> {
    const key = JSON.stringify([innerName, outerName]);
    const known = this.#comparisons.get(key);
    if (known) return known;
    const [inner, outer] = [this.#calendars.get(innerName), this.#calendars.get(outerName)];
    const comparison = inner && outer && inner !== outer ? compareHours(inner, outer) : Promise.resolve(undefined);
    this.#comparisons.set(key, comparison);
    return comparison;
  }
}

async function compareHours(inner: RawCalendar, outer: RawCalendar): Promise<Comparison> {
  const wanted = holidaysWanted(inner, outer);
  try {
    const holidays = wanted && (await publicHolidays(wanted.regions, wanted.years, AbortSignal.timeout(HOLIDAYS_TIMEOUT_MS)));
    const wider = widerThan(inner, outer, holidays);
    return wider === undefined ? undefined : { wider };
  } catch (error) {
    // Better to load than to refuse what may be right.
    if (error instanceof SourceError) return { unknown: error.message };
    throw error;
  }
}
