// What an exporter process exports: one source of the YAML, or the catalogue. The runtime treats both alike.

import type { Config } from '../config/model.js';
import type { ErrorClass, Source, SourceContext } from '../sources/kind.js';

export interface Subject {
  readonly name: string;
  readonly kind: string;
  readonly title: string;
  readonly env: string;
  readonly maxSeries: number;
  /** Phases and classes whose error counters exist at 0 from the first scrape. */
  readonly errors: Readonly<Record<string, readonly ErrorClass[]>>;
  /** Folder that relative paths start from. */
  readonly baseDir: string;
  /** Changes when the subject must be built anew after a reload, and only then. */
  readonly fingerprint: string;
  create(context: SourceContext): Promise<Source>;
}

/** Finds the subject in a configuration; undefined where the configuration no longer has it. */
export type SubjectFinder = (config: Config) => Promise<Subject | undefined>;
