// Counters by name and labels: what was written, and how it differs from what was counted.

import type { ReadSample } from '../../test/exporter/parse-exposition.js';

/** Said by the exporter of itself; of no interest here. */
const OWN_LABELS: readonly string[] = ['env', 'source', 'kind', 'path'];

/** A counter with its labels, as Prometheus writes it. */
export type Series = string;

export class Tally {
  readonly #amounts = new Map<Series, number>();

  add(name: string, labels: Readonly<Record<string, string>>, amount = 1): void {
    const key = seriesOf({ name, labels });
    this.#amounts.set(key, (this.#amounts.get(key) ?? 0) + amount);
  }

  get amounts(): ReadonlyMap<Series, number> {
    return this.#amounts;
  }
}

export function seriesOf({ name, labels }: Pick<ReadSample, 'name' | 'labels'>): Series {
  const pairs = Object.entries(labels).filter(([label]) => !OWN_LABELS.includes(label));
  const texts = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${texts.join(',')}}`;
}

export interface Difference {
  readonly series: Series;
  readonly written: number;
  readonly counted: number;
}

/** Where both differ; a series that is missing is 0. */
export function differences(written: ReadonlyMap<Series, number>, counted: ReadonlyMap<Series, number>): Difference[] {
  return [...new Set([...written.keys(), ...counted.keys()])]
    .map((series) => ({ series, written: written.get(series) ?? 0, counted: counted.get(series) ?? 0 }))
    .filter((one) => one.written !== one.counted);
}
