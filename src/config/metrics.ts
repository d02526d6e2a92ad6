// Metrics of the user's own naming, held to the rules of Prometheus and to what `promtool check metrics` complains about.
// https://prometheus.io/docs/practices/naming/, https://prometheus.io/docs/concepts/data_model/, client_golang/prometheus/promlint

import { gates } from '../conventions.js';
import type { MetricDefinition } from '../domain/observation.js';
import type { ConfigPath } from '../sources/kind.js';
import { formatPath, formatSpot, within, type Report, type Spot } from './report.js';
import type { ReadSource } from './sources.js';
import { asArray, isObject } from './words.js';

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const RESERVED_PREFIXES = ['flow_', 'endpoint_', 'vigie_', 'process_', 'nodejs_'];
/** Series that Prometheus writes itself about scrapes and alerts. */
const WRITTEN_BY_PROMETHEUS = /^(?:up$|scrape_|ALERTS(?:_|$))/;
/** Series of histograms, summaries and info metrics end so; `_created` is OpenMetrics'. */
const RESERVED_SUFFIXES = ['_bucket', '_sum', '_count', '_info', '_created'];
/** Of Vigie's own, those that a source may tell of as its owner writes them, and the labels they must and may have. */
const TOLD_BY_SOURCES: Readonly<Record<string, { readonly required: readonly string[]; readonly optional: readonly string[] }>> = {
  [gates.decision.name]: { required: ['flow', 'gate', 'decision'], optional: ['partner', 'to_env'] },
  [gates.cutOff.name]: { required: ['flow', 'gate'], optional: ['partner', 'to_env'] },
};
const TYPE_WORDS = ['counter', 'gauge', 'histogram', 'summary'];
const ABBREVIATED_UNITS: Readonly<Record<string, string>> = {
  s: 'seconds',
  sec: 'seconds',
  ms: 'seconds',
  us: 'seconds',
  ns: 'seconds',
  m: 'seconds',
  h: 'seconds',
  d: 'seconds',
  b: 'bytes',
  kb: 'bytes',
  mb: 'bytes',
  gb: 'bytes',
  tb: 'bytes',
  pb: 'bytes',
};
const BASE_UNITS = ['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'seconds', 'volts'];
const OTHER_UNITS: Readonly<Record<string, string>> = {
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  weeks: 'seconds',
  kelvins: 'kelvin',
  fahrenheit: 'celsius',
  rankine: 'celsius',
  inches: 'meters',
  yards: 'meters',
  miles: 'meters',
  bits: 'bytes',
  calories: 'joules',
  pounds: 'grams',
  ounces: 'grams',
};
const UNIT_PREFIX = /^(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|giga|gibi|tera|tebi|peta|pebi)/;
/** Labels of the target and of the exporter: Prometheus would rename the metric's own to `exported_…`. */
const TARGET_LABELS = ['job', 'instance', 'source', 'kind'];

interface Placed {
  readonly metric: MetricDefinition;
  /** The labels as written: a kind may add its own. */
  readonly labels: readonly string[];
  readonly source: string;
  readonly spot: Spot;
}

/** An entry of a `metrics` list. */
interface Written {
  readonly name: string;
  readonly labels: readonly string[];
  readonly path: ConfigPath;
}

/** Checks the metrics of all sources, each for itself and those of one name against each other. */
export function checkMetrics(sources: readonly ReadSource[], report: Report): void {
  const placed = sources.flatMap(placeMetrics);
  for (const { metric, labels, spot } of placed) {
    const problem = metric.name in TOLD_BY_SOURCES ? gateProblem(metric, labels) : nameProblem(metric);
    if (problem !== undefined) report.error(within(spot, 'name'), problem);
    for (const [index, label] of labels.entries()) {
      const wrong = labelProblem(label);
      if (wrong !== undefined) report.error(within(spot, 'labels', index), wrong);
    }
  }
  checkSameName(placed, report);
  checkFamilies(placed, report);
}

function gateProblem({ name, type }: MetricDefinition, labels: readonly string[]): string | undefined {
  const { required = [], optional = [] } = TOLD_BY_SOURCES[name] ?? {};
  if (type !== 'gauge') return `"${name}" is a gauge: leave out "type"`;
  const missing = required.filter((label) => !labels.includes(label));
  const unknown = labels.filter((label) => !required.includes(label) && !optional.includes(label));
  if (missing.length === 0 && unknown.length === 0) return undefined;
  const wrong = [...missing.map((label) => `${label} is missing`), ...unknown.map((label) => `${label} is none of them`)].join(', ');
  return `"${name}" tells of gates, and has the labels ${required.join(', ')}, perhaps ${optional.join(', ')}: ${wrong}`;
}

/** What is wrong with the name of a metric; undefined where nothing is. */
export function nameProblem({ name, type }: MetricDefinition): string | undefined {
  if (name.includes(':')) return `"${name}" holds a colon: colons are for recording rules; use _`;
  if (!NAME.test(name)) return `"${name}" is no metric name: letters, digits and _, with no digit in front, e.g. exchange_rejects`;
  if (/[a-z][A-Z]/.test(name)) return `"${name}" is camelCase: write ${snakeCase(name)}`;
  const prefix = RESERVED_PREFIXES.find((reserved) => name.startsWith(reserved));
  if (prefix !== undefined)
    return `"${name}" begins with ${prefix}, which Vigie keeps for its own metrics: begin with the name of your system`;
  if (WRITTEN_BY_PROMETHEUS.test(name)) return `"${name}" is a name that Prometheus writes itself: begin with the name of your system`;
  if (type === 'counter' && !name.endsWith('_total')) return `"${name}" is a counter: its name ends in _total, ${name}_total`;
  if (type !== 'counter' && name.endsWith('_total')) return `"${name}" is no counter: only names of counters end in _total`;
  const suffix = RESERVED_SUFFIXES.find((reserved) => name.endsWith(reserved));
  if (suffix !== undefined)
    return `"${name}" ends in ${suffix}, which Prometheus keeps for other types: write ${name.slice(0, -suffix.length)}`;
  return wordProblem(name);
}

/** What is wrong with the name of a label; undefined where nothing is. */
export function labelProblem(label: string): string | undefined {
  if (!NAME.test(label)) return `"${label}" is no label name: letters, digits and _, with no digit in front, e.g. code`;
  if (label.startsWith('__')) return `"${label}" begins with __, which Prometheus keeps for itself`;
  if (label === 'le' || label === 'quantile') return `"${label}" is kept for the buckets of ${label === 'le' ? 'histograms' : 'summaries'}`;
  if (/[a-z][A-Z]/.test(label)) return `"${label}" is camelCase: write ${snakeCase(label)}`;
  if (TARGET_LABELS.includes(label)) return `"${label}" is a label of the scrape target: choose another name, e.g. message_${label}`;
  return undefined;
}

/** Types, abbreviated units and units other than base units within the name. */
function wordProblem(name: string): string | undefined {
  const words = name.toLowerCase().split('_');
  const type = words.slice(1).find((word) => TYPE_WORDS.includes(word));
  if (type !== undefined) return `"${name}" names its type: leave out "${type}"`;
  for (const word of words) {
    const full = ABBREVIATED_UNITS[word];
    if (full !== undefined) return `"${name}" abbreviates a unit, "${word}": use the base unit in full, ${full}`;
    const base = baseUnit(word);
    if (base !== undefined && base !== word) return `"${name}" is in ${word}: use the base unit, ${base}`;
  }
  return undefined;
}

/** `milliseconds` → `seconds`; undefined where the word is no unit. */
function baseUnit(word: string): string | undefined {
  const bare = word.replace(UNIT_PREFIX, '');
  for (const unit of [word, bare]) {
    if (BASE_UNITS.includes(unit)) return unit;
    const other = OTHER_UNITS[unit];
    if (other !== undefined) return other;
  }
  return undefined;
}

/** One name means one thing, whichever source says it. */
function checkSameName(placed: readonly Placed[], report: Report): void {
  const first = new Map<string, Placed>();
  for (const one of placed) {
    const other = first.get(one.metric.name);
    if (!other) {
      first.set(one.metric.name, one);
      continue;
    }
    const difference = differenceOf(one.metric, other.metric);
    if (difference === undefined) continue;
    const where = `${formatPath(other.spot.path)} (${formatSpot(within(other.spot, 'name'))})`;
    report.error(within(one.spot, 'name'), `"${one.metric.name}" has another ${difference} in ${where}: make them the same, or rename one`);
  }
}

/** In OpenMetrics the counter x_total belongs to the family x, so that a gauge x cannot stand beside it. */
function checkFamilies(placed: readonly Placed[], report: Report): void {
  for (const one of placed) {
    const clash = placed.find(({ metric, source }) => source === one.source && metric.name === `${one.metric.name}_total`);
    if (!clash) continue;
    report.error(
      within(one.spot, 'name'),
      `"${one.metric.name}" clashes with the counter "${clash.metric.name}" of the same source: rename one`,
    );
  }
}

function differenceOf(a: MetricDefinition, b: MetricDefinition): string | undefined {
  if (a.type !== b.type) return 'type';
  if (a.help !== b.help) return 'help';
  return [...a.labels].toSorted().join() === [...b.labels].toSorted().join() ? undefined : 'set of labels';
}

/** The definitions of a source and where each stands in its block: the nth of a name is the nth entry of a `metrics` list with it. */
function placeMetrics({ config, kind, spot }: ReadSource): Placed[] {
  const written = Map.groupBy(writtenMetrics(config.options, []), ({ name }) => name);
  return kind.metrics(config).map((metric) => {
    const { labels, path } = written.get(metric.name)?.shift() ?? { labels: metric.labels, path: [] };
    return { metric, labels, source: config.name, spot: within(spot, ...path) };
  });
}

function writtenMetrics(value: unknown, path: ConfigPath): Written[] {
  if (Array.isArray(value)) return asArray(value).flatMap((entry, index) => writtenMetrics(entry, [...path, index]));
  if (!isObject(value)) return [];
  const { name, labels } = value;
  const own = path.at(-2) === 'metrics' && typeof name === 'string' ? [{ name, labels: asArray(labels).flatMap(labelNames), path }] : [];
  return [...own, ...Object.entries(value).flatMap(([key, entry]) => writtenMetrics(entry, [...path, key]))];
}

/** A label is its name, or an object that holds it as `label`. */
function labelNames(written: unknown): string[] {
  const name = isObject(written) ? written['label'] : written;
  return typeof name === 'string' ? [name] : [];
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}
