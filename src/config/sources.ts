// Sources from the YAML to the model: defaults, durations as milliseconds, and what a schema cannot say about them.

import { dirname } from 'node:path';
import type { CalendarDeclaration } from '../domain/calendar-declaration.js';
import { formatDuration, parseDuration } from '../domain/duration.js';
import type { Flow } from '../domain/flow.js';
import type { CheckContext, SourceConfig, SourceKind } from '../sources/kind.js';
import { checkDoubleClaims, checkUnobserved, placeClaims, teamsBySource } from './claims.js';
import type { Declarations, Declared, DeclaredSource, RawDefaults, RawSource } from './declarations.js';
import { checkUnfed } from './unfed.js';
import { checkMetrics } from './metrics.js';
import type { Environment } from './model.js';
import { warnOfPlainSecrets } from './plain-secrets.js';
import { atKey, formatSpot, within, type Report, type Spot } from './report.js';

const SHORTEST_INTERVAL = 1_000;
const DEFAULT_INTERVAL = 60_000;
const DEFAULT_TIMEOUT = 10_000;
const DEFAULT_MAX_SERIES = 10_000;
const STALE_AFTER_INTERVALS = 3;

/** A source that fits its schema, with what is needed to check it against the rest. */
export interface ReadSource {
  readonly config: SourceConfig;
  readonly kind: SourceKind;
  readonly spot: Spot;
  readonly context: CheckContext;
  readonly written: RawSource;
}

/** What sources are checked against. */
export interface Surroundings {
  readonly declared: Declarations;
  /** The default environment. */
  readonly environment: string;
  readonly environments: readonly Environment[];
  readonly flows: readonly Flow[];
  readonly calendars: Readonly<Record<string, CalendarDeclaration>>;
  /** All files and flows could be read: what is not there is not declared. */
  readonly canCross: boolean;
}

/** Checks all sources, each for itself and against each other. @returns those that fit their schema */
export function checkSources(surroundings: Surroundings, report: Report): SourceConfig[] {
  const { declared, flows, canCross } = surroundings;
  checkDefaultDurations(declared, report);
  checkPorts(declared.sources.values(), report);
  for (const { kind, raw, spot } of declared.sources.values()) warnOfPlainSecrets(kind?.schema, raw, spot, report);
  const sources = [...declared.sources.values()].flatMap((source) => readSource(source, surroundings));
  for (const { spot, written } of sources) checkDurations(written, spot, intervalOf(written, declared.defaults), report);
  checkMetrics(sources, report);
  const claims = sources.flatMap(placeClaims);
  const sound = canCross ? sources.filter((source) => checkByKind(source, report)) : [];
  if (canCross) {
    checkDoubleClaims(claims, report);
    if (sound.length === declared.sources.size) {
      checkUnobserved([...declared.flows.values()], claims, report);
      // A mistake may be why nothing seems to feed it.
      if (!report.hasErrors) checkUnfed([...declared.flows.values()], claims, report);
    }
  }
  const owners = teamsBySource(claims, flows);
  return sources.map((source) => {
    const team = source.config.team ?? owners.get(source.config.name) ?? declared.defaults.value?.team;
    // Defaults with a mistake may name the team all the same.
    if (team === undefined && declared.defaults.value && sound.includes(source)) {
      report.warning(atKey(source.spot), 'no team hears of it when it fails: name one with team, or defaults.team');
    }
    const observes = [...new Set(claims.filter((claim) => claim.source === source.config).map(({ flow }) => flow))];
    return { ...source.config, team, ...(observes.length > 0 && { observes }) };
  });
}

/** Applies defaults. The team is the one written, if any. */
function readSource(source: DeclaredSource, { declared, environment, environments, flows, calendars }: Surroundings): ReadSource[] {
  const { name, spot, kind, value } = source;
  if (!kind || !value) return [];
  const defaults: RawDefaults = declared.defaults.value ?? {};
  const env = value.env ?? environment;
  // An unknown environment is told once, and not again for each flow.
  const isKnown = environments.some((known) => known.name === env);
  const context = {
    flows: isKnown ? flows.filter((flow) => flow.environments.includes(env)) : flows,
    partners: [...declared.partners.keys()],
    calendars,
  };
  // A duration that is no use is told once, and the kind is asked as if the default stood there.
  const interval = intervalOf(value, declared.defaults) ?? DEFAULT_INTERVAL;
  const config: SourceConfig = {
    name,
    kind: value.kind,
    title: value.title,
    team: value.team,
    env,
    path: value.path,
    interval,
    timeout: Math.min(milliseconds(value.timeout) || milliseconds(defaults.timeout) || DEFAULT_TIMEOUT, interval),
    maxStaleness: milliseconds(value.max_staleness) ?? STALE_AFTER_INTERVALS * interval,
    maxSeries: value.max_series ?? defaults.max_series ?? DEFAULT_MAX_SERIES,
    exporterPort: value.exporter_port,
    baseDir: dirname(spot.file.file),
    options: value,
  };
  const endpoints = kind.endpoints?.(config);
  return [{ config: { ...config, ...(endpoints && { endpoints }) }, kind, spot, context, written: value }];
}

/** In milliseconds; undefined where what is written is no use. */
function intervalOf(written: Partial<RawSource>, defaults: Declared<RawDefaults>): number | undefined {
  if (written.interval === undefined && !defaults.value) return undefined;
  const text = written.interval ?? defaults.value?.interval;
  const interval = text === undefined ? DEFAULT_INTERVAL : milliseconds(text);
  return interval === undefined || interval < SHORTEST_INTERVAL ? undefined : interval;
}

function checkDefaultDurations({ defaults }: Declarations, report: Report): void {
  if (defaults.value) checkDurations(defaults.value, defaults.spot, intervalOf({}, defaults), report);
}

/** @param interval of the source, its default applied, in milliseconds; undefined where it is not known */
function checkDurations(written: Partial<RawSource>, spot: Spot, interval: number | undefined, report: Report): void {
  for (const key of ['interval', 'timeout', 'max_staleness'] as const) {
    const text = written[key];
    if (text !== undefined && milliseconds(text) === undefined) report.error(within(spot, key), `"${text}" is longer than can be counted`);
  }
  if ((milliseconds(written.interval) ?? SHORTEST_INTERVAL) < SHORTEST_INTERVAL) {
    report.error(within(spot, 'interval'), `"${written.interval}" is too often: 1s or more`);
  }
  const { timeout, max_staleness: staleness } = written;
  if (timeout !== undefined && milliseconds(timeout) === 0)
    report.error(within(spot, 'timeout'), `"${timeout}" leaves no time to look: e.g. 10s`);
  if (interval === undefined) return;
  if (timeout !== undefined && (milliseconds(timeout) ?? 0) > interval) {
    report.error(within(spot, 'timeout'), `"${timeout}" is longer than the interval, ${formatDuration(interval)}`);
  }
  if (staleness !== undefined && (milliseconds(staleness) ?? interval) < interval) {
    const mend = `${formatDuration(interval)}; three intervals are ${formatDuration(STALE_AFTER_INTERVALS * interval)}`;
    report.error(within(spot, 'max_staleness'), `"${staleness}" is shorter than the interval, ${mend}`);
  }
}

/** What the kind itself finds wrong with the block. @returns whether there is no error */
function checkByKind({ config, kind, spot, context }: ReadSource, report: Report): boolean {
  const problems = kind.check(config, context);
  for (const { path, message, severity } of problems) {
    const place = within(spot, ...path);
    if (severity === 'warning') report.warning(place, message);
    else report.error(place, message);
  }
  return problems.every(({ severity }) => severity === 'warning');
}

/** Two exporters cannot listen on one port. */
function checkPorts(sources: Iterable<DeclaredSource>, report: Report): void {
  const taken = new Map<number, DeclaredSource>();
  for (const source of sources) {
    const port = source.value?.exporter_port;
    if (port === undefined) continue;
    const place = within(source.spot, 'exporter_port');
    const other = taken.get(port);
    if (other) report.error(place, `port ${port} is already taken by ${other.name} (${formatSpot(within(other.spot, 'exporter_port'))})`);
    else taken.set(port, source);
  }
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
