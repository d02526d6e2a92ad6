// What the files of one directory say: counted while they are listed, so that memory does not grow with them. No I/O.

import picomatch from 'picomatch';
import { files, observed } from '../../conventions.js';
import { coveredPlaces, PlaceIndex, placeLabels, type Undeclared } from '../../domain/coverage.js';
import type { Flow } from '../../domain/flow.js';
import type { Observation } from '../../domain/observation.js';
import { isCanary } from './canary-name.js';
import { coverageOf, directoryName } from './check.js';
import { wholeName } from './pattern.js';
import { DEFAULT_PARTIAL, type DirectoryOptions } from './schema.js';
import { parseSize } from './size.js';
import type { ListedFile } from './store.js';

/** What the name of a file tells. One that is `ours` is not there for anybody. */
type Judgement =
  | { readonly is: 'ours' }
  | { readonly is: 'partial' }
  | { readonly is: 'unmatched' }
  | { readonly is: 'waiting'; readonly partner: string };

export interface Identity {
  readonly env: string;
  readonly path: string | undefined;
}

export class Directory {
  readonly name: string;
  /** The partners that its files may be of, as declared. */
  readonly partners: readonly string[];
  /** The partner of files whose names tell none. */
  readonly partner: string | undefined;
  readonly size: { readonly min: number; readonly max: number } | undefined;
  readonly #options: DirectoryOptions;
  readonly #identity: Identity;
  readonly #index: PlaceIndex;
  readonly #isPartial: (name: string) => boolean;
  readonly #pattern: RegExp | undefined;

  constructor(options: DirectoryOptions, flows: readonly Flow[], identity: Identity) {
    const coverage = coverageOf(options);
    this.name = directoryName(options);
    this.partners = coveredPlaces(flows, coverage).map(({ partner }) => partner);
    this.#options = options;
    this.#identity = identity;
    this.#index = new PlaceIndex(flows, coverage);
    this.#isPartial = picomatch([...(options.partial ?? DEFAULT_PARTIAL)], { dot: true });
    this.#pattern = options.files === undefined ? undefined : wholeName(options.files);
    const partners = flows.find(({ name }) => name === options.flow)?.partners ?? [];
    this.partner = options.partner ?? (partners.length === 1 ? partners[0] : undefined);
    const { min, max } = options.size ?? {};
    this.size = options.size && {
      min: (min === undefined ? undefined : parseSize(min)) ?? 0,
      max: (max === undefined ? undefined : parseSize(max)) ?? Infinity,
    };
  }

  judge(name: string): Judgement {
    if (isCanary(name)) return { is: 'ours' };
    if (this.#isPartial(name)) return { is: 'partial' };
    const match = this.#pattern?.exec(name);
    if (this.#pattern && !match) return { is: 'unmatched' };
    const partner = match?.groups?.['partner'] ?? this.partner;
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

/** Files of one partner. */
interface Waiting {
  readonly partner: string;
  count: number;
  bytes: number;
  /** Unix seconds; 0 while no file with a time was seen. */
  oldest: number;
  newest: number;
  empty: number;
  tooSmall: number;
  tooLarge: number;
}

/** What is done with files beside counting them. */
export interface Visitor {
  /** @param partner its place in the list of partners */
  waiting(file: ListedFile, partner: number): void;
  partial(file: ListedFile): void;
  undeclared(what: Undeclared): void;
}

/** The count of one listing. */
export class Tally {
  readonly #directory: Directory;
  readonly #now: number;
  readonly #visitor: Visitor;
  readonly #byPartner: ReadonlyMap<string, number>;
  readonly waiting: readonly Waiting[];
  partial = 0;
  #partialOldest = 0;
  unmatched = 0;
  /** Files whose times have not come yet: a clock is wrong, or a time zone. */
  future = 0;
  files = 0;

  /** @param now Unix seconds */
  constructor(directory: Directory, now: number, visitor: Visitor) {
    this.#directory = directory;
    this.#now = now;
    this.#visitor = visitor;
    this.#byPartner = new Map(directory.partners.map((partner, index) => [partner, index]));
    this.waiting = directory.partners.map((partner) => ({
      partner,
      count: 0,
      bytes: 0,
      oldest: 0,
      newest: 0,
      empty: 0,
      tooSmall: 0,
      tooLarge: 0,
    }));
  }

  add(file: ListedFile): void {
    const judgement = this.#directory.judge(file.name);
    if (judgement.is === 'ours') return;
    this.files++;
    if (file.modified !== undefined && file.modified > this.#now) this.future++;
    if (judgement.is === 'partial') this.#addPartial(file);
    else if (judgement.is === 'unmatched') this.unmatched++;
    else this.#addWaiting(file, judgement.partner);
  }

  observations(): Observation[] {
    const own = this.#directory.ownLabels();
    const all: Observation[] = [
      { metric: files.partial, labels: own, value: this.partial },
      { metric: files.partialOldest, labels: own, value: this.#partialOldest },
      { metric: files.unmatched, labels: own, value: this.unmatched },
    ];
    for (const { partner, count, bytes, oldest, newest, empty, tooSmall, tooLarge } of this.waiting) {
      const labels = this.#directory.labels(partner);
      all.push({ metric: observed.backlog, labels, value: count });
      all.push({ metric: observed.backlog_oldest, labels, value: oldest });
      all.push({ metric: files.bytes, labels, value: bytes });
      // A file from the future says nothing of when the last one came.
      all.push({ metric: files.newest, labels, value: Math.min(newest, this.#now) });
      all.push({ metric: files.empty, labels, value: empty });
      if (!this.#directory.size) continue;
      all.push({ metric: files.outsideSize, labels: { ...labels, bound: 'min' }, value: tooSmall });
      all.push({ metric: files.outsideSize, labels: { ...labels, bound: 'max' }, value: tooLarge });
    }
    return all;
  }

  #addPartial(file: ListedFile): void {
    this.partial++;
    this.#partialOldest = earliest(this.#partialOldest, file.modified);
    this.#visitor.partial(file);
  }

  #addWaiting(file: ListedFile, partner: string): void {
    const index = this.#byPartner.get(partner);
    const waiting = index === undefined ? undefined : this.waiting[index];
    if (index === undefined || !waiting) {
      const what = this.#directory.undeclared(partner);
      if (what) this.#visitor.undeclared(what);
      return;
    }
    const { size, modified } = file;
    waiting.count++;
    waiting.bytes += size ?? 0;
    waiting.oldest = earliest(waiting.oldest, modified);
    waiting.newest = Math.max(waiting.newest, modified ?? 0);
    if (size === 0) waiting.empty++;
    const bounds = this.#directory.size;
    if (size !== undefined && bounds && size < bounds.min) waiting.tooSmall++;
    if (size !== undefined && bounds && size > bounds.max) waiting.tooLarge++;
    this.#visitor.waiting(file, index);
  }
}

function earliest(known: number, time: number | undefined): number {
  return time !== undefined && (known === 0 || time < known) ? time : known;
}
