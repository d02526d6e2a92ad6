// One line after another: read, matched, counted.

import { logs } from '../../../conventions.js';
import type { CounterHandle } from '../../../domain/accumulator.js';
import type { SourceConfig, SourceContext } from '../../kind.js';
import { Events, type Verdict } from './events.js';
import { OwnMetric } from './metrics.js';
import { createParser, type LineParser } from '../formats/parse.js';
import type { LogOptions } from '../schema.js';
import type { SeriesSet } from './series.js';
import { createTimeReader, type TimeReader } from '../formats/time.js';

type Result = Verdict | 'too_long';

export class Lines {
  readonly #parse: LineParser;
  readonly #events: Events;
  readonly #metrics: readonly OwnMetric[];
  readonly #results: Readonly<Record<Result, CounterHandle>>;
  readonly #now: () => number;

  private constructor(config: SourceConfig<LogOptions>, context: SourceContext, series: SeriesSet, time: TimeReader) {
    const { options, name: source, kind, env } = config;
    this.#parse = createParser(options.format);
    this.#events = new Events(config, context, series, time);
    this.#metrics = (options.metrics ?? []).map((metric) => new OwnMetric(metric, env, series));
    const counter = (result: Result) => series.counter(logs.lines, { source, kind, result });
    this.#results = {
      matched: counter('matched'),
      unmatched: counter('unmatched'),
      malformed: counter('malformed'),
      too_long: counter('too_long'),
    };
    this.#now = () => context.clock.now();
  }

  /** Declares all series that are known from the YAML. */
  static async create(config: SourceConfig<LogOptions>, context: SourceContext, series: SeriesSet): Promise<Lines> {
    return new Lines(config, context, series, await createTimeReader(config.options.time));
  }

  line(line: string): void {
    this.#results[this.#take(line)].add(1);
  }

  tooLong(): void {
    this.#results.too_long.add(1);
  }

  #take(line: string): Verdict {
    const fields = this.#parse(line);
    if (typeof fields === 'string') return fields;
    let verdict = this.#events.take(fields, this.#now());
    for (const metric of this.#metrics) verdict = worse(verdict, metric.take(fields));
    return verdict;
  }
}

/** A line has one result: a value that cannot be read is told, whatever else took the line. */
function worse(a: Verdict, b: Verdict): Verdict {
  if (a === 'malformed' || b === 'malformed') return 'malformed';
  return a === 'matched' ? a : b;
}
