// Writes series as Prometheus reads them: text format 0.0.4 and OpenMetrics 1.0.
// https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/

import { canonicalNumber } from '../domain/bucket-label.js';
import type { Exemplar, HistogramValue, Labels, MetricDefinition, Observation } from '../domain/observation.js';

export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What ends a document of the format. */
export const ENDINGS: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** Characters of label values that are escaped. */
const SPECIAL = /[\\\n"]/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/**
 * Names and values of the labels of an exemplar together, in Unicode characters. Prometheus drops an exemplar that is longer, and
 * counts escapes as they are written: it does not undo them there.
 */
const EXEMPLAR_CHARACTERS = 128;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const { imul } = Math;

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
    const labelWriter = new LabelWriter(metric);
    const write = lineWriter(metric, lineFormat(metric, format, names));
    text += header(metric, format, names);
    for (const observation of series) text += write(labelWriter.write(observation.labels), observation);
  }
  return text;
}

/** Writes the labels of one metric. */
export class LabelWriter {
  readonly #labels: readonly { readonly label: string; readonly start: string; readonly hash: number }[];

  constructor({ name, labels }: MetricDefinition) {
    this.#labels = labels.map((label) => ({ label, start: `${label}="`, hash: hash(label, hash(name, FNV_OFFSET)) }));
  }

  /** `flow="a",partner="x"`. A label that is absent or empty is not written. */
  write(labels: Labels): string {
    let text = '';
    for (const { label, start } of this.#labels) {
      const value = labels[label];
      if (value) text += `${text && ','}${start}${escapeValue(value)}"`;
    }
    return text;
  }

  /** 32 bits that are the same for the same identity of a series. */
  hash(labels: Labels): number {
    let sum = FNV_OFFSET;
    for (const { label, hash: start } of this.#labels) {
      const value = labels[label];
      if (value) sum = hash(value, sum ^ start);
    }
    return sum;
  }
}

/** FNV-1a over UTF-16 code units. */
function hash(text: string, start: number): number {
  let sum = start;
  for (let at = 0; at < text.length; at++) sum = imul(sum ^ text.charCodeAt(at), FNV_PRIME);
  return sum;
}

/** `name{flow="a"}` from the name and the labels as they are written. */
export function identity(name: string, labels: string): string {
  return labels === '' ? name : `${name}{${labels}}`;
}

/** Writes the lines of an observation, given its labels as they are written. */
export type LineWriter = (labels: string, observation: Pick<Observation, 'value' | 'exemplar'>) => string;

/** @param format see `lineFormat` */
export function lineWriter(metric: MetricDefinition, format: Format): LineWriter {
  const { name, type, buckets = [] } = metric;
  const bounds = buckets.map((bound) => (format === 'openmetrics' ? canonicalNumber(bound) : formatValue(bound)));
  const hasExemplars = format === 'openmetrics' && type !== 'gauge';
  return (labels, { value, exemplar }) => {
    if (typeof value !== 'number') return histogram(name, labels, bounds, value, hasExemplars ? value.exemplars : undefined);
    const end = hasExemplars && exemplar ? `${writeExemplar(exemplar)}\n` : '\n';
    return `${identity(name, labels)} ${formatValue(value)}${end}`;
  };
}

/**
 * The format of the lines of the family. A counter that OpenMetrics can only call `unknown` may not carry exemplars: its lines are
 * those of the text format.
 * @param names of all families of the document
 */
export function lineFormat(metric: MetricDefinition, format: Format, names: ReadonlySet<string>): Format {
  return metric.type === 'counter' && counterFamily(metric, names) === undefined ? 'text' : format;
}

/** What the line says that `lineWriter` has written for a number. */
export function readLine(metric: MetricDefinition, line: string): Series {
  const at = line.lastIndexOf(' ');
  const id = line.slice(0, at);
  const labels: Record<string, string> = {};
  for (const [, label = '', value = ''] of id.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    labels[label] = value.replace(/\\(.)/g, (_escaped, character: string) => (character === 'n' ? '\n' : character));
  }
  return { metric, labels, value: readValue(line.slice(at + 1).trimEnd()), id };
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
  const counter = type === 'counter' ? counterFamily({ name }, names) : undefined;
  const family = counter ?? name;
  const written = type === 'counter' && counter === undefined ? 'unknown' : type;
  return `# HELP ${family} ${help.replace(/[\\\n"]/g, escape)}\n# TYPE ${family} ${written}\n`;
}

/** The name OpenMetrics gives the family of a counter; undefined where it cannot be one. */
function counterFamily({ name }: Pick<MetricDefinition, 'name'>, names: ReadonlySet<string>): string | undefined {
  const bare = name.replace(/_total$/, '');
  return bare === name || names.has(bare) ? undefined : bare;
}

/**
 * @param labels as written, without braces
 * @param bounds as written, without +Inf
 * @param exemplars one for each bucket, +Inf last, where they are to be written
 */
function histogram(
  name: string,
  labels: string,
  bounds: readonly string[],
  { cumulative, sum, count }: HistogramValue,
  exemplars: HistogramValue['exemplars'],
): string {
  const start = `${name}_bucket{${labels}${labels && ','}le="`;
  let text = '';
  for (const [index, bound] of bounds.entries()) {
    const end = exemplars ? `${writeExemplar(exemplars[index])}\n` : '\n';
    text += `${start}${bound}"} ${formatValue(cumulative[index] ?? count)}${end}`;
  }
  const [sumName, countName] = [identity(`${name}_sum`, labels), identity(`${name}_count`, labels)];
  const last = exemplars ? writeExemplar(exemplars[bounds.length]) : '';
  return `${text}${start}+Inf"} ${count}${last}\n${sumName} ${formatValue(sum)}\n${countName} ${count}\n`;
}

/**
 * ` # {trace_id="a"} 1 1520879607.789`, with all labels that fit, each whole. Empty where there is none, or none of its labels fits.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars
 */
function writeExemplar(exemplar: Exemplar | undefined): string {
  if (!exemplar) return '';
  let left = EXEMPLAR_CHARACTERS;
  let text = '';
  for (const [label, value] of Object.entries(exemplar.labels)) {
    const written = escapeValue(value);
    const length = characters(label) + characters(written);
    // One wrong name, and Prometheus would refuse the whole scrape.
    if (value === '' || length > left || !LABEL_NAME.test(label)) continue;
    left -= length;
    text += `${text && ','}${label}="${written}"`;
  }
  if (text === '') return '';
  const { value, timestamp = Number.NaN } = exemplar;
  return ` # {${text}} ${formatValue(value)}${Number.isFinite(timestamp) ? ` ${formatValue(timestamp)}` : ''}`;
}

/** Unicode characters of a text that might fit into an exemplar. Counting stops where it is too long in any case. */
function characters(text: string): number {
  // A character takes two code units at most.
  if (text.length > 2 * EXEMPLAR_CHARACTERS) return Infinity;
  let count = 0;
  for (const _character of text) count++;
  return count;
}

function escapeValue(value: string): string {
  return SPECIAL.test(value) ? value.replace(/[\\\n"]/g, escape) : value;
}

function escape(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
