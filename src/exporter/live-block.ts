// Series that are held as objects and written when somebody asks: histograms, and what grows from event to event, where most
// of what is told again is the same.

import type { MetricDefinition, Observation } from '../domain/observation.js';
import type { Block } from './block.js';
import { ownText } from '../domain/own-text.js';
import { identity, LabelWriter, lineWriter, seriesCount, type Format, type Series } from './exposition.js';

interface LiveSeries extends Series {
  /** `flow="a"`, without braces. */
  readonly labelText: string;
  readonly hash: number;
}

export class LiveBlock implements Block {
  readonly #series: readonly LiveSeries[];
  readonly #bytes = new Map<Format, Buffer>();

  constructor(
    readonly metric: MetricDefinition,
    series: readonly LiveSeries[],
  ) {
    this.#series = series;
  }

  /** @param before what was told of the metric last time; names of the same labels are not written again */
  static of(metric: MetricDefinition, observations: readonly Observation[], before: Block | undefined): LiveBlock {
    const known = before instanceof LiveBlock ? before.#series : [];
    const labels = new LabelWriter(metric);
    return new LiveBlock(
      metric,
      observations.map((observation, index) => again(observation, known[index]) ?? first(observation, labels)),
    );
  }

  get size(): number {
    return this.#series.length;
  }

  get seriesEach(): number {
    const [one] = this.#series;
    return one ? seriesCount(one) : 1;
  }

  hash(index: number): number {
    return this.#series[index]?.hash ?? 0;
  }

  at(index: number): Series {
    const series = this.#series[index];
    if (!series) throw new RangeError(`no series ${index} of ${this.size}`);
    return series;
  }

  series(): readonly Series[] {
    return this.#series;
  }

  bytes(format: Format): Buffer {
    let bytes = this.#bytes.get(format);
    if (!bytes) {
      const write = lineWriter(this.metric, format);
      let text = '';
      for (const series of this.#series) text += write(series.labelText, series);
      bytes = Buffer.from(text);
      this.#bytes.set(format, bytes);
    }
    return bytes;
  }

  without(indexes: ReadonlySet<number>): LiveBlock {
    return new LiveBlock(
      this.metric,
      this.#series.filter((_series, index) => !indexes.has(index)),
    );
  }
}

function first({ metric, labels, value, exemplar }: Observation, writer: LabelWriter): LiveSeries {
  // Put together from many pieces, which it would keep alive.
  const labelText = ownText(writer.write(labels));
  return { metric, labels, value, exemplar, labelText, id: identity(metric.name, labelText), hash: writer.hash(labels) };
}

/** The name is taken over where the very same labels stand in the same place as before, and all of it where nothing has changed. */
function again({ metric, labels, value, exemplar }: Observation, before: LiveSeries | undefined): LiveSeries | undefined {
  if (before?.labels !== labels) return undefined;
  if (before.value === value && before.exemplar === exemplar) return before;
  return { metric, labels, value, exemplar, labelText: before.labelText, id: before.id, hash: before.hash };
}
