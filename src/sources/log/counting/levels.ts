// How many lines there are of each level, whatever the log calls them.

import { logs } from '../../../conventions.js';
import { createLevelReader, isLevel, LEVELS, type Level } from '../formats/level.js';
import type { LevelOptions } from '../schema.js';
import type { Line } from './line.js';
import type { PendingCounter } from './pending.js';
import type { Scope } from './scope.js';
import type { SeriesSet } from './series.js';

export class Levels {
  readonly #read: (line: Line) => unknown;
  readonly #levelOf: (value: unknown) => Level;
  readonly #counters: ReadonlyMap<Level, PendingCounter>;

  constructor(options: LevelOptions, scope: Scope, series: SeriesSet, labels: { readonly source: string; readonly kind: string }) {
    const { from, map = {} } = typeof options === 'string' ? { from: options } : options;
    this.#read = scope.reader(from);
    this.#levelOf = createLevelReader(known(map));
    this.#counters = new Map(LEVELS.map((level) => [level, series.counter(logs.levelLines, { ...labels, level })]));
  }

  take(line: Line): void {
    this.#counters.get(this.#levelOf(this.#read(line)))?.add(1);
  }
}

/** `vigie check` refuses other levels. */
function known(map: Readonly<Record<string, string>>): Record<string, Level> {
  return Object.fromEntries(Object.entries(map).flatMap(([value, level]) => (isLevel(level) ? [[value, level]] : [])));
}
