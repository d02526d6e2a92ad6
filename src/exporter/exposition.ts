// Writes series as Prometheus reads them: text format 0.0.4 and OpenMetrics 1.0.
// https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/

import type { HistogramValue, MetricDefinition, Observation } from '../domain/observation.js';

export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What ends a document of the format. */
export const ENDINGS: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** Characters of label values that are escaped. */
const SPECIAL = /[\\\n"]/;

/** One observation as it is exposed. */
export interface Series extends Observation {
  /** `name{flow="a"}`: the identity of the series. */
  readonly id: string;
}

export interface Family {
  readonly metric: MetricDefinition;
  readonly series: readonly Observation[];
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
    const write = lineWriter(metric, format);
    text += header(metric, format, names);
    for (const one of series) text += write(one);
  }
  return text;
}

/** A function that writes observations of the metric; what is the same in all lines is made once. */
export function lineWriter(metric: MetricDefinition, format: Format): (observation: Observation) => string {
  const { name } = metric;
  const labelNames = metric.labels.map((label) => ({ label, start: `${label}="` }));
  const bounds = (metric.buckets ?? []).map((bound) => (format === 'openmetrics' ? canonicalNumber(bound) : formatValue(bound)));
  return ({ labels, value }) => {
    let text = '';
    for (const { label, start } of labelNames) {
      const written = labels[label];
      if (written) text += `${text && ','}${start}${SPECIAL.test(written) ? written.replace(/[\\\n"]/g, escape) : written}"`;
    }
    if (typeof value !== 'number') return histogram(name, text, bounds, value);
    return text === '' ? `${name} ${formatValue(value)}\n` : `${name}{${text}} ${formatValue(value)}\n`;
  };
}

/** What the lines say that `lineWriter` has written for one observation in the text format. */
export function readSeries(metric: MetricDefinition, written: string): Series {
  const lines = written.trimEnd().split('\n');
  const [last = ''] = lines.slice(-1);
  const values = lines.map((line) => readValue(line.slice(line.lastIndexOf(' ') + 1)));
  const whole = last.slice(0, last.lastIndexOf(' '));
  const labels: Record<string, string> = {};
  for (const [, label = '', value = ''] of whole.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    labels[label] = value.replace(/\\(.)/g, (_escaped, character: string) => (character === 'n' ? '\n' : character));
  }
  if (metric.type !== 'histogram') return { metric, labels, value: values[0] ?? NaN, id: whole };
  const [sum = NaN, count = NaN] = values.slice(-2);
  return {
    metric,
    labels,
    value: { cumulative: values.slice(0, -3), sum, count },
    id: metric.name + whole.slice(`${metric.name}_count`.length),
  };
}

export function formatValue(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function readValue(text: string): number {
  return text.endsWith('Inf') ? Number(`${text}inity`) : Number(text);
}

/**
 * HELP and TYPE. OpenMetrics names the family of a counter without `_total`. Where that cannot be (the name lacks `_total`, or
 * another family has the name), the counter is written as `unknown`: the samples are the same, and nothing is lost.
 * @param names of all families of the document
 */
export function header({ name, type, help }: MetricDefinition, format: Format, names: ReadonlySet<string>): string {
  if (format === 'text') return `# HELP ${name} ${help.replace(/[\\\n]/g, escape)}\n# TYPE ${name} ${type}\n`;
  const bare = name.replace(/_total$/, '');
  const asCounter = type === 'counter' && bare !== name && !names.has(bare);
  const family = asCounter ? bare : name;
  const written = type === 'counter' && !asCounter ? 'unknown' : type;
  return `# HELP ${family} ${help.replace(/[\\\n"]/g, escape)}\n# TYPE ${family} ${written}\n`;
}

/** @param labels as written, without braces @param bounds as written, without +Inf */
function histogram(name: string, labels: string, bounds: readonly string[], { cumulative, sum, count }: HistogramValue): string {
  const start = `${name}_bucket{${labels}${labels && ','}le="`;
  let text = '';
  for (const [index, bound] of bounds.entries()) text += `${start}${bound}"} ${formatValue(cumulative[index] ?? count)}\n`;
  const braced = labels && `{${labels}}`;
  return `${text}${start}+Inf"} ${count}\n${name}_sum${braced} ${formatValue(sum)}\n${name}_count${braced} ${count}\n`;
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

function escape(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
