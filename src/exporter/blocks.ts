// Makes blocks of what a collector tells: one for each metric, in the order in which metrics turn up.

import type { MetricDefinition, Observation } from '../domain/observation.js';
import type { Block } from './block.js';
import { LiveBlock } from './live-block.js';
import { BlockWriter } from './written-block.js';

/**
 * Of a whole collection. Numbers are written down at once; what each format writes in its own way, histograms and exemplars, is not.
 * @param before the blocks of the collection before
 */
export function writtenBlocks(observations: Iterable<Observation>, before: readonly Block[] = []): Block[] {
  const writers = new Map<MetricDefinition, BlockWriter>();
  const live: Observation[] = [];
  let writer: BlockWriter | undefined;
  for (const observation of observations) {
    const { metric } = observation;
    if (metric.type === 'histogram' || observation.exemplar) {
      live.push(observation);
      continue;
    }
    if (writer?.metric !== metric) {
      writer = writers.get(metric) ?? new BlockWriter(metric, ofMetric(before, metric));
      writers.set(metric, writer);
    }
    writer.add(observation);
  }
  return [...Array.from(writers.values(), (one) => one.end()), ...liveBlocks(live, before)];
}

/** Of an accumulator, which tells the same series again and again. @param before its blocks the last time */
export function liveBlocks(observations: readonly Observation[], before: readonly Block[] = []): Block[] {
  const byMetric = Map.groupBy(observations, ({ metric }) => metric);
  return Array.from(byMetric, ([metric, own]) => LiveBlock.of(metric, own, ofMetric(before, metric)));
}

function ofMetric(blocks: readonly Block[], metric: MetricDefinition): Block | undefined {
  return blocks.find((block) => block.metric === metric);
}
