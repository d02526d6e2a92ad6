// One fault: who misbehaves, how an endpoint is declared that meets it, and what the exporter is to say.

import type { Running } from './servers.js';

export interface Case {
  /** In words, for the table. */
  readonly fault: string;
  /** `phase/reason` as in endpoint_failures_total; where several are right, each of them. */
  readonly failure: string | readonly string[];
  /** The endpoint as the YAML declares it, without its times. */
  readonly block: Readonly<Record<string, unknown>>;
  readonly running: Running | undefined;
}

/** An endpoint of the same kind that works, to see that it goes on doing so. */
export interface Neighbour {
  readonly block: Readonly<Record<string, unknown>>;
  readonly running: Running;
}

export interface Kind {
  readonly kind: string;
  readonly cases: readonly Case[];
  readonly neighbour: Neighbour;
}

/** Where the files of a run are. */
export interface World {
  readonly folder: string;
  /** Writes a file into the folder. @returns its path */
  write(name: string, content: string): Promise<string>;
}
