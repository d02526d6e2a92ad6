// When a line was written, and whether that can be believed.

import { parseDuration } from '../../../domain/duration.js';
import { logs } from '../../../conventions.js';
import { createTimeParser, guessTime, judgeTime } from '../formats/time.js';
import { DEFAULT_MAX_AGE, DEFAULT_MAX_AHEAD, DEFAULT_TIME_FIELDS, type TimeOptions } from '../schema.js';
import type { Line, LineTime } from './line.js';
import type { PendingCounter } from './pending.js';
import type { ReadField, Scope } from './scope.js';
import type { SeriesSet } from './series.js';

/** Milliseconds since the epoch; `unreadable` where there should be a time and it makes no sense. */
type Parsed = number | undefined | 'unreadable';

export class Timing {
  readonly #limits: { readonly maxAheadMs: number; readonly maxAgeMs: number };
  readonly #implausible: Readonly<Record<'future' | 'past' | 'unreadable', PendingCounter>>;

  private constructor(
    options: TimeOptions | undefined,
    private readonly parse: (line: Line) => Parsed,
    series: SeriesSet,
    labels: { readonly source: string; readonly kind: string },
  ) {
    this.#limits = {
      maxAheadMs: parseDuration(options?.max_ahead ?? DEFAULT_MAX_AHEAD) ?? 0,
      maxAgeMs: parseDuration(options?.max_age ?? DEFAULT_MAX_AGE) ?? Infinity,
    };
    const counter = (reason: string) => series.counter(logs.implausibleTimes, { ...labels, reason });
    this.#implausible = { future: counter('future'), past: counter('past'), unreadable: counter('unreadable') };
  }

  static async create(
    options: TimeOptions | undefined,
    scope: Scope,
    series: SeriesSet,
    labels: { readonly source: string; readonly kind: string },
  ): Promise<Timing> {
    if (!options) return new Timing(options, guess(DEFAULT_TIME_FIELDS.map((field) => scope.reader(field))), series, labels);
    const read = scope.reader(options.field);
    const parse = await createTimeParser(options);
    return new Timing(options, (line) => parse(read(line), line.now) ?? 'unreadable', series, labels);
  }

  /** Found out once for each line, however many rules ask. */
  of(line: Line): LineTime {
    line.time ??= this.#judge(this.parse(line), line.now);
    return line.time;
  }

  #judge(parsed: Parsed, now: number): LineTime {
    if (parsed === undefined) return { at: now, own: false, unreadable: false };
    if (parsed === 'unreadable') {
      this.#implausible.unreadable.add(1);
      return { at: now, own: false, unreadable: true };
    }
    const judgement = judgeTime(parsed, now, this.#limits);
    if (judgement !== 'ok') this.#implausible[judgement].add(1);
    return { at: Math.min(parsed, now), own: judgement === 'ok', unreadable: false };
  }
}

/** From the first of the usual fields that holds anything. */
function guess(readers: readonly ReadField[]): (line: Line) => Parsed {
  return (line) => {
    for (const read of readers) {
      const value = read(line);
      if (value !== undefined) return guessTime(value);
    }
    return undefined;
  };
}
