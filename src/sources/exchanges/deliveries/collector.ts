// Looks at deliveries: manifests, what they announce, and the packages that are there. EN12: is a delivery what was announced?

import { deliveries as metrics } from '../../../conventions.js';
import { coveredPlaces, PlaceIndex, placeLabels } from '../../../domain/coverage.js';
import type { Labels, Observation } from '../../../domain/observation.js';
import { SourceError, type Collector, type SourceConfig } from '../../kind.js';
import { schedule } from '../../schedule.js';
import { cleanKey } from '../acknowledgements/answer.js';
import { isCanary } from '../canary-name.js';
import { coverageOf } from '../check.js';
import type { Frame, Round } from '../frame.js';
import { Unreadable } from '../inside.js';
import { DEFAULT_MAX_BYTES } from '../inside-schema.js';
import { wholeName } from '../pattern.js';
import { pathOf, readSmall } from '../reading.js';
import type { ExchangeOptions } from '../schema.js';
import type { FileStore, ListedFile } from '../store.js';
import type { DeliveryOptions } from './check.js';
import { packagesIn } from './count.js';

/** Deliveries, and keys of packages, of which one look takes note: more are not looked at, and the transcript says so. */
const MOST_DELIVERIES = 10_000;
const MOST_KEYS = 100_000;
/** Share of its time that a look may use to read manifests; the rest is read by the next ones. */
const READING_SHARE = 0.7;

interface Manifest {
  readonly file: ListedFile;
  readonly key: string;
  /** Place in the list of partners. */
  readonly partner: number;
}

/** What a manifest said when it was read. */
interface Announced {
  readonly size: number | undefined;
  readonly modified: number | undefined;
  /** Undefined where no number was found in it. */
  readonly packages: number | undefined;
}

interface Seen {
  readonly manifests: readonly Manifest[];
  /** Packages by key. */
  readonly packages: ReadonlyMap<string, number>;
  readonly tooMany: boolean;
}

/** What is told of one partner. */
interface Summary {
  newest: { readonly time: number; readonly expected: number; readonly packages: number } | undefined;
  incomplete: number;
  oldestIncomplete: number;
  unreadable: number;
}

export class DeliveryCollector implements Collector {
  readonly name: string;
  readonly interval: number;
  readonly timeout: number;
  readonly maxStaleness: number;
  readonly #options: DeliveryOptions;
  readonly #frame: Frame;
  readonly #partners: readonly string[];
  readonly #partner: string | undefined;
  readonly #index: PlaceIndex;
  readonly #labels: readonly Labels[];
  readonly #manifestPattern: RegExp;
  readonly #packagePattern: RegExp;
  /** By name; each manifest is read once while it does not change. */
  #announced = new Map<string, Announced>();

  constructor(name: string, options: DeliveryOptions, source: SourceConfig<ExchangeOptions>, frame: Frame) {
    const { flows } = frame.context;
    const { interval, timeout, maxStaleness } = schedule(source, options);
    this.name = name;
    this.interval = interval;
    this.timeout = timeout;
    this.maxStaleness = maxStaleness;
    this.#options = options;
    this.#frame = frame;
    const coverage = coverageOf(options);
    this.#partners = coveredPlaces(flows, coverage).map(({ partner }) => partner);
    const all = flows.find((flow) => flow.name === options.flow)?.partners ?? [];
    this.#partner = options.partner ?? (all.length === 1 ? all[0] : undefined);
    this.#index = new PlaceIndex(flows, coverage);
    const { flow, stage } = options;
    this.#labels = this.#partners.map((partner) => ({
      ...placeLabels({ flow, partner, stage }, source.env, source.path),
      delivery: name,
    }));
    this.#manifestPattern = wholeName(options.manifests.files);
    this.#packagePattern = wholeName(options.packages.files);
  }

  collect(signal: AbortSignal): Promise<Iterable<Observation>> {
    return this.#frame.round(this.name, this.#options.manifests.directory, (round) => this.#look(round, signal));
  }

  async #look(round: Round, signal: AbortSignal): Promise<Observation[]> {
    const begun = this.#frame.clock.monotonic();
    const seen = await this.#frame.use(signal, (store) => this.#list(store, signal));
    const unread = await this.#read(seen.manifests, begun, signal);
    const summaries = this.#summaries(seen);
    const incomplete = summaries.reduce((sum, one) => sum + one.incomplete, 0);
    round.say(`${seen.manifests.length} deliveries, of which ${incomplete} are not what their manifests announce`);
    if (unread > 0) round.say(`${unread} manifests are left to the next looks`);
    if (seen.tooMany) round.say('there are more deliveries or packages than are looked at: move old ones away');
    return summaries.flatMap((summary, index) => observationsOf(summary, this.#labels[index] ?? {}));
  }

  async #list(store: FileStore, signal: AbortSignal): Promise<Seen> {
    const { manifests, packages } = this.#options;
    const found: Manifest[] = [];
    const counts = new Map<string, number>();
    let tooMany = false;
    const seeManifest = (file: ListedFile) => {
      const manifest = isCanary(file.name) ? undefined : this.#manifest(file);
      if (!manifest) return;
      if (found.length < MOST_DELIVERIES) found.push(manifest);
      else tooMany = true;
    };
    const seePackage = ({ name }: ListedFile) => {
      const key = cleanKey(this.#packagePattern.exec(name)?.groups?.['key']);
      if (key === undefined) return;
      if (counts.has(key) || counts.size < MOST_KEYS) counts.set(key, (counts.get(key) ?? 0) + 1);
      else tooMany = true;
    };
    const { directory = manifests.directory } = packages;
    if (directory === manifests.directory) {
      const visit = (file: ListedFile) => {
        seeManifest(file);
        seePackage(file);
      };
      await store.list(directory, visit, signal);
    } else {
      // A package comes before its manifest or after it; listed in this order, a delivery that is complete is never seen incomplete.
      await store.list(manifests.directory, seeManifest, signal);
      await store.list(directory, seePackage, signal);
    }
    return { manifests: found, packages: counts, tooMany };
  }

  #manifest(file: ListedFile): Manifest | undefined {
    const groups = this.#manifestPattern.exec(file.name)?.groups;
    const key = cleanKey(groups?.['key']);
    if (key === undefined) return undefined;
    const partner = groups?.['partner'] ?? this.#partner ?? '';
    const place = this.#partners.indexOf(partner);
    if (place >= 0) return { file, key, partner: place };
    const { flow, stage } = this.#options;
    const what = this.#index.undeclared({ flow, partner, stage });
    if (what) this.#frame.context.undeclared(what.label, what.value);
    return undefined;
  }

  /** Reads manifests that are new or have changed. @returns how many there was no time for */
  async #read(manifests: readonly Manifest[], begun: number, signal: AbortSignal): Promise<number> {
    const announced = new Map<string, Announced>();
    let unread = 0;
    for (const { file } of manifests) {
      const known = this.#announced.get(file.name);
      if (known && known.size === file.size && known.modified === file.modified) announced.set(file.name, known);
      else if (this.#frame.clock.monotonic() - begun > this.timeout * READING_SHARE) unread++;
      else announced.set(file.name, { size: file.size, modified: file.modified, packages: await this.#count(file, signal) });
    }
    this.#announced = announced;
    return unread;
  }

  async #count(file: ListedFile, signal: AbortSignal): Promise<number | undefined> {
    const { directory, count, max_bytes: maxBytes = DEFAULT_MAX_BYTES } = this.#options.manifests;
    if (file.size !== undefined && file.size > maxBytes) return undefined;
    try {
      const bytes = await this.#frame.use(signal, (store) => readSmall(store, pathOf(directory, file.name), maxBytes, signal));
      return bytes && packagesIn(bytes, count);
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      if (error instanceof SourceError && error.errorClass === 'not_found') return undefined;
      throw error;
    }
  }

  #summaries({ manifests, packages }: Seen): readonly Summary[] {
    const summaries: readonly Summary[] = this.#partners.map(() => ({
      newest: undefined,
      incomplete: 0,
      oldestIncomplete: 0,
      unreadable: 0,
    }));
    const now = this.#frame.clock.now() / 1000;
    for (const { file, key, partner } of manifests) {
      const summary = summaries[partner];
      const announced = this.#announced.get(file.name);
      if (!summary || !announced) continue;
      if (announced.packages === undefined) {
        summary.unreadable++;
        continue;
      }
      const delivered = packages.get(key) ?? 0;
      const time = Math.min(file.modified ?? now, now);
      if (!summary.newest || time >= summary.newest.time) summary.newest = { time, expected: announced.packages, packages: delivered };
      if (delivered === announced.packages) continue;
      summary.incomplete++;
      summary.oldestIncomplete = summary.oldestIncomplete === 0 ? time : Math.min(summary.oldestIncomplete, time);
    }
    return summaries;
  }
}

function observationsOf({ newest, incomplete, oldestIncomplete, unreadable }: Summary, labels: Labels): Observation[] {
  return [
    { metric: metrics.expected, labels, value: newest?.expected ?? 0 },
    { metric: metrics.packages, labels, value: newest?.packages ?? 0 },
    { metric: metrics.newest, labels, value: newest?.time ?? 0 },
    { metric: metrics.incomplete, labels, value: incomplete },
    { metric: metrics.incompleteOldest, labels, value: oldestIncomplete },
    { metric: metrics.unreadable, labels, value: unreadable },
  ];
}
