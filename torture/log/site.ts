// One exporter with the logs it follows, the disk for its state, and whoever scrapes it: what goes on there all the time, and how it is
// brought to rest. A follower can promise only so much, and no more is demanded: a file is thrown away only once it has been counted, or
// while the exporter has it open and is not killed before it has counted it; a packed or late file keeps a name that the globs find.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, type Chance } from '../random.js';
import { COMPARED, exporterYaml, SOURCE } from './config.js';
import { Deeds } from './deeds.js';
import type { StateDisk } from './disk.js';
import { Exporter } from '../exporter.js';
import type { Form, Others } from './forms.js';
import { differences, Tally, type Difference } from './tally.js';
import { Watch } from './watch.js';
import { LogWriter, type Rotated } from './writer.js';

/** A busy machine may stand still for half a minute; how long things take is not what is asked here. */
const START_LIMIT_MS = 120_000;
const CATCH_UP_LIMIT_MS = 120_000;
/** More files than that wait for a checkpoint at most. */
const MOST_UNCONFIRMED = 30;
const MOST_KEPT = 4;
/** May be above what they will be once all is read. */
const GAUGES = /^flow_backlog_/;

/** A rotated file, and who wrote it. */
export interface Found {
  readonly writer: LogWriter;
  readonly rotated: Rotated;
}

export class Site {
  readonly tally = new Tally();
  readonly deeds = new Deeds();
  readonly writers: readonly LogWriter[];
  readonly exporter: Exporter;
  readonly watch: Watch;
  /** The exporter must not be killed: it alone has what was thrown away. */
  fragile = false;
  readonly #form: Form;
  readonly #yaml: string;
  #titles = 0;
  /** When the last reload was asked for, in milliseconds since the Unix epoch. */
  #askedAt = 0;

  constructor(
    form: Form,
    folder: string,
    readonly disk: StateDisk,
    readonly chance: Chance,
  ) {
    this.#form = form;
    this.#yaml = join(folder, 'exporters.yaml');
    const others: Others | undefined = form.others?.(this.tally, chance);
    this.writers = [
      new LogWriter(join(folder, 'logs', 'app.log'), 'numbers', form, this.tally, chance, others),
      new LogWriter(join(folder, 'logs', 'web.log'), 'dates', form, this.tally, chance, others),
    ];
    this.exporter = new Exporter(['exporter', SOURCE, '--config', this.#yaml, '--state-dir', disk.folder]);
    this.watch = new Watch(
      () => this.exporter.url,
      (what) => this.deeds.note(what),
    );
  }

  /** Another YAML each time, which says the same of what is compared. */
  async writeYaml(): Promise<void> {
    await writeFile(this.#yaml, exporterYaml(this.#form, ['logs/*.log*'], ++this.#titles));
  }

  /** Writing and rotation go on for a while. @throws Error where the exporter has ended by itself */
  async work(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (const writer of this.writers) await this.#step(writer);
      this.#mustLive();
      await sleep(between(this.chance, 5, 40));
    }
  }

  async rotate(writer: LogWriter): Promise<void> {
    if (writer.isEmpty) return;
    const dice = this.chance();
    if (dice < 0.5) {
      this.deeds.did('copytruncates');
      return writer.copyAndTruncate();
    }
    const late = dice < 0.75;
    if (late) this.deeds.did('late_writers');
    this.deeds.did('renames');
    return writer.rename(late);
  }

  /** A rotated file that nobody writes to any more. */
  async rotated(): Promise<Found> {
    const writer = pick(this.chance, this.writers);
    await writer.write();
    await writer.finish();
    this.deeds.did('renames');
    await writer.rename(false);
    const rotated = writer.rotated.at(-1);
    if (!rotated) throw new Error('rotation left no file');
    return { writer, rotated };
  }

  find(fits: (rotated: Rotated) => boolean): Found | undefined {
    const all = this.writers.flatMap((writer) => writer.rotated.filter(fits).map((rotated) => ({ writer, rotated })));
    return all.length === 0 ? undefined : pick(this.chance, all);
  }

  /** Work goes on until it has answered. */
  async start(): Promise<void> {
    await this.exporter.start();
    await this.answering();
  }

  /** A process that has just been started does answer; work goes on until then. */
  async answering(): Promise<void> {
    const before = this.watch.answers;
    const end = performance.now() + START_LIMIT_MS;
    while (this.watch.answers === before) {
      await this.work(20);
      if (performance.now() > end)
        throw new Error(`no answer within ${START_LIMIT_MS / 1000} s of the start; ${await this.exporter.describe()}`);
    }
    this.deeds.note('answers');
  }

  /** As SIGHUP does it: while it is under way, files may be closed for a moment. */
  reload(): void {
    this.#askedAt = Date.now();
    this.exporter.reload();
  }

  /** All reloads that were asked for are done. */
  async reloaded(): Promise<void> {
    await this.#until(() => this.watch.loadedAt >= this.#askedAt, 'the exporter does not reload');
  }

  async kill(): Promise<void> {
    if (this.fragile) await this.checkpoint();
    this.deeds.did('kills');
    await this.exporter.kill();
  }

  /** What it alone has is counted before it ends, and so needs no checkpoint, unless the disk is full. */
  async stop(): Promise<void> {
    this.deeds.did('stops');
    await this.exporter.stop();
  }

  /** Waits until everything is counted: what was rotated until then may go. */
  async checkpoint(): Promise<void> {
    for (const writer of this.writers) await writer.finish();
    await this.caughtUp();
    this.deeds.did('checkpoints');
    this.fragile = false;
    for (const writer of this.writers) {
      for (const rotated of writer.rotated) if (!rotated.late) rotated.confirmed = true;
      const confirmed = writer.rotated.filter((rotated) => rotated.confirmed);
      const leaving = Math.max(0, confirmed.length - between(this.chance, 0, MOST_KEPT));
      for (const rotated of confirmed.slice(0, leaving)) await writer.remove(rotated);
    }
  }

  async checkpointWhereDue(): Promise<void> {
    const unconfirmed = this.writers.flatMap(({ rotated }) => rotated.filter(({ confirmed }) => !confirmed));
    if (unconfirmed.length > MOST_UNCONFIRMED) await this.checkpoint();
  }

  /** @throws Error where more is counted than was written, or less for too long */
  async caughtUp(): Promise<void> {
    const end = performance.now() + CATCH_UP_LIMIT_MS;
    for (;;) {
      const found = this.differences();
      if (found.length === 0) return;
      const excess = found.find(({ series, counted, written }) => counted > written && !GAUGES.test(series));
      if (excess) throw new Error(`${excess.series} counts more than was written`);
      this.#mustLive();
      if (performance.now() > end) throw new Error(`not all is counted ${CATCH_UP_LIMIT_MS / 1000} s after it was written`);
      await sleep(20);
    }
  }

  /** @param enough collections, by the number that the running process has ended */
  async collected(enough: (collections: number) => boolean): Promise<void> {
    const { answers } = this.watch;
    await this.#until(() => this.watch.answers > answers && enough(this.watch.collections), 'the exporter does not collect any more');
  }

  /** Between what was written and what was scraped last. */
  differences(): Difference[] {
    return differences(this.tally.amounts, this.watch.latest(COMPARED));
  }

  async #step(writer: LogWriter): Promise<void> {
    // The exporter waits for the rest of a record for a limited time.
    if (this.#form.yaml['multiline'] !== undefined && writer.hasHalf) return writer.finish();
    const dice = this.chance();
    if (dice < 0.7) await writer.write();
    else if (dice < 0.73) await this.rotate(writer);
    else if (dice < 0.8) await writer.finishLate();
  }

  /** @throws Error with this message where it takes too long */
  async #until(holds: () => boolean, message: string): Promise<void> {
    const end = performance.now() + START_LIMIT_MS;
    while (!holds()) {
      this.#mustLive();
      if (performance.now() > end) throw new Error(`${message}; ${await this.exporter.describe()}`);
      await sleep(20);
    }
  }

  #mustLive(): void {
    if (this.exporter.death !== undefined) throw new Error(this.exporter.death);
  }
}
