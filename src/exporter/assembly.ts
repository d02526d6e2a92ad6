// Puts together what the collectors of a source say: no series twice, no more than the budget, families in order. Pure.

import { OWN_PREFIX } from '../conventions.js';
import type { MetricDefinition } from '../domain/observation.js';
import type { Block } from './block.js';
import { formatValue, sampleNames, type Family, type Series } from './exposition.js';
import { Identities, type Double } from './identities.js';

/** What one collector says now. */
export interface Part {
  readonly collector: string;
  readonly blocks: readonly Block[];
}

/** The series of one metric, whoever tells them. */
export class AssembledFamily implements Family {
  constructor(
    readonly metric: MetricDefinition,
    readonly blocks: readonly Block[],
  ) {}

  /** Made when asked for: blocks hold series in a form of their own. */
  get series(): readonly Series[] {
    return this.blocks.flatMap((block) => [...block.series()]);
  }
}

export interface Dropped {
  readonly budget: number;
  readonly duplicate: number;
}

export interface Assembly {
  /** Sorted by name. */
  readonly families: readonly AssembledFamily[];
  /** Series as Prometheus counts them: a histogram is one for each bucket, and sum and count. Those about Vigie itself are not counted. */
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
  const found = total(kept);
  const within = found > maxSeries ? cutToBudget(kept, maxSeries) : kept;

  const dropped = new Map<string, Dropped>();
  for (const { collector } of parts) {
    const budget = within === kept ? 0 : total(kept, collector) - total(within, collector);
    const duplicate = clashes.get(collector)?.series ?? 0;
    if (budget + duplicate > 0) dropped.set(collector, { budget, duplicate });
  }
  const conflicts = new Map([...clashes].map(([collector, clash]) => [collector, explain(clash)]));
  return { families: group(within), series: total(within), dropped, conflicts };
}

/** A block, or what is left of it. */
interface Kept {
  readonly collector: string;
  readonly block: Block;
}

/** The series of one collector that cannot be exposed. */
interface Clash {
  /** Why the first of them cannot. */
  readonly reason: string;
  readonly observations: number;
  readonly series: number;
}

function unique(parts: readonly Part[], reserved: ReadonlySet<string>) {
  const kept: Kept[] = [];
  const names = new Map<string, MetricDefinition>();
  const clashes = new Map<string, Clash>();
  const clash = (collector: string, reason: string, { seriesEach }: Block, count: number) => {
    const { observations, series, ...before } = clashes.get(collector) ?? { reason, observations: 0, series: 0 };
    clashes.set(collector, { ...before, observations: observations + count, series: series + count * seriesEach });
  };
  const all = parts.flatMap(({ collector, blocks }) => blocks.map((block) => ({ collector, block })));
  const identities = new Identities(all.reduce((sum, { block }) => sum + block.size, 0));
  for (const { collector, block } of all) {
    const problem = familyProblem(block.metric, names, reserved);
    if (problem !== undefined) {
      clash(collector, problem, block, block.size);
      continue;
    }
    const doubles = identities.add(block);
    const [first] = doubles;
    if (first) clash(collector, twice(first, block, all, collector), block, doubles.length);
    kept.push({ collector, block: first ? block.without(new Set(doubles.map(({ index }) => index))) : block });
  }
  return { kept, clashes };
}

/** @param names that are taken, and the metric that has each; those of a metric without a problem are added */
function familyProblem(metric: MetricDefinition, names: Map<string, MetricDefinition>, reserved: ReadonlySet<string>): string | undefined {
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

function twice({ index, first }: Double, block: Block, all: readonly Kept[], collector: string): string {
  const owner = all.find((one) => one.block === first.block)?.collector ?? collector;
  const second = block.at(index);
  const values = `${show(first.block.at(first.index))} from ${owner} and ${show(second)} from ${collector}`;
  return `the series ${second.id} comes twice: ${values}; the first one is exposed`;
}

function show({ value }: Series): string {
  return typeof value === 'number' ? formatValue(value) : `${formatValue(value.count)} events`;
}

function explain({ reason, observations }: Clash): string {
  return observations === 1 ? reason : `${reason} (${observations - 1} more like it)`;
}

/** Whether the series of the metric count against the budget. */
export function isBudgeted({ name }: MetricDefinition): boolean {
  return !name.startsWith(OWN_PREFIX);
}

function cutToBudget(kept: readonly Kept[], maxSeries: number): Kept[] {
  const budgeted = kept.filter(({ block }) => isBudgeted(block.metric));
  const candidates = budgeted.flatMap(({ block }) => [...block.series()].map(({ id }, index) => ({ id, block, index })));
  const cut = new Map<Block, Set<number>>();
  let used = 0;
  for (const { block, index } of candidates.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (used + block.seriesEach <= maxSeries) {
      used += block.seriesEach;
      continue;
    }
    const indexes = cut.get(block) ?? new Set<number>();
    cut.set(block, indexes.add(index));
  }
  return kept.map(({ collector, block }) => {
    const indexes = cut.get(block);
    return { collector, block: indexes ? block.without(indexes) : block };
  });
}

function group(kept: readonly Kept[]): AssembledFamily[] {
  const written = kept.map(({ block }) => block).filter(({ size }) => size > 0);
  const families = [...Map.groupBy(written, ({ metric }) => metric.name).values()].flatMap((blocks) => {
    const [first] = blocks;
    return first ? [new AssembledFamily(first.metric, blocks)] : [];
  });
  return families.toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1));
}

/** Series that count against the budget, of one collector where one is named. */
function total(kept: readonly Kept[], of?: string): number {
  const counted = kept.filter(({ collector, block }) => (of === undefined || of === collector) && isBudgeted(block.metric));
  return counted.reduce((sum, { block }) => sum + block.size * block.seriesEach, 0);
}
