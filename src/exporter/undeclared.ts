// A few of the values that a source saw and the YAML does not declare, so that people see what is missing.

import type { ExporterStatus } from './status.js';

const VALUES_KEPT = 20;
const LONGEST_VALUE = 80;

type Entry = ExporterStatus['undeclared'][number];

export class UndeclaredValues {
  readonly #counts = new Map<string, { label: string; value: string; count: number }>();

  /** The first values stay; further ones are left to the counter, since anything may stand in data. */
  note(label: string, value: string): void {
    const shown = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE - 1)}…` : value;
    const key = `${label} ${shown}`;
    const entry = this.#counts.get(key);
    if (entry) entry.count++;
    else if (this.#counts.size < VALUES_KEPT) this.#counts.set(key, { label, value: shown, count: 1 });
  }

  clear(): void {
    this.#counts.clear();
  }

  list(): Entry[] {
    return [...this.#counts.values()].map((entry) => ({ ...entry }));
  }
}
