// Puts together what the collectors of a source say: no series twice, no more than the budget, families in order. Pure.

import type { MetricDefinition } from '../domain/observation.js';
import { formatValue, sampleNames, seriesCount, type Family, type Series } from './exposition.js';

/** What one collector says now. */
export interface Part {
  readonly collector: string;
  readonly series: readonly Series[];
}

export interface Dropped {
  readonly budget: number;
  readonly duplicate: number;
}

export interface Assembly {
  /** Sorted by name. */
  readonly families: readonly Family[];
  /** Series as Prometheus counts them: a histogram is one for each bucket, and sum and count. */
  readonly series: number;
  /** What was left out, by collector; those that lost nothing are not named. */
  readonly dropped: ReadonlyMap<string, Dropped>;
  /** What is wrong with the series of a collector, for people; by collector. */
  readonly conflicts: ReadonlyMap<string, string>;
}

/**
 * Of the same series twice, the one of the first part stays, and within a part the first. Over the budget those series stay
 * whose identity sorts first, so that it is always the same ones whatever the order in which a source tells them.
 * @param reserved names of families that the exporter itself exposes
 */
export function assemble(parts: readonly Part[], maxSeries: number, reserved: ReadonlySet<string>): Assembly {
  const { kept, clashes } = unique(parts, reserved);
  let series = 0;
  for (const one of kept.values()) series += seriesCount(one);
  const cut = series > maxSeries ? cutToBudget(kept, maxSeries) : new Set<Series>();
  for (const one of cut) series -= seriesCount(one);

  const dropped = new Map<string, Dropped>();
  for (const { collector, series: own } of parts) {
    const loss = {
      budget: cut.size === 0 ? 0 : total(own.filter((one) => cut.has(one))),
      duplicate: total(clashes.get(collector)?.series ?? []),
    };
    if (loss.budget + loss.duplicate > 0) dropped.set(collector, loss);
  }
  const conflicts = new Map([...clashes].map(([collector, clash]) => [collector, explain(clash)]));
  return { families: group(kept.values(), cut), series, dropped, conflicts };
}

/** The series of one collector that cannot be exposed, and why the first of them cannot. */
interface Clash {
  readonly reason: string;
  readonly series: Series[];
}

function unique(parts: readonly Part[], reserved: ReadonlySet<string>) {
  const kept = new Map<string, Series>();
  const names = new Map<string, MetricDefinition>();
  const clashes = new Map<string, Clash>();
  for (const { collector, series } of parts) {
    for (const one of series) {
      const reason = familyProblem(one, names, reserved) ?? duplicateOf(kept.get(one.id), one, parts, collector);
      if (reason === undefined) {
        kept.set(one.id, one);
        continue;
      }
      const clash = clashes.get(collector);
      if (clash) clash.series.push(one);
      else clashes.set(collector, { reason, series: [one] });
    }
  }
  return { kept, clashes };
}

/** @param names that are taken, and the metric that has each; those of a metric without a problem are added */
function familyProblem({ metric }: Series, names: Map<string, MetricDefinition>, reserved: ReadonlySet<string>): string | undefined {
  const known = names.get(metric.name);
  if (known === metric) return undefined;
  if (reserved.has(metric.name)) return `${metric.name} is a metric of the exporter itself: give yours another name`;
  if (known?.name === metric.name) return typeProblem(known, metric);
  const wanted = sampleNames(metric);
  for (const name of wanted) {
    const other = names.get(name);
    if (other) return `${metric.name} and ${other.name} would both be exposed as ${name}: give one of them another name`;
  }
  for (const name of wanted) names.set(name, metric);
  return undefined;
}

function typeProblem(known: MetricDefinition, metric: MetricDefinition): string | undefined {
  if (known.type === metric.type) return undefined;
  return `${metric.name} is a ${known.type} and a ${metric.type} at once: only the ${known.type} is exposed`;
}

function duplicateOf(first: Series | undefined, second: Series, parts: readonly Part[], collector: string): string | undefined {
  if (first === undefined) return undefined;
  const owner = parts.find((part) => part.series.includes(first))?.collector ?? collector;
  const values = `${show(first)} from ${owner} and ${show(second)} from ${collector}`;
  return `the series ${second.id} comes twice: ${values}; the first one is exposed`;
}

function show({ value }: Series): string {
  return typeof value === 'number' ? formatValue(value) : `${formatValue(value.count)} events`;
}

function explain({ reason, series }: Clash): string {
  return series.length === 1 ? reason : `${reason} (${series.length - 1} more like it)`;
}

function cutToBudget(kept: ReadonlyMap<string, Series>, maxSeries: number): Set<Series> {
  const cut = new Set<Series>();
  let used = 0;
  for (const [, one] of [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const count = seriesCount(one);
    if (used + count > maxSeries) cut.add(one);
    else used += count;
  }
  return cut;
}

function group(kept: Iterable<Series>, cut: ReadonlySet<Series>): Family[] {
  const families = new Map<string, { metric: MetricDefinition; series: Series[] }>();
  for (const one of kept) {
    if (cut.has(one)) continue;
    const family = families.get(one.metric.name);
    if (family) family.series.push(one);
    else families.set(one.metric.name, { metric: one.metric, series: [one] });
  }
  return [...families.values()].toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1));
}

function total(series: readonly Series[]): number {
  return series.reduce((sum, one) => sum + seriesCount(one), 0);
}
