// One exporter with logs of one form, and everything that is done to them. The choice of what is done comes from the seed; its timing
// does not. A follower can promise only so much, and no more is demanded: a file is thrown away only once it has been counted, or while
// the exporter has it open and is not killed before it has counted it; a packed or late file keeps a name that the globs find.

import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { between, chanceOf, pick, shuffled, type Chance } from '../random.js';
import { COMPARED, exporterYaml, SOURCE } from './config.js';
import { Deeds } from './deeds.js';
import { StateDisk, type DiskKind } from './disk.js';
import { Exporter } from './exporter.js';
import type { Form } from './forms.js';
import { differences, Tally, type Difference } from './tally.js';
import { Watch } from './watch.js';
import { LogWriter, type Rotated } from './writer.js';

const START_LIMIT_MS = 30_000;
const CATCH_UP_LIMIT_MS = 30_000;
/** More files than that wait for a checkpoint at most. */
const MOST_UNCONFIRMED = 30;
const LONGEST_BURST = 5;
/** In so many collections nothing more is counted: then it is settled. */
const SETTLED_COLLECTIONS = 3;

export interface LaneOptions {
  readonly form: Form;
  readonly folder: string;
  readonly seed: number;
  /** Whether it is time to end; what has not been done yet is done first. */
  readonly over: () => boolean;
}

export interface LaneReport {
  readonly name: string;
  readonly records: number;
  readonly bytes: number;
  readonly series: number;
  readonly scrapes: number;
  readonly disk: DiskKind;
  readonly differences: readonly Difference[];
  /** Counters that fell, an exporter that ended, whatever kept it from ending well. */
  readonly failures: readonly string[];
  /** Of the exporter, where something failed. */
  readonly output: string;
  readonly deeds: Deeds;
}

export class Lane {
  readonly #form: Form;
  readonly #folder: string;
  readonly #chance: Chance;
  readonly #over: () => boolean;
  readonly #tally = new Tally();
  readonly #deeds = new Deeds();
  readonly #writers: readonly LogWriter[];
  readonly #exporter: Exporter;
  readonly #watch: Watch;
  readonly #disk: StateDisk;
  #titles = 0;
  /** The exporter must not be killed: it alone has what was thrown away. */
  #fragile = false;

  private constructor({ form, folder, seed, over }: LaneOptions, disk: StateDisk) {
    this.#form = form;
    this.#folder = folder;
    this.#chance = chanceOf(seed);
    this.#over = over;
    this.#disk = disk;
    const logs = join(folder, 'logs');
    this.#writers = [
      new LogWriter(join(logs, 'app.log'), 'numbers', form, this.#tally, this.#chance),
      new LogWriter(join(logs, 'web.log'), 'dates', form, this.#tally, this.#chance),
    ];
    this.#exporter = new Exporter(['exporter', SOURCE, '--config', this.#yaml, '--state-dir', disk.folder]);
    this.#watch = new Watch(() => this.#exporter.url);
  }

  /** Tortures one exporter to the end. */
  static async run(options: LaneOptions): Promise<LaneReport> {
    await mkdir(join(options.folder, 'logs'), { recursive: true });
    const folder = await realpath(options.folder);
    const disk = await StateDisk.create(join(folder, 'state'));
    const lane = new Lane({ ...options, folder }, disk);
    try {
      return await lane.#run();
    } finally {
      await lane.#watch.stop();
      await lane.#exporter.kill();
      await disk.remove();
    }
  }

  async #run(): Promise<LaneReport> {
    const failures: string[] = [];
    try {
      for (const writer of this.#writers) await writer.write();
      await this.#writeYaml();
      this.#watch.start();
      await this.#start();
      await this.#torture();
      await this.#settle();
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
    const found = differences(this.#tally.amounts, this.#watch.latest(COMPARED));
    const all = [...failures, ...this.#watch.falls, ...(this.#exporter.death === undefined ? [] : [this.#exporter.death])];
    return {
      name: this.#form.name,
      records: this.#writers.reduce((sum, { records }) => sum + records, 0),
      bytes: this.#writers.reduce((sum, { bytes }) => sum + bytes, 0),
      series: this.#tally.amounts.size,
      scrapes: this.#watch.answers,
      disk: this.#disk.kind,
      differences: found,
      failures: all,
      output: this.#exporter.output,
      deeds: this.#deeds,
    };
  }

  /** Everything once, then anything. */
  async #torture(): Promise<void> {
    const every = [
      () => this.#killAndStart(),
      () => this.#killWhileStarting(),
      () => this.#reload(false),
      () => this.#reload(true),
      () => this.#fullDisk(),
      () => this.#burst(),
      () => this.#pack(),
      () => this.#packWhileDown(),
      () => this.#unlinkWhileOpen(),
      () => this.#checkpoint(),
    ];
    const first = shuffled(this.#chance, every);
    for (;;) {
      const next = first.shift() ?? (this.#over() ? undefined : pick(this.#chance, every));
      if (!next) return;
      await next();
      await this.#work(between(this.#chance, 50, 600));
      if (this.#unconfirmed().length > MOST_UNCONFIRMED) await this.#checkpoint();
    }
  }

  /** Writing and rotation go on for a while. @throws Error where the exporter has ended by itself */
  async #work(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (const writer of this.#writers) await this.#step(writer);
      if (this.#exporter.death !== undefined) throw new Error('there is no exporter any more');
      await sleep(between(this.#chance, 5, 40));
    }
  }

  async #step(writer: LogWriter): Promise<void> {
    // The exporter waits for the rest of a record for a limited time.
    if (this.#form.yaml['multiline'] !== undefined && writer.hasHalf) return writer.finish();
    const dice = this.#chance();
    if (dice < 0.7) await writer.write();
    else if (dice < 0.73) await this.#rotate(writer);
    else if (dice < 0.8) await writer.finishLate();
  }

  async #rotate(writer: LogWriter): Promise<void> {
    if (writer.isEmpty) return;
    const dice = this.#chance();
    if (dice < 0.5) {
      this.#deeds.did('copytruncates');
      return writer.copyAndTruncate();
    }
    const late = dice < 0.75;
    if (late) this.#deeds.did('late_writers');
    this.#deeds.did('renames');
    return writer.rename(late);
  }

  async #burst(): Promise<void> {
    const writer = pick(this.#chance, this.#writers);
    this.#deeds.did('bursts');
    const count = between(this.#chance, 2, LONGEST_BURST);
    for (let rotation = 0; rotation < count; rotation++) {
      await writer.write();
      await this.#rotate(writer);
    }
  }

  async #killAndStart(): Promise<void> {
    await this.#kill();
    await this.#work(between(this.#chance, 0, 1500));
    await this.#start();
  }

  async #killWhileStarting(): Promise<void> {
    await this.#kill();
    await this.#exporter.start();
    await this.#work(between(this.#chance, 20, 500));
    this.#deeds.did('kills_while_starting');
    await this.#exporter.kill();
    await this.#start();
  }

  async #kill(): Promise<void> {
    if (this.#fragile) await this.#checkpoint();
    this.#deeds.did('kills');
    await this.#exporter.kill();
  }

  /** Work goes on until it has answered. */
  async #start(): Promise<void> {
    const before = this.#watch.answers;
    const end = performance.now() + START_LIMIT_MS;
    await this.#exporter.start();
    while (this.#watch.answers === before) {
      await this.#work(20);
      if (performance.now() > end) throw new Error(`the exporter gave no answer within ${START_LIMIT_MS} ms of its start`);
    }
    this.#deeds.note('answers');
  }

  async #reload(changed: boolean): Promise<void> {
    this.#deeds.did('reloads', changed ? 'reloads with another YAML' : 'reloads');
    if (changed) await this.#writeYaml();
    this.#exporter.reload();
  }

  async #fullDisk(): Promise<void> {
    if (this.#disk.kind === 'none') return;
    this.#deeds.did('full_disks');
    // It may be killed while the disk is full, but not where it alone has something.
    if (this.#fragile) await this.#checkpoint();
    await this.#disk.fill();
    await this.#work(between(this.#chance, 300, 2500));
    const dice = this.#chance();
    if (dice < 0.3) await this.#killAndStart();
    else if (dice < 0.5) await this.#reload(true);
    await this.#work(between(this.#chance, 0, 500));
    await this.#disk.free();
    this.#deeds.note('the disk has room again');
  }

  async #pack(): Promise<void> {
    const found = this.#find(({ packed, late }) => !packed && !late);
    if (!found) return;
    this.#deeds.did('packed', `packed ${found.rotated.path}`);
    await found.writer.pack(found.rotated);
  }

  async #packWhileDown(): Promise<void> {
    await this.#kill();
    await this.#work(between(this.#chance, 100, 600));
    const found = this.#find(({ packed, late, confirmed }) => !packed && !late && !confirmed) ?? (await this.#makeRotated());
    this.#deeds.did('packed_while_down', `packed ${found.rotated.path} while down`);
    await found.writer.pack(found.rotated);
    await this.#work(between(this.#chance, 0, 300));
    await this.#start();
  }

  /** Only what the kernel says the exporter has open: nobody could read what was thrown away before. */
  async #unlinkWhileOpen(): Promise<void> {
    await this.#makeRotated();
    for (let attempt = 0; attempt < 20; attempt++) {
      const open = new Set(await this.#exporter.openFiles());
      const found = this.#find(({ path, late, packed, confirmed }) => !late && !packed && !confirmed && open.has(path));
      if (found) {
        this.#fragile = true;
        this.#deeds.did('unlinked_while_open', `unlinked ${found.rotated.path}`);
        return found.writer.remove(found.rotated);
      }
      await this.#work(100);
    }
  }

  /** A rotated file that nobody writes to any more. */
  async #makeRotated(): Promise<{ readonly writer: LogWriter; readonly rotated: Rotated }> {
    const writer = pick(this.#chance, this.#writers);
    await writer.write();
    await writer.finish();
    this.#deeds.did('renames');
    await writer.rename(false);
    const rotated = writer.rotated.at(-1);
    if (!rotated) throw new Error('rotation left no file');
    return { writer, rotated };
  }

  /** Waits until everything is counted: what was rotated until then may go. */
  async #checkpoint(): Promise<void> {
    for (const writer of this.#writers) await writer.finish();
    await this.#caughtUp();
    this.#deeds.did('checkpoints');
    this.#fragile = false;
    for (const writer of this.#writers) {
      for (const rotated of writer.rotated) if (!rotated.late) rotated.confirmed = true;
      const confirmed = writer.rotated.filter((rotated) => rotated.confirmed);
      const kept = between(this.#chance, 0, 4);
      for (const rotated of confirmed.slice(0, Math.max(0, confirmed.length - kept))) await writer.remove(rotated);
    }
  }

  /** @throws Error where more is counted than was written, or less for too long */
  async #caughtUp(): Promise<void> {
    const end = performance.now() + CATCH_UP_LIMIT_MS;
    for (;;) {
      const found = differences(this.#tally.amounts, this.#watch.latest(COMPARED));
      if (found.length === 0) return;
      const excess = found.find(({ counted, written }) => counted > written);
      if (excess) throw new Error(`${excess.series} counts more than was written`);
      if (this.#exporter.death !== undefined) throw new Error('there is no exporter any more');
      if (performance.now() > end) throw new Error(`not all is counted ${CATCH_UP_LIMIT_MS / 1000} s after it was written`);
      await sleep(20);
    }
  }

  /** At the end: all is counted, stays so, and stands in the record too. */
  async #settle(): Promise<void> {
    for (const writer of this.#writers) await writer.close();
    await this.#caughtUp();
    await this.#collectSome(this.#watch.collections);
    this.#deeds.note('killed for the last time');
    await this.#exporter.kill();
    await this.#exporter.start();
    await this.#collectSome(0);
  }

  /** @param before how many the running process had ended */
  async #collectSome(before: number): Promise<void> {
    const { answers } = this.#watch;
    const end = performance.now() + START_LIMIT_MS;
    while (this.#watch.answers === answers || this.#watch.collections < before + SETTLED_COLLECTIONS) {
      if (performance.now() > end) throw new Error('the exporter does not collect any more');
      await sleep(20);
    }
  }

  #find(fits: (rotated: Rotated) => boolean): { readonly writer: LogWriter; readonly rotated: Rotated } | undefined {
    const all = this.#writers.flatMap((writer) => writer.rotated.filter(fits).map((rotated) => ({ writer, rotated })));
    return all.length === 0 ? undefined : pick(this.#chance, all);
  }

  #unconfirmed(): Rotated[] {
    return this.#writers.flatMap(({ rotated }) => rotated.filter(({ confirmed }) => !confirmed));
  }

  get #yaml(): string {
    return join(this.#folder, 'exporters.yaml');
  }

  async #writeYaml(): Promise<void> {
    await writeFile(this.#yaml, exporterYaml(this.#form, ['logs/*.log*'], `Torture ${++this.#titles}`));
  }
}
