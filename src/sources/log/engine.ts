// A log source at work. It reads, counts and keeps the record of both in rounds; what a round has counted is exposed once it is on the disk.

import type { Accumulator } from '../../domain/accumulator.js';
import type { MetricDefinition } from '../../domain/observation.js';
import { correlated, logs, measured, observed } from '../../conventions.js';
import type { SourceConfig, SourceContext, StateRecord } from '../kind.js';
import { buildRules, type Built } from './counting/build.js';
import { exemplars } from './counting/ids.js';
import { Pending } from './counting/pending.js';
import { SeriesSet } from './counting/series.js';
import { ownMetricDefinitions } from './definitions.js';
import { PatternGuard, type Demotion } from './patterns/guard.js';
import { createReader } from './reading/create.js';
import type { Look, Reader } from './reading/reader.js';
import { readLogRecord, type LogRecord } from './record.js';
import type { LogOptions } from './schema.js';

/** What a round found. */
export interface Round extends Look {
  /** It read all that was there. */
  readonly caughtUp: boolean;
}

interface Working extends Built {
  readonly reader: Reader;
}

export class Engine {
  readonly guard = new PatternGuard();
  readonly #record: StateRecord;
  readonly #accumulator: Accumulator;
  #working: Working | undefined;
  /** Where the reader and the correlations stood when the record was written. */
  #saved = '';

  constructor(
    private readonly config: SourceConfig<LogOptions>,
    private readonly context: SourceContext,
    /** What the source before a reload has handed over. */
    private handover: unknown,
  ) {
    this.#record = context.record('files');
    this.#accumulator = context.accumulator('files');
    this.#accumulator.stage();
  }

  get demotions(): readonly Demotion[] {
    return this.guard.demotions;
  }

  /** Takes over what was read and counted before, so that the first scrape shows it. @throws SourceError of class `state` */
  async begin(): Promise<Working> {
    if (this.#working) return this.#working;
    const record = readLogRecord(this.handover ?? (await this.#record.read()));
    if (record && this.handover === undefined) this.#accumulator.restore(record.counts, definitions(this.config.options));
    const pending = new Pending(exemplars(() => this.context.clock.now()));
    const series = new SeriesSet(this.#accumulator, pending);
    const built = await buildRules(this.config, this.context, series, this.guard);
    for (const correlation of built.correlations) correlation.restore(record?.open[correlation.name]);
    const { sink, isStart } = built;
    const reader = await createReader(this.config, this.context, { sink, isStart, state: record?.reading });
    series.dropOthers();
    this.#working = { ...built, reader };
    // What was read from the disk is there. What was handed over may not be: where the disk is full, nothing of it is told yet.
    if (this.handover === undefined) this.#accumulator.publish();
    else await this.#saveAndPublish().catch(() => undefined);
    return this.#working;
  }

  /** Reads what is new until there is no more, or until it must stop. @throws SourceError; what was counted before it stays counted */
  async round(stop: () => boolean): Promise<Round> {
    const { reader, correlations } = await this.begin();
    const look = await reader.look(stop);
    const caughtUp = look.behind === 0;
    for (const correlation of correlations) correlation.settle(caughtUp);
    await this.#saveAndPublish();
    return { ...look, caughtUp };
  }

  /** Opens files that have just appeared, so that none is gone before the next round. */
  async meet(): Promise<void> {
    await this.#working?.reader.meet();
  }

  get folders(): readonly string[] {
    return this.#working?.reader.folders ?? [];
  }

  /** @returns what the source after a reload goes on with */
  async close(): Promise<unknown> {
    if (!this.#working) return this.handover;
    const { reader } = this.#working;
    const reading = await reader.close();
    const record = this.#toRecord(reading);
    // Where the disk is full, the lines since the last record count again after a restart, which begins from that record.
    await this.#record.write(record).then(
      () => this.#accumulator.publish(),
      () => {},
    );
    return record;
  }

  async #saveAndPublish(): Promise<void> {
    await this.#save();
    this.#accumulator.publish();
  }

  async #save(): Promise<void> {
    if (!this.#working) return;
    const { reader, correlations } = this.#working;
    const reading = reader.state();
    const places = JSON.stringify([{ ...reading, savedAt: 0 }, correlations.map(({ version }) => version)]);
    if (places === this.#saved && !this.#accumulator.hasChanged) return;
    await this.#record.write(this.#toRecord(reading));
    this.#saved = places;
  }

  #toRecord(reading: unknown): LogRecord {
    const open = Object.fromEntries(this.#working?.correlations.map((correlation) => [correlation.name, correlation.record()]) ?? []);
    return { version: 1, reading, counts: this.#accumulator.record(), open };
  }
}

function definitions(options: LogOptions): MetricDefinition[] {
  return [
    ...Object.values(observed),
    ...Object.values(correlated),
    ...Object.values(logs),
    measured.indicator,
    ...ownMetricDefinitions(options),
  ];
}
