// Looks at one directory: lists it, counts, compares with the look before, asks for the room that is left.

import { files, observed } from '../../conventions.js';
import type { Accumulator } from '../../domain/accumulator.js';
import { parseDuration } from '../../domain/duration.js';
import type { Observation } from '../../domain/observation.js';
import { collectGarbage, trimMemory } from '../../memory.js';
import { SourceError, type Collector, type SourceConfig, type SourceContext } from '../kind.js';
import { schedule } from '../schedule.js';
import { Tally, type Directory } from './directory.js';
import type { Expectations } from './expectations.js';
import { isRecord } from './record.js';
import { DEFAULT_STALLED_AFTER, type DirectoryOptions, type ExchangeOptions } from './schema.js';
import type { Frame, Round } from './frame.js';
import type { FileStore, Space } from './store.js';
import { Tracking, type Changes, type Look } from './tracking.js';

/** Share of its time that a look may wait for the public holidays. */
const WAITING_SHARE = 0.5;
/** A listing of fewer files leaves less garbage than collecting it is worth. */
const MANY = 20_000;

/** What is found out in one listing. */
interface Listing {
  readonly tally: Tally;
  readonly look: Look;
  readonly space: Space | undefined;
}

export class DirectoryCollector implements Collector {
  readonly name: string;
  readonly interval: number;
  readonly timeout: number;
  readonly maxStaleness: number;
  readonly accumulator: Accumulator;
  readonly #options: DirectoryOptions;
  readonly #directory: Directory;
  readonly #frame: Frame;
  readonly #context: SourceContext;
  readonly #tracking: Tracking;
  readonly #expectations: Expectations | undefined;
  readonly #ownLabels: { readonly source: string; readonly kind: string };
  readonly #asksForSpace: boolean;
  #tooMany = false;
  #restored = false;
  /** When the newest message passed, by partner; 0 for never. Only with `messages`. */
  readonly #last = new Map<string, number>();

  constructor(
    options: DirectoryOptions,
    directory: Directory,
    source: SourceConfig<ExchangeOptions>,
    frame: Frame,
    expectations: Expectations | undefined,
  ) {
    const { context } = frame;
    const times = schedule(source, options);
    this.name = directory.name;
    this.interval = times.interval;
    this.timeout = times.timeout;
    this.maxStaleness = times.maxStaleness;
    this.#options = options;
    this.#directory = directory;
    this.#frame = frame;
    this.#context = context;
    this.#expectations = expectations;
    this.#ownLabels = { source: source.name, kind: source.kind };
    this.#asksForSpace = source.options.space ?? true;
    this.accumulator = context.accumulator(this.name);
    const stalledAfter = parseDuration(options.stalled_after ?? DEFAULT_STALLED_AFTER) ?? 0;
    this.#tracking = new Tracking(directory.partners, stalledAfter / 1000, context.record(this.name));
    this.#declare();
  }

  /** What people should mend. */
  warnings(): string[] {
    const found = [this.#tracking.warning, this.#tooMany ? 'it holds too many files to compare them: arrivals are not counted' : undefined];
    return found.filter((text) => text !== undefined).map((text) => `${this.name}: ${text}`);
  }

  collect(signal: AbortSignal): Promise<Iterable<Observation>> {
    return this.#frame.round(this.name, this.#options.path, (round) => this.#look(round, signal));
  }

  async #look(round: Round, signal: AbortSignal): Promise<Observation[]> {
    const clock = this.#context.clock;
    const begunAt = clock.now() / 1000;
    this.#restore(await this.#tracking.restore(begunAt));
    await this.#expect(round);
    const listing = await this.#frame.use(signal, (store) => this.#list(store, signal, begunAt, round));
    const now = clock.now() / 1000;
    const changes = this.#tracking.settle(listing.look, now);
    this.#tooMany = changes.tooMany;
    const counted = this.#count(changes, listing.tally, now);
    const isLarge = listing.tally.files >= MANY;
    if (changes.changed || counted || this.#expectations?.takeChanged()) {
      // The record of many files is large, and so is what their listing has left behind: not both at once.
      if (isLarge) collectGarbage();
      await this.#tracking.save(this.#more());
    }
    if (isLarge) trimMemory();
    tell(listing.tally, changes, round);
    return [
      ...listing.tally.observations(),
      ...this.#compared(changes),
      ...(this.#expectations?.observations() ?? []),
      ...this.#room(listing.space),
    ];
  }

  /** Without the public holidays nobody knows what is expected: then nothing is said of it, and of the rest all the same. */
  async #expect(round: Round): Promise<void> {
    if (!this.#expectations) return;
    try {
      this.#expectations.begin(
        this.#context.clock.now(),
        await this.#frame.holidays(this.#expectations.regions, this.timeout * WAITING_SHARE),
      );
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#expectations.pause();
      round.say(`what is expected cannot be told: ${error.message}`);
    }
  }

  /** Begun anew where the connection was lost and the listing is tried again. */
  async #list(store: FileStore, signal: AbortSignal, now: number, round: Round): Promise<Listing> {
    const look = this.#tracking.begin(now);
    const tally = new Tally(this.#directory, now, {
      waiting: (file, partner) => look.wait(file, partner),
      partial: (file) => look.write(file),
      undeclared: ({ label, value }) => this.#context.undeclared(label, value),
    });
    await store.list(
      this.#options.path,
      (file) => {
        tally.add(file);
        this.#expectations?.see(file, now);
      },
      signal,
    );
    return { tally, look, space: this.#asksForSpace ? await this.#space(store, signal, round) : undefined };
  }

  /** The files have been listed: that the room cannot be told is no reason to lose them. */
  async #space(store: FileStore, signal: AbortSignal, round: Round): Promise<Space | undefined> {
    try {
      return await store.space(this.#options.path, signal);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      round.say(`the room that is left could not be asked for: ${error.message}`);
      return undefined;
    }
  }

  #declare(): void {
    for (const partner of this.#directory.partners) {
      const labels = this.#directory.labels(partner);
      for (const metric of [files.arrived, files.arrivedBytes, files.departed, files.departedBytes])
        this.accumulator.counter(metric, labels);
      if (this.#options.messages === undefined) continue;
      this.accumulator.counter(observed.messages, { ...labels, outcome: 'ok' });
      this.accumulator.counter(observed.bytes, labels);
      this.accumulator.gauge(observed.last_message, labels);
    }
  }

  /** @returns whether something has passed */
  #count({ traffic, compared }: Changes, { waiting }: Tally, now: number): boolean {
    const { messages } = this.#options;
    let passed = false;
    for (const [index, one] of traffic.entries()) {
      const partner = this.#directory.partners[index] ?? '';
      const labels = this.#directory.labels(partner);
      this.accumulator.counter(files.arrived, labels).add(one.arrived);
      this.accumulator.counter(files.arrivedBytes, labels).add(one.arrivedBytes);
      this.accumulator.counter(files.departed, labels).add(one.departed);
      this.accumulator.counter(files.departedBytes, labels).add(one.departedBytes);
      if (messages === undefined) continue;
      this.accumulator.counter(observed.messages, { ...labels, outcome: 'ok' }).add(one[messages]);
      this.accumulator.counter(observed.bytes, labels).add(messages === 'arrived' ? one.arrivedBytes : one.departedBytes);
      const newest = Math.min(waiting[index]?.newest ?? 0, now);
      // Where the server tells no times, a file came when it was first seen; those that are there at the first look came at an unknown time.
      const noticed = compared && one[messages] > 0 ? now : 0;
      const time = messages === 'departed' ? noticed : newest || noticed;
      if (time > (this.#last.get(partner) ?? 0)) {
        this.#last.set(partner, time);
        passed = true;
      }
      this.accumulator.gauge(observed.last_message, labels).raise(this.#last.get(partner) ?? 0);
    }
    return passed;
  }

  #compared({ traffic, stalled, tooMany }: Changes): Observation[] {
    const { partners } = this.#directory;
    return [
      { metric: files.stalled, labels: this.#directory.ownLabels(), value: stalled },
      { metric: files.tracked, labels: { ...this.#ownLabels, collector: this.name }, value: tooMany ? 0 : 1 },
      ...traffic.map(({ growing }, index) => ({
        metric: files.growing,
        labels: this.#directory.labels(partners[index] ?? ''),
        value: growing,
      })),
    ];
  }

  #room(space: Space | undefined): Observation[] {
    if (!space) return [];
    const labels = { ...this.#ownLabels, directory: this.name };
    const { totalBytes, freeBytes, totalInodes, freeInodes } = space;
    return [
      { metric: files.space, labels, value: totalBytes },
      { metric: files.spaceFree, labels, value: freeBytes },
      ...(totalInodes === undefined ? [] : [{ metric: files.inodes, labels, value: totalInodes }]),
      ...(freeInodes === undefined ? [] : [{ metric: files.inodesFree, labels, value: freeInodes }]),
    ];
  }

  #more(): unknown {
    return { last: Object.fromEntries(this.#last), expected: this.#expectations?.record() };
  }

  #restore(more: unknown): void {
    if (this.#restored) return;
    this.#restored = true;
    if (!isRecord(more)) return;
    this.#expectations?.restore(more['expected']);
    for (const [partner, time] of Object.entries(isRecord(more['last']) ? more['last'] : {})) {
      if (typeof time === 'number') this.#last.set(partner, time);
    }
  }
}

/** What a person wants to know of the look. */
function tell(tally: Tally, changes: Changes, round: Round): void {
  const waiting = tally.waiting.reduce((sum, { count }) => sum + count, 0);
  round.say(`${tally.files} files: ${waiting} wait, ${tally.partial} are being written, ${tally.unmatched} have other names`);
  if (tally.future > 0) round.say(`${tally.future} have times that have not come yet: a clock is wrong, or the time zone of the server`);
  if (changes.stalled > 0) round.say(`${changes.stalled} that are being written do not grow`);
  if (!changes.compared) {
    round.say(changes.tooMany ? 'too many files to compare them with the look before' : 'nothing to compare with yet');
    return;
  }
  const arrived = changes.traffic.reduce((sum, one) => sum + one.arrived, 0);
  const departed = changes.traffic.reduce((sum, one) => sum + one.departed, 0);
  round.say(`since the look before, ${arrived} came and ${departed} went`);
}
