// What the files of one directory say: counted while they are listed, so that memory does not grow with them. No I/O.

import picomatch from 'picomatch';
import { files, observed } from '../../conventions.js';
import { coveredPlaces, PlaceIndex, placeLabels, type Place, type Undeclared } from '../../domain/coverage.js';
import type { Flow } from '../../domain/flow.js';
import type { Observation } from '../../domain/observation.js';
import { coverageOf, directoryName } from './check.js';
import { wholeName } from './pattern.js';
import { DEFAULT_PARTIAL, type DirectoryOptions } from './schema.js';
import type { ListedFile } from './store.js';

/** What the name of a file tells. */
type Judgement = { readonly is: 'partial' } | { readonly is: 'unmatched' } | { readonly is: 'waiting'; readonly partner: string };

export class Directory {
  readonly name: string;
  readonly #options: DirectoryOptions;
  readonly #identity: { readonly env: string; readonly path: string | undefined };
  readonly #places: readonly Place[];
  readonly #index: PlaceIndex;
  readonly #isPartial: (name: string) => boolean;
  readonly #pattern: RegExp | undefined;
  /** The partner of files whose names tell none. */
  readonly #partner: string | undefined;

  constructor(options: DirectoryOptions, flows: readonly Flow[], identity: { readonly env: string; readonly path: string | undefined }) {
    const coverage = coverageOf(options);
    this.name = directoryName(options);
    this.#options = options;
    this.#identity = identity;
    this.#places = coveredPlaces(flows, coverage);
    this.#index = new PlaceIndex(flows, coverage);
    this.#isPartial = picomatch([...(options.partial ?? DEFAULT_PARTIAL)], { dot: true });
    this.#pattern = options.files === undefined ? undefined : wholeName(options.files);
    const partners = flows.find(({ name }) => name === options.flow)?.partners ?? [];
    this.#partner = options.partner ?? (partners.length === 1 ? partners[0] : undefined);
  }

  /** Starts a count, at zero for every declared partner. */
  tally(onUndeclared: (what: Undeclared) => void): Tally {
    return new Tally(this, this.#places, onUndeclared);
  }

  judge(name: string): Judgement {
    if (this.#isPartial(name)) return { is: 'partial' };
    const match = this.#pattern?.exec(name);
    if (this.#pattern && !match) return { is: 'unmatched' };
    const partner = match?.groups?.['partner'] ?? this.#partner;
    return partner === undefined ? { is: 'unmatched' } : { is: 'waiting', partner };
  }

  undeclared(partner: string): Undeclared | undefined {
    return this.#index.undeclared({ flow: this.#options.flow, partner, stage: this.#options.stage });
  }

  labels(partner: string): Record<string, string> {
    const { flow, stage } = this.#options;
    return placeLabels({ flow, partner, stage }, this.#identity.env, this.#identity.path);
  }

  /** The labels of what is known of the directory as a whole: with the partner where all its files are of one. */
  ownLabels(): Record<string, string> {
    return { ...this.labels(this.#options.partner ?? ''), directory: this.name };
  }
}

interface Waiting {
  count: number;
  bytes: number;
  /** 0 while no file with a time was seen. */
  oldest: number;
}

/** The count of one listing. */
export class Tally {
  readonly #directory: Directory;
  readonly #onUndeclared: (what: Undeclared) => void;
  readonly #waiting: ReadonlyMap<string, Waiting>;
  #partial = 0;
  #unmatched = 0;

  constructor(directory: Directory, places: readonly Place[], onUndeclared: (what: Undeclared) => void) {
    this.#directory = directory;
    this.#onUndeclared = onUndeclared;
    this.#waiting = new Map(places.map(({ partner }) => [partner, { count: 0, bytes: 0, oldest: 0 }]));
  }

  add({ name, size, modified }: ListedFile): void {
    const judgement = this.#directory.judge(name);
    if (judgement.is === 'partial') this.#partial++;
    else if (judgement.is === 'unmatched') this.#unmatched++;
    else {
      const waiting = this.#waiting.get(judgement.partner);
      if (!waiting) {
        const what = this.#directory.undeclared(judgement.partner);
        if (what) this.#onUndeclared(what);
        return;
      }
      waiting.count++;
      waiting.bytes += size ?? 0;
      if (modified !== undefined && (waiting.oldest === 0 || modified < waiting.oldest)) waiting.oldest = modified;
    }
  }

  observations(): Observation[] {
    const own = this.#directory.ownLabels();
    const all: Observation[] = [
      { metric: files.partial, labels: own, value: this.#partial },
      { metric: files.unmatched, labels: own, value: this.#unmatched },
    ];
    for (const [partner, { count, bytes, oldest }] of this.#waiting) {
      const labels = this.#directory.labels(partner);
      all.push({ metric: observed.backlog, labels, value: count });
      all.push({ metric: observed.backlog_oldest, labels, value: oldest });
      all.push({ metric: files.bytes, labels, value: bytes });
    }
    return all;
  }
}
