// One log as a program writes it and logrotate rotates it: lines in pieces of any size, renamed, or copied and cut, packed, thrown away.
// Rotation is modelled as it is done well: nothing is written between a copy and the cut, and no line is cut in two by it.

import { open, readFile, rename, truncate, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { between, pick, type Chance } from '../random.js';
import { expectMessage } from './config.js';
import { PARTNERS, type Form, type Message, type Others } from './forms.js';
import type { Tally } from './tally.js';

/** How rotated files are called: `app.log.1`, which becomes `app.log.2`; or `app.log-0001`, which stays. */
export type Naming = 'numbers' | 'dates';

const MOST_RECORDS = 30;
const LONGEST_TEXT = 800;
/** A half line lacks so many bytes at most. */
const LACKING_BYTES = 60;
const NOISE_SHARE = 0.06;
const OTHERS_SHARE = 0.5;
const BYTE_ORDER_MARK_SHARE = 0.5;
/** A copy and a packed file are written in two pieces, with so much between. */
const LONGEST_PAUSE_MS = 150;

type Meanwhile = () => Promise<void>;

/** A file that the log was rotated to. */
export interface Rotated {
  path: string;
  /** Of the names that are numbers. */
  number: number;
  /** A writer that has not heard of the rotation, and what it has not written of its last line. */
  late: { readonly handle: FileHandle; half: Buffer } | undefined;
  packed: boolean;
  /** All that was written to it has been counted, and the record of that is on the disk. */
  confirmed: boolean;
}

export class LogWriter {
  readonly rotated: Rotated[] = [];
  records = 0;
  bytes = 0;
  #handle: FileHandle | undefined;
  #half = Buffer.alloc(0);
  /** Bytes since the last rotation. */
  #size = 0;
  #lastId = 0;
  #rotations = 0;

  constructor(
    private readonly path: string,
    private readonly naming: Naming,
    private readonly form: Form,
    private readonly tally: Tally,
    private readonly chance: Chance,
    private readonly others: Others | undefined,
  ) {}

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get hasHalf(): boolean {
    return this.#half.length > 0;
  }

  async write(): Promise<void> {
    const mark = this.#handle === undefined ? this.#mark() : [];
    this.#handle ??= await open(this.path, 'a');
    const all = Buffer.concat([this.#half, ...mark, ...this.#header(), this.#records(between(this.chance, 1, MOST_RECORDS))]);
    const end = this.chance() < 0.5 ? all.length : Math.max(0, all.length - between(this.chance, 1, LACKING_BYTES));
    await this.#append(this.#handle, all.subarray(0, end));
    this.#half = Buffer.from(all.subarray(end));
  }

  /** Completes half lines, those of late writers too. */
  async finish(): Promise<void> {
    if (this.#handle) await this.#append(this.#handle, this.#half);
    this.#half = Buffer.alloc(0);
    for (const { late } of this.rotated) {
      if (!late) continue;
      await this.#append(late.handle, late.half);
      late.half = Buffer.alloc(0);
    }
  }

  /** @param late goes on in the old file for a while, beginning with the rest of its last line */
  async rename(late: boolean): Promise<void> {
    if (!late || this.form.yaml['multiline'] !== undefined) await this.finish();
    const path = await this.#makeRoom();
    await rename(this.path, path);
    const handle = this.#handle;
    if (late && handle) this.#rotatedTo(path, { handle, half: this.#half });
    else {
      await handle?.close();
      this.#rotatedTo(path, undefined);
    }
    this.#handle = undefined;
    this.#half = Buffer.alloc(0);
  }

  /** @param meanwhile is done when half of the copy is there, or all of it; not writing to this log */
  async copyAndTruncate(meanwhile?: Meanwhile): Promise<void> {
    await this.finish();
    const path = await this.#makeRoom();
    const content = await readFile(this.path);
    await this.#writeInPieces(path, content, meanwhile);
    await truncate(this.path);
    this.#rotatedTo(path, undefined);
  }

  /** Everybody has heard of the rotation. */
  async finishLate(): Promise<void> {
    for (const rotated of this.rotated) {
      if (!rotated.late) continue;
      const { handle, half } = rotated.late;
      await this.#append(handle, Buffer.concat([half, this.#records(between(this.chance, 0, 3))]));
      await handle.close();
      rotated.late = undefined;
    }
  }

  /** As gzip does it: the packed file is there before it is complete, and the other one until then. */
  async pack(rotated: Rotated, meanwhile?: Meanwhile): Promise<void> {
    const { path } = rotated;
    await this.#writeInPieces(`${path}.gz`, gzipSync(await readFile(path)), meanwhile);
    await unlink(path);
    rotated.path = `${path}.gz`;
    rotated.packed = true;
  }

  async remove(rotated: Rotated): Promise<void> {
    this.rotated.splice(this.rotated.indexOf(rotated), 1);
    await unlink(rotated.path);
  }

  async close(): Promise<void> {
    await this.finish();
    await this.finishLate();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Moves numbered files out of the way, the oldest first. @returns the name to rotate to */
  async #makeRoom(): Promise<string> {
    if (this.naming === 'dates') return `${this.path}-${String(++this.#rotations).padStart(4, '0')}`;
    for (const rotated of this.rotated.toSorted((a, b) => b.number - a.number)) {
      const path = join(dirname(rotated.path), basename(rotated.path).replace(`.log.${rotated.number}`, `.log.${rotated.number + 1}`));
      await rename(rotated.path, path);
      rotated.path = path;
      rotated.number++;
    }
    return `${this.path}.1`;
  }

  #rotatedTo(path: string, late: Rotated['late']): void {
    this.rotated.push({ path, number: 1, late, packed: false, confirmed: false });
    this.#size = 0;
  }

  /** With pauses in the middle and at the end. */
  async #writeInPieces(path: string, content: Buffer, meanwhile: Meanwhile | undefined): Promise<void> {
    const middle = Math.floor(this.chance() * content.length);
    const inTheMiddle = this.chance() < 0.5;
    await writeFile(path, content.subarray(0, middle));
    await this.#maybePause();
    if (inTheMiddle) await meanwhile?.();
    await writeFile(path, content.subarray(middle), { flag: 'a' });
    await this.#maybePause();
    if (!inTheMiddle) await meanwhile?.();
  }

  async #maybePause(): Promise<void> {
    const dice = this.chance();
    if (dice < 0.5) await sleep(dice * 2 * LONGEST_PAUSE_MS);
  }

  /** A new file may begin with a byte order mark; one that was cut does not. */
  #mark(): Buffer[] {
    const { byteOrderMark } = this.form;
    return byteOrderMark && this.chance() < BYTE_ORDER_MARK_SHARE ? [byteOrderMark] : [];
  }

  /** The first line of each content, cut files included; said again, it is passed over as the first time. */
  #header(): Buffer[] {
    const { header } = this.form;
    if (header === undefined || !this.isEmpty) return [];
    this.tally.add('vigie_log_lines_total', { result: 'unmatched' });
    return [this.#encode(withLineEnds(header, pick(this.chance, this.form.lineEnds)))];
  }

  async #append(handle: FileHandle, bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    await handle.write(bytes);
    this.bytes += bytes.length;
    if (handle === this.#handle) this.#size += bytes.length;
  }

  #records(count: number): Buffer {
    return Buffer.concat(Array.from({ length: count }, () => this.#record()));
  }

  #record(): Buffer {
    this.records++;
    const lineEnd = pick(this.chance, this.form.lineEnds);
    if (this.chance() < NOISE_SHARE) {
      const { result, record } = this.form.noise(this.chance);
      this.tally.add('vigie_log_lines_total', { result });
      return Buffer.isBuffer(record) ? Buffer.concat([record, this.#encode(lineEnd)]) : this.#encode(withLineEnds(record, lineEnd));
    }
    if (this.others && this.chance() < OTHERS_SHARE) {
      this.tally.add('vigie_log_lines_total', { result: 'matched' });
      return this.#encode(withLineEnds(this.others(), lineEnd));
    }
    const message = this.#message();
    expectMessage(this.tally, message);
    return this.#encode(withLineEnds(this.form.record(message, this.chance), lineEnd));
  }

  #message(): Message {
    const { chance } = this;
    return {
      id: ++this.#lastId,
      writer: basename(this.path, '.log'),
      partner: pick(chance, PARTNERS),
      status: pick(chance, ['OK', 'OK', 'OK', 'KO']),
      size: between(chance, 0, 100_000),
      word: pick(chance, this.form.words),
      text: 'é'.repeat(chance() < 0.1 ? between(chance, 0, LONGEST_TEXT) : between(chance, 0, 80)),
    };
  }

  #encode(text: string): Buffer {
    return iconv.encode(text, this.form.encoding);
  }
}

function withLineEnds(record: string, lineEnd: string): string {
  return record.replaceAll('\n', lineEnd) + lineEnd;
}
