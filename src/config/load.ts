// Loads exporters.yaml: reads, checks and resolves it, and reports everything that is wrong with it at once.

import { createHash } from 'node:crypto';
import type { Flow } from '../domain/flow.js';
import { kindNames, loadKind } from '../sources/registry.js';
import { checkCalendars, checkEnvironmentHours } from './calendars.js';
import { checkDependencies, readPlatforms } from './dependencies.js';
import { namedKinds, readDeclarations, type Declarations, type Kinds, type KnownKinds } from './declarations.js';
import type { Diagnostic } from './diagnostics.js';
import { readEnvironments } from './environments.js';
import { checkExpectations } from './expectations.js';
import { readFiles, type Files, type FilesOptions } from './files.js';
import { checkFlow, readFlow } from './flows.js';
import { checkExpressions } from './indicators.js';
import { readMaintenance } from './maintenance.js';
import type { Config, Environment, Team } from './model.js';
import { warnOfPasswordsInUrls, warnOfPlainSecrets } from './plain-secrets.js';
import { checkReferences } from './references.js';
import { atKey, Report, within, type Spot } from './report.js';
import { teamSchema } from './schema.js';
import { checkSources } from './sources.js';

export interface LoadOptions extends FilesOptions {
  /** The kinds of sources there are. Default: those of the registry. */
  readonly kinds?: Kinds;
}

export interface Loaded {
  /** Undefined if and only if there is an error among the diagnostics. */
  readonly config: Config | undefined;
  /** All problems, by file (the main one first), line and column. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A configuration of which more may be reported: what shows only when its sources are tried. */
export interface Reportable {
  /** Undefined if and only if loading found an error. */
  readonly config: Config | undefined;
  readonly report: Report;
  /** Where the block of each source stands, by name. */
  readonly sources: ReadonlyMap<string, Spot>;
  /** Where flows stand, by name. */
  readonly flows: ReadonlyMap<string, Spot>;
  /** Where planned work stands, by name. */
  readonly maintenance: ReadonlyMap<string, Spot>;
  /** All that is in the report by now, in the order of `Loaded`. */
  readonly diagnostics: () => readonly Diagnostic[];
}

const DEFAULT_ENVIRONMENT = 'prod';

/** Loads a configuration. Touches no source and reads no secret. */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<Loaded> {
  const { config, diagnostics } = await loadReportable(file, options);
  return { config, diagnostics: diagnostics() };
}

/** Like `loadConfig`, for those who have more to say about the files. */
export async function loadReportable(file: string, options: LoadOptions = {}): Promise<Reportable> {
  const report = new Report();
  const files = await readFiles(file, report, options);
  const known = options.kinds ? { names: Object.keys(options.kinds), kinds: options.kinds } : await registered(files);
  const declared = files.parsed.length > 0 ? readDeclarations(files.parsed, known, report) : undefined;
  const config = declared && (await check(files, declared, report));
  if (declared) await checkExpressions(declared, report);
  return {
    config: report.hasErrors ? undefined : config,
    report,
    sources: spots(declared?.sources),
    flows: spots(declared?.flows),
    maintenance: spots(declared?.maintenance),
    diagnostics: () => report.sorted(files.names),
  };
}

function spots(entries: ReadonlyMap<string, { readonly spot: Spot }> | undefined): ReadonlyMap<string, Spot> {
  return new Map([...(entries ?? [])].map(([name, { spot }]) => [name, spot]));
}

/** Those of the registry. Only those that the files name are loaded: the code of all of them is an eighth of the time of a start. */
async function registered({ parsed }: Files): Promise<KnownKinds> {
  const named = namedKinds(parsed).filter((name) => kindNames.includes(name));
  const loaded = await Promise.all(named.map(async (name) => [name, await loadKind(name)] as const));
  return { names: kindNames, kinds: Object.fromEntries(loaded) };
}

async function check(files: Files, declared: Declarations, report: Report): Promise<Config> {
  const environment = declared.environment ?? DEFAULT_ENVIRONMENT;
  const environments = readEnvironments(declared, environment);
  const calendars = checkCalendars(declared, report);
  // Names that a file which cannot be read may declare are not called unknown.
  if (files.complete) checkReferences(declared, new Set(environments.map(({ name }) => name)), report);
  for (const part of files.parsed) warnOfPasswordsInUrls(part.data, { file: part, path: [] }, report);
  const flows = readFlows(declared, environments, environment, report);
  await checkEnvironmentHours({ environments, flows, declared, calendars }, report);
  const isReadable = !declared.unreadable.has('flows') && !declared.unreadable.has('partners');
  const canCross = files.complete && isReadable && flows.length === declared.flows.size;
  const sources = checkSources({ declared, environment, environments, flows, calendars: Object.fromEntries(calendars), canCross }, report);
  checkDependencies({ declared, flows, sources, isComplete: files.complete }, report);
  return {
    file: files.parsed[0]?.file ?? '',
    files: files.parsed.map(({ file }) => file),
    sha: digest(files.contents),
    environment,
    environments,
    teams: readTeams(declared, report),
    defaultTeam: declared.defaults.value?.team,
    partners: [...declared.partners.values()].map(({ name, value }) => ({ name, title: value?.title ?? name })),
    calendars: Object.fromEntries(calendars),
    maintenance: readMaintenance({ declared, flows, environments: new Set(environments.map(({ name }) => name)), canCross }, report),
    platforms: readPlatforms(declared),
    flows,
    sources,
  };
}

/** Those that can be read; the others are in the report. */
function readFlows(declared: Declarations, environments: readonly Environment[], environment: string, report: Report): Flow[] {
  const calendars = new Map(environments.map(({ name, calendar }) => [name, calendar]));
  return [...declared.flows.values()].flatMap((entry) => {
    checkFlow(entry, report);
    const flow = readFlow(entry, environment);
    if (!flow) return [];
    const hasCalendar = flow.calendar !== undefined || flow.environments.every((name) => calendars.get(name) !== undefined);
    checkExpectations(entry.spot, entry.raw, flow, hasCalendar, report);
    return [flow];
  });
}

function readTeams({ teams }: Declarations, report: Report): Team[] {
  return [...teams.values()].map(({ name, spot, raw, value }) => {
    warnOfPlainSecrets(teamSchema, raw, spot, report);
    if (value && !value.teams && value.email === undefined) {
      report.warning(atKey(spot), 'has neither teams nor email: nobody hears of its alerts');
    }
    const webhook = value?.teams?.webhook;
    if (typeof webhook === 'object' && 'env' in webhook) {
      const mend = 'name a file that holds the URL, e.g. { file: /run/secrets/teams_flux }';
      report.warning(
        within(spot, 'teams', 'webhook'),
        `Alertmanager reads no environment variables, so that vigie render refuses it: ${mend}`,
      );
    }
    return { name, title: value?.title ?? name, teamsWebhook: webhook, email: value?.email };
  });
}

/** Over the contents with their lengths, so that text moved from one file to the next changes it. */
function digest(contents: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(`${content.length}\n`).update(content);
  return hash.digest('hex').slice(0, 12);
}
