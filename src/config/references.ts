// Names that point to something which nothing declares.

import { suggest } from '../domain/suggest.js';
import type { Declarations, Section } from './declarations.js';
import { within, type Report, type Spot } from './report.js';
import { asArray, asObject } from './words.js';

/** Names by section; undefined where some may be missing, so that none can be called unknown. */
type Known = ReadonlySet<string> | undefined;

/** @param environments names of all environments, the default one included */
export function checkReferences(declared: Declarations, environments: ReadonlySet<string>, report: Report): void {
  const unless = (section: Section, names: ReadonlySet<string>): Known => (declared.unreadable.has(section) ? undefined : names);
  const known = {
    teams: unless('teams', new Set(declared.teams.keys())),
    partners: unless('partners', new Set(declared.partners.keys())),
    calendars: unless('calendars', new Set(declared.calendars.keys())),
    environments: unless('environments', environments),
  };
  // Entries that do not fit their schema are looked at as well, so that all mistakes are told at once.
  for (const { spot, raw } of declared.environments.values()) one(spot, raw, 'calendar', 'calendar', known.calendars, report);
  for (const { spot, raw } of declared.flows.values()) {
    one(spot, raw, 'team', 'team', known.teams, report);
    one(spot, raw, 'calendar', 'calendar', known.calendars, report);
    each(spot, raw, 'partners', 'partner', known.partners, report);
    each(spot, raw, 'environments', 'environment', known.environments, report);
  }
  for (const { spot, raw } of declared.sources.values()) {
    one(spot, raw, 'team', 'team', known.teams, report);
    one(spot, raw, 'env', 'environment', known.environments, report);
  }
  checkDefaultEnvironment(declared, report);
  one(declared.defaults.spot, declared.defaults.raw, 'team', 'team', known.teams, report);
}

/** It need not be declared, but where others are, one that is not may be misspelt. */
function checkDefaultEnvironment({ environment, environments, defaults, unreadable }: Declarations, report: Report): void {
  if (environment === undefined || environments.size === 0 || environments.has(environment) || unreadable.has('environments')) return;
  const spot = { file: defaults.spot.file, path: ['environment'] };
  report.warning(spot, `"${environment}" is not among the environments${suggest(environment, environments.keys())}: declare it there`);
}

function one(spot: Spot, raw: unknown, key: string, what: string, known: Known, report: Report): void {
  checkName(within(spot, key), asObject(raw)[key], what, known, report);
}

function each(spot: Spot, raw: unknown, key: string, what: string, known: Known, report: Report): void {
  for (const [index, name] of asArray(asObject(raw)[key]).entries()) checkName(within(spot, key, index), name, what, known, report);
}

/** What is no text is told by the schema. */
function checkName(spot: Spot, name: unknown, what: string, known: Known, report: Report): void {
  if (known && typeof name === 'string' && !known.has(name)) report.error(spot, `no ${what} "${name}"${suggest(name, known)}`);
}
