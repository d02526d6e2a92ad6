// Writes series as Prometheus reads them: text format 0.0.4 and OpenMetrics 1.0.
// https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/

import type { HistogramValue, Labels, MetricDefinition, Observation } from '../domain/observation.js';

export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What ends a document of the format. */
export const ENDINGS: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** One observation, its labels escaped once for all the times it is written. */
export interface Series extends Observation {
  /** `name{flow="a"}`: the identity of the series, and what its line starts with. */
  readonly id: string;
  /** `flow="a"`, without braces. */
  readonly labelText: string;
}

export interface Family {
  readonly metric: MetricDefinition;
  readonly series: readonly Series[];
}

export function toSeries({ metric, labels, value }: Observation): Series {
  const labelText = writeLabels(metric, labels);
  return { metric, labels, value, labelText, id: labelText === '' ? metric.name : `${metric.name}{${labelText}}` };
}

/**
 * The same, cheaper. What is written of the same labels is not written again.
 * @param before what stood in the same place last time: sources tell their series in the same order most of the time
 */
export function toSeriesAgain(observation: Observation, before: Series | undefined): Series {
  const { metric, labels, value } = observation;
  if (!before || before.metric !== metric || !equalLabels(metric, labels, before.labels)) return toSeries(observation);
  return { metric, labels, value, labelText: before.labelText, id: before.id };
}

/** All names that lines of the family begin with, its own included: a histogram has those of its buckets, sum and count beside it. */
export function sampleNames({ name, type }: MetricDefinition): readonly string[] {
  return type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

/** How many series Prometheus stores for the observation: a histogram is one for each bucket, and sum and count. */
export function seriesCount({ value }: Observation): number {
  return typeof value === 'number' ? 1 : value.cumulative.length + 3;
}

/** Writes the families in the order given, without the ending. Names of families must be unique. */
export function renderFamilies(families: readonly Family[], format: Format): string {
  const names = new Set(families.map(({ metric }) => metric.name));
  let text = '';
  for (const { metric, series } of families) {
    if (series.length === 0) continue;
    text += header(metric, format, names);
    for (const one of series) {
      text += typeof one.value === 'number' ? `${one.id} ${formatValue(one.value)}\n` : histogram(one, one.value, format);
    }
  }
  return text;
}

export function formatValue(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * OpenMetrics names the family of a counter without `_total`. Where that cannot be (the name lacks `_total`, or another
 * family has the name), the counter is written as `unknown`: the samples are the same, and nothing is lost.
 */
function header({ name, type, help }: MetricDefinition, format: Format, names: ReadonlySet<string>): string {
  if (format === 'text') return `# HELP ${name} ${help.replace(/[\\\n]/g, escape)}\n# TYPE ${name} ${type}\n`;
  const bare = name.replace(/_total$/, '');
  const asCounter = type === 'counter' && bare !== name && !names.has(bare);
  const family = asCounter ? bare : name;
  const written = type === 'counter' && !asCounter ? 'unknown' : type;
  return `# HELP ${family} ${help.replace(/[\\\n"]/g, escape)}\n# TYPE ${family} ${written}\n`;
}

function histogram({ metric, labelText }: Series, { cumulative, sum, count }: HistogramValue, format: Format): string {
  const start = `${metric.name}_bucket{${labelText}${labelText && ','}le="`;
  let text = '';
  metric.buckets?.forEach((bound, index) => {
    const le = format === 'openmetrics' ? canonicalNumber(bound) : formatValue(bound);
    text += `${start}${le}"} ${formatValue(cumulative[index] ?? count)}\n`;
  });
  const labels = labelText && `{${labelText}}`;
  return `${text}${start}+Inf"} ${count}\n${metric.name}_sum${labels} ${formatValue(sum)}\n${metric.name}_count${labels} ${count}\n`;
}

/** As the OpenMetrics specification writes bounds, so that a series keeps its name whoever exports it: 1.0, 0.25, 1e+06. */
function canonicalNumber(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const magnitude = Number(exponent);
  if (Number.isFinite(value) && (magnitude < -4 || magnitude >= 6)) {
    return `${mantissa}e${magnitude < 0 ? '-' : '+'}${String(Math.abs(magnitude)).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : formatValue(value);
}

function equalLabels(metric: MetricDefinition, one: Labels, other: Labels): boolean {
  if (one === other) return true;
  for (const name of metric.labels) if (one[name] !== other[name]) return false;
  return true;
}

function writeLabels(metric: MetricDefinition, labels: Labels): string {
  let text = '';
  for (const name of metric.labels) {
    const value = labels[name];
    if (!value) continue;
    text += `${text && ','}${name}="${/[\\\n"]/.test(value) ? value.replace(/[\\\n"]/g, escape) : value}"`;
  }
  return text;
}

function escape(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
