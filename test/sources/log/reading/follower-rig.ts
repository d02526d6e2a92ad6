// A follower on real files in a folder of its own, with a sink that keeps what it is told. It can be killed at any moment: then records and
// places are those of the state that was saved last.

import { appendFile, mkdtemp, readFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createCodec } from '../../../../src/sources/log/reading/codec.js';
import { Follower, type FollowerOptions } from '../../../../src/sources/log/reading/follower.js';
import type { Look } from '../../../../src/sources/log/reading/reader.js';
import type { PieceInfo, Records, RecordSink } from '../../../../src/sources/log/reading/sink.js';
import { readState, type LogState } from '../../../../src/sources/log/reading/state.js';
import { FakeClock } from '../../../fake-clock.js';

export type RigOptions = Partial<Pick<FollowerOptions, 'globs' | 'from' | 'maxLine' | 'multiline'>> & { readonly encoding?: string };

/** What a sink was told. */
export class Told implements RecordSink {
  records: string[] = [];
  tooLong = 0;
  lostBytes = 0;
  paths = new Set<string>();

  async piece<T>(info: PieceInfo, read: (records: Records) => T): Promise<T> {
    const records: string[] = [];
    let tooLong = 0;
    const once = () => {
      records.length = 0;
      tooLong = 0;
      return read({ record: (text) => records.push(text), tooLong: () => tooLong++ });
    };
    // A piece that a watchdog stops is done again.
    once();
    const result = once();
    await Promise.resolve();
    this.records.push(...records);
    this.tooLong += tooLong;
    this.paths.add(info.path);
    return result;
  }

  lost(bytes: number): void {
    this.lostBytes += bytes;
  }
}

interface Saved {
  readonly state: string;
  readonly records: number;
  readonly tooLong: number;
  readonly lost: number;
}

export class FollowerRig {
  /** Times of files are real ones. */
  readonly clock = new FakeClock(new Date().toISOString());
  readonly told = new Told();
  #options: RigOptions = {};
  #follower: Follower | undefined;
  #saved: Saved | undefined;

  private constructor(readonly folder: string) {}

  static async create(): Promise<FollowerRig> {
    return new FollowerRig(await mkdtemp(join(tmpdir(), 'vigie-read-')));
  }

  get follower(): Follower {
    if (!this.#follower) throw new Error('not started');
    return this.#follower;
  }

  get records(): readonly string[] {
    return this.told.records;
  }

  /** Starts, or goes on from what was saved. */
  async start(options: RigOptions = this.#options): Promise<void> {
    this.#options = options;
    const { globs = ['app.log*'], from = 'end', maxLine = 1024 * 1024, multiline, encoding = 'utf-8' } = options;
    const state: LogState | undefined = this.#saved && readState(JSON.parse(this.#saved.state));
    const codec = await createCodec(encoding);
    this.#follower = new Follower({
      globs,
      folder: this.folder,
      from,
      maxLine,
      codec,
      multiline,
      clock: this.clock,
      sink: this.told,
      state,
    });
  }

  /** Starts in a folder in which nothing is yet. */
  async follow(options: RigOptions = {}): Promise<void> {
    await this.start(options);
    await this.follower.look(() => false);
  }

  look(stop: () => boolean = () => false): Promise<Look> {
    this.#align();
    return this.follower.look(stop);
  }

  /** Lets time pass; the wall clock stays that of the files. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    this.#align();
  }

  #align(): void {
    this.clock.jump(Date.now() - this.clock.now());
  }

  save(): void {
    const { records, tooLong, lostBytes } = this.told;
    this.#saved = { state: JSON.stringify(this.follower.state()), records: records.length, tooLong, lost: lostBytes };
  }

  /** As kill -9 and a start. */
  async kill(): Promise<void> {
    await this.follower.close();
    this.told.records = this.told.records.slice(0, this.#saved?.records ?? 0);
    this.told.tooLong = this.#saved?.tooLong ?? 0;
    this.told.lostBytes = this.#saved?.lost ?? 0;
    await this.start();
  }

  /** As a stop, without a new start. */
  async stop(): Promise<void> {
    const state = JSON.stringify(await this.follower.close());
    const { records, tooLong, lostBytes } = this.told;
    this.#saved = { state, records: records.length, tooLong, lost: lostBytes };
    this.#follower = undefined;
  }

  async remove(): Promise<void> {
    await this.#follower?.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string | Buffer): Promise<void> {
    return writeFile(this.path(name), text);
  }

  append(name: string, text: string | Buffer): Promise<void> {
    return appendFile(this.path(name), text);
  }

  rename(from: string, to: string): Promise<void> {
    return rename(this.path(from), this.path(to));
  }

  unlink(name: string): Promise<void> {
    return unlink(this.path(name));
  }

  truncate(name: string, length = 0): Promise<void> {
    return truncate(this.path(name), length);
  }

  /** As gzip does: the copy first, then the original goes. */
  async compress(name: string, to = `${name}.gz`): Promise<void> {
    await writeFile(this.path(to), gzipSync(await readFile(this.path(name))));
    await unlink(this.path(name));
  }
}

let last = 0;

/** Different lines, without their line ends. */
export function someLines(count: number, text = ''): string[] {
  return Array.from({ length: count }, () => `line ${++last} ${text}`);
}

export function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
