// Names that point to something which nothing declares.

import { suggest } from '../domain/suggest.js';
import type { Declarations } from './declarations.js';
import { within, type Report, type Spot } from './report.js';
import { asArray, asObject } from './words.js';

interface Referable {
  readonly teams: ReadonlySet<string>;
  readonly partners: ReadonlySet<string>;
  readonly calendars: ReadonlySet<string>;
  readonly environments: ReadonlySet<string>;
}

/** @param environments names of all environments, the default one included */
export function checkReferences(declared: Declarations, environments: ReadonlySet<string>, report: Report): void {
  const known: Referable = {
    teams: new Set(declared.teams.keys()),
    partners: new Set(declared.partners.keys()),
    calendars: new Set(declared.calendars.keys()),
    environments,
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
  one(declared.defaults.spot, declared.defaults.raw, 'team', 'team', known.teams, report);
}

function one(spot: Spot, raw: unknown, key: string, what: string, known: ReadonlySet<string>, report: Report): void {
  checkName(within(spot, key), asObject(raw)[key], what, known, report);
}

function each(spot: Spot, raw: unknown, key: string, what: string, known: ReadonlySet<string>, report: Report): void {
  for (const [index, name] of asArray(asObject(raw)[key]).entries()) checkName(within(spot, key, index), name, what, known, report);
}

/** What is no text is told by the schema. */
function checkName(spot: Spot, name: unknown, what: string, known: ReadonlySet<string>, report: Report): void {
  if (typeof name === 'string' && !known.has(name)) report.error(spot, `no ${what} "${name}"${suggest(name, known)}`);
}
