// One subject at work: its source, the poller, what was collected, the metrics about it. Survives the exchange of the source on reload.

import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/model.js';
import { readSecret } from '../config/secrets.js';
import { OTHER } from '../conventions.js';
import { Accumulator } from '../domain/accumulator.js';
import type { Clock } from '../domain/clock.js';
import type { Flow } from '../domain/flow.js';
import type { Labels, Observation } from '../domain/observation.js';
import { SourceError, type Collector, type Journal, type Source, type SourceContext, type StateRecord } from '../sources/kind.js';
import { toSourceError, UNKNOWN_PHASE, withCollect, type Sink } from './collector-loop.js';
import type { Dropped } from './assembly.js';
import { CollectorState } from './collector-state.js';
import { periodCounter } from './counted-periods.js';
import { OWN_NAMES, OwnMetrics } from './own-metrics.js';
import type { PeriodCounter } from './period-counter.js';
import { Poller } from './poller.js';
import { SnapshotStore, type Snapshot } from './snapshot.js';
import type { CollectorStatus, RunStatus } from './status.js';
import type { Subject } from './subject.js';
import { UndeclaredValues } from './undeclared.js';

/** Of the record of the counts within periods; no collector can have such a name. */
const PERIODS_RECORD = '_periods';

/** A subject together with the configuration that it comes from. */
export interface Assignment {
  readonly subject: Subject;
  readonly config: Config;
}

/** What a watch works with, the same over all reloads. */
export interface WatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where collectors keep what must outlive the process. */
  readonly record: (source: string, collector: string) => StateRecord;
  /** Where this exporter stands. */
  readonly site?: string | undefined;
  readonly inspect?: SourceContext['inspect'];
  readonly purpose?: SourceContext['purpose'];
}

export class Watch implements Sink {
  readonly #options: WatchOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #snapshots = new SnapshotStore(OWN_NAMES);
  readonly #undeclared = new UndeclaredValues();
  readonly #accumulators = new Map<string, Accumulator>();
  /** The same ones over reloads: they know what they have written, and so notice when somebody else has. */
  readonly #records = new Map<string, StateRecord>();
  readonly #states = new Map<string, CollectorState>();
  #assignment: Assignment;
  #own: OwnMetrics;
  #source: Source = { collectors: [], close: async () => undefined };
  #poller: Poller;
  #periods: PeriodCounter | undefined;
  #revision = 0;
  #tellTried: () => void = () => {};
  /** Resolves when every collector has been tried once. */
  readonly tried = new Promise<void>((done) => (this.#tellTried = done));
  #overBudget = false;
  /** Exchanges of the source, and the stop, follow each other. */
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;

  private constructor(assignment: Assignment, options: WatchOptions) {
    this.#assignment = assignment;
    this.#options = options;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#own = new OwnMetrics(assignment.subject.name, assignment.subject.kind);
    this.#poller = this.#newPoller();
  }

  /** Builds the source; `start` lets it look. @throws what the creation of the source throws */
  static async of(assignment: Assignment, options: WatchOptions): Promise<Watch> {
    const watch = new Watch(assignment, options);
    watch.#install(assignment, await watch.#create(assignment, undefined));
    watch.#periods = await watch.#periodCounter();
    return watch;
  }

  start(): void {
    this.#poller.start();
    if (this.ready) this.#tellTried();
  }

  /**
   * Goes on with another source, which takes over what the old one hands it. Accumulators, runs and the last observations of
   * collectors that are still there stay.
   * @throws what the creation of the new source throws, after the old one has been built again
   */
  async replace(assignment: Assignment): Promise<void> {
    return this.#inTurn(() => this.#replace(assignment));
  }

  /** Waits for an exchange that is under way: each source is closed once, and nothing begins after that. */
  async stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.#stopped = true;
      await this.#poller.stop();
      await Promise.all([this.#source.close(), this.#periods?.stop()]);
    });
  }

  async #replace(assignment: Assignment): Promise<void> {
    if (this.#stopped) return;
    await this.#poller.stop();
    const handover = await this.#source.close();
    try {
      this.#install(assignment, await this.#create(assignment, handover));
      this.#periods = await this.#periodCounter();
    } catch (error) {
      this.#install(this.#assignment, await this.#createAgain(handover));
      throw error;
    } finally {
      this.#poller.start();
    }
  }

  get subject(): Subject {
    return this.#assignment.subject;
  }

  get ready(): boolean {
    return this.#poller.ready;
  }

  get own(): OwnMetrics {
    return this.#own;
  }

  /** Changes with every event that may change gauges about the source: equal before and after means nothing came between. */
  get revision(): number {
    return this.#revision;
  }

  get undeclared() {
    return this.#undeclared.list();
  }

  /** What people should mend although nothing fails. */
  get warnings(): readonly string[] {
    return this.#source.warnings?.() ?? [];
  }

  /** Transcripts of the last looks, for kinds that keep them. */
  get journals(): readonly Journal[] | undefined {
    return this.#source.journals?.();
  }

  /** Lets a collector look now. @returns how the look ended; undefined where it was stopped meanwhile */
  lookNow(collector: string): Promise<RunStatus | undefined> {
    return this.#poller.lookNow(collector);
  }

  snapshot(): Snapshot {
    return this.#snapshots.current();
  }

  /** A collector whose series clash with those of another is not up, even if its own last run found nothing wrong yet. */
  collectors(): CollectorStatus[] {
    const { conflicts } = this.snapshot().assembly;
    return this.#poller.status().map((status) => (conflicts.has(status.name) ? { ...status, up: false } : status));
  }

  collected(collector: Collector, observations: Iterable<Observation>): SourceError | undefined {
    const { name } = collector;
    this.#snapshots.put(name, this.#periods?.withCounts(collector, observations) ?? observations);
    const { dropped, conflicts } = this.#snapshots.problems();
    const loss = dropped.get(name);
    if (loss) this.#own.seriesDropped(loss);
    this.#tellBudget(dropped);
    const conflict = conflicts.get(name);
    return conflict === undefined ? undefined : new SourceError(UNKNOWN_PHASE, 'schema', conflict);
  }

  ended({ name }: Collector, error: SourceError | undefined): void {
    this.#own.collectionEnded(name, error);
    this.#revision++;
    if (this.ready) this.#tellTried();
  }

  aged({ name }: Collector): void {
    this.#snapshots.withdraw(name);
    this.#revision++;
  }

  async #create({ subject, config }: Assignment, handover: unknown): Promise<Source> {
    this.#undeclared.clear();
    const context: SourceContext = {
      flows: visibleFlows(config, subject),
      partners: config.partners.map(({ name }) => name),
      calendars: config.calendars,
      site: this.#options.site,
      clock: this.#clock,
      logger: this.#logger,
      resolvePath: (path) => resolve(subject.baseDir, path),
      readSecret: (secret) => readSecret(secret, subject.baseDir),
      accumulator: (collector) => this.#accumulator(collector),
      record: (collector) => this.#record(subject.name, collector),
      undeclared: (label, value) => {
        this.#own.undeclared(label);
        this.#undeclared.note(label, value);
      },
      handover,
      ...(this.#options.inspect && { inspect: this.#options.inspect }),
      ...(this.#options.purpose && { purpose: this.#options.purpose }),
    };
    return subject.create(context);
  }

  /** The source as it was. If even that fails now, its collectors fail one and all, so that nothing looks healthy. */
  async #createAgain(handover: unknown): Promise<Source> {
    try {
      return await this.#create(this.#assignment, handover);
    } catch (error) {
      const collectors = this.#source.collectors.map((collector) => withCollect(collector, () => Promise.reject(toSourceError(error))));
      return { collectors, close: async () => handover };
    }
  }

  #install(assignment: Assignment, source: Source): void {
    const { subject, config } = assignment;
    if (subject.kind !== this.subject.kind) this.#startOver(subject);
    this.#assignment = assignment;
    this.#source = source;
    this.#forgetOthers(new Set(source.collectors.map(({ name }) => name)));
    const declared = new Map(visibleFlows(config, subject).map((flow) => [flow.name, flow]));
    for (const accumulator of this.#accumulators.values()) accumulator.retain((_metric, labels) => isDeclared(labels, declared));
    this.#own.declareErrors(subject.errors);
    this.#own.declareCollectors(source.collectors.map(({ name }) => name));
    this.#snapshots.use(source.collectors, subject.maxSeries);
    this.#poller = this.#newPoller();
    this.#revision++;
  }

  /** A source of the same name and another kind is another source. */
  #startOver({ name, kind }: Subject): void {
    this.#own = new OwnMetrics(name, kind);
    this.#states.clear();
    this.#snapshots.use([], 0);
  }

  #forgetOthers(collectors: ReadonlySet<string>): void {
    for (const name of this.#accumulators.keys()) if (!collectors.has(name)) this.#accumulators.delete(name);
    for (const name of this.#states.keys()) {
      if (collectors.has(name)) continue;
      this.#states.delete(name);
      this.#own.forgetCollector(name);
    }
  }

  #newPoller(): Poller {
    return new Poller({
      source: this.subject.name,
      collectors: this.#source.collectors,
      state: (collector) => this.#state(collector),
      clock: this.#clock,
      sink: this,
    });
  }

  #state(collector: string): CollectorState {
    const state = this.#states.get(collector) ?? new CollectorState(collector, this.#clock, this.#logger);
    this.#states.set(collector, state);
    return state;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #accumulator(collector: string): Accumulator {
    const accumulator = this.#accumulators.get(collector) ?? new Accumulator();
    this.#accumulators.set(collector, accumulator);
    return accumulator;
  }

  /** Who tries a source sees what it tells, and keeps nothing. */
  async #periodCounter(): Promise<PeriodCounter | undefined> {
    if (this.#options.inspect) return undefined;
    const { subject, config } = this.#assignment;
    const context = { clock: this.#clock, logger: this.#logger, record: this.#record(subject.name, PERIODS_RECORD) };
    return periodCounter(config, subject.name, context, this.#periods);
  }

  #record(source: string, collector: string): StateRecord {
    const key = JSON.stringify([source, collector]);
    const record = this.#records.get(key) ?? this.#options.record(source, collector);
    this.#records.set(key, record);
    return record;
  }

  /** Once when the budget is crossed, once when it is kept again. */
  #tellBudget(dropped: ReadonlyMap<string, Dropped>): void {
    const left = [...dropped.values()].reduce((sum, { budget }) => sum + budget, 0);
    if (left > 0 === this.#overBudget) return;
    this.#overBudget = left > 0;
    const { series } = this.snapshot().assembly;
    const fields = { exposed: series, dropped: left, maxSeries: this.subject.maxSeries };
    if (this.#overBudget) this.#logger.warn(fields, 'series budget exceeded');
    else this.#logger.info(fields, 'series budget kept again');
  }
}

function visibleFlows(config: Config, subject: Subject): Flow[] {
  return config.flows.filter((flow) => flow.environments.includes(subject.env));
}

function isDeclared(labels: Labels, flows: ReadonlyMap<string, Flow>): boolean {
  const { flow: name, partner, stage } = labels;
  // An empty label is none.
  if (!name || name === OTHER) return true;
  const flow = flows.get(name);
  if (!flow) return false;
  return isKnown(partner, flow.partners) && isKnown(stage, flow.stages);
}

function isKnown(value: string | undefined, known: readonly string[]): boolean {
  return !value || value === OTHER || known.includes(value);
}

/** For people; holds no text of a library, which may hold a secret. */
export function cannotBeSetUp(subject: Subject, error: unknown): string {
  const { phase, errorClass, message } = toSourceError(error);
  return `source ${subject.name} cannot be set up (${phase}, ${errorClass}): ${message}`;
}
