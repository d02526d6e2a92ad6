// How many lines there are of each level, whatever the log calls them.

import { logs } from '../../../conventions.js';
import { textOf } from '../formats/fields.js';
import { LEVELS, normalLevel, type Level } from '../formats/level.js';
import type { LevelOptions } from '../schema.js';
import type { Line } from './line.js';
import type { PendingCounter } from './pending.js';
import type { Scope } from './scope.js';
import type { SeriesSet } from './series.js';

export class Levels {
  readonly #read: (line: Line) => unknown;
  readonly #map: ReadonlyMap<string, Level>;
  readonly #counters: ReadonlyMap<Level, PendingCounter>;

  constructor(options: LevelOptions, scope: Scope, series: SeriesSet, labels: { readonly source: string; readonly kind: string }) {
    const { from, map = {} } = typeof options === 'string' ? { from: options } : options;
    this.#read = scope.reader(from);
    this.#map = new Map(Object.entries(map).map(([value, level]) => [value, normalLevel(level)]));
    this.#counters = new Map(LEVELS.map((level) => [level, series.counter(logs.levelLines, { ...labels, level })]));
  }

  take(line: Line): void {
    const text = textOf(this.#read(line));
    const level = text === undefined ? 'other' : (this.#map.get(text) ?? normalLevel(text));
    this.#counters.get(level)?.add(1);
  }
}
