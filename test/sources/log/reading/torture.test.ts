// Random writers, rotations, compression and kills against the reader: each record is read exactly once, with its text. The seed is in the
// title, to repeat a run.

import { copyFile, open, readFile, stat, unlink, utimes, writeFile, type FileHandle } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { GRACE_MS } from '../../../../src/sources/log/reading/follower.js';
import { FollowerRig, type RigOptions } from './follower-rig.js';
import { seeded } from '../../../random.js';

const STEPS = 300;
const KEPT = 5;
const WORDS = ['plain', 'été à Genève', 'x'.repeat(900), '"quoted"', '\t', ''];
const MULTILINE = { isStart: (line: string) => line.startsWith('>'), maxLines: 50, timeoutMs: 5000 };

interface WriterOptions {
  readonly name: string;
  readonly encoding: string;
  /** Each file begins with a byte order mark, so that none may be cut. */
  readonly marked: boolean;
  readonly severalLines: boolean;
}

class Writer {
  readonly written: string[] = [];
  #handle: FileHandle | undefined;
  #half: Buffer = Buffer.alloc(0);
  #stale: FileHandle[] = [];

  constructor(
    private readonly rig: FollowerRig,
    private readonly chance: () => number,
    /** All writers have nothing half written, and everybody has heard of all rotations. */
    private readonly quiet: () => Promise<void>,
    readonly options: WriterOptions,
  ) {}

  async write(): Promise<void> {
    const handle = await this.#open();
    const text = Array.from({ length: 1 + Math.floor(this.chance() * 20) }, () => this.#record()).join('');
    const all = Buffer.concat([this.#half, iconv.encode(text, this.options.encoding)]);
    const end = this.chance() < 0.5 ? all.length : all.length - Math.floor(this.chance() * Math.min(60, all.length));
    await handle.write(all.subarray(0, end));
    this.#half = Buffer.from(all.subarray(end));
  }

  /** @param late the old descriptor is written to once more, as by a process that has not heard of the rotation */
  async rename(late: boolean): Promise<void> {
    await this.finish();
    await this.#shift();
    await this.rig.rename(this.options.name, `${this.options.name}.1`).catch(() => undefined);
    if (late && this.#handle) {
      await this.#handle.write(iconv.encode(this.#record(), this.options.encoding));
      this.#stale.push(this.#handle);
    } else await this.#handle?.close();
    this.#handle = undefined;
  }

  async cut(): Promise<void> {
    if (this.options.marked || !this.#handle) return;
    await this.finish();
    await this.#shift();
    await copyFile(this.rig.path(this.options.name), this.rig.path(`${this.options.name}.1`));
    if (this.chance() < 0.3) await this.compress();
    await this.rig.truncate(this.options.name);
  }

  /** As gzip: the copy has the time of its original, which goes when it is complete. */
  async compress(): Promise<void> {
    await this.finishLate();
    const age = 1 + Math.floor(this.chance() * 3);
    const path = this.rig.path(`${this.options.name}.${age}`);
    const times = await stat(path).catch(() => undefined);
    if (!times) return;
    const whole = gzipSync(await readFile(path));
    if (this.chance() < 0.3) {
      await writeFile(`${path}.gz`, whole.subarray(0, this.chance() * whole.length));
      await this.rig.look();
    }
    await writeFile(`${path}.gz`, whole);
    if (this.chance() < 0.3) await this.rig.look();
    await utimes(`${path}.gz`, times.atime, times.mtime);
    await unlink(path);
  }

  async finish(): Promise<void> {
    if (this.#half.length > 0) await this.#handle?.write(this.#half);
    this.#half = Buffer.alloc(0);
  }

  /** Everybody has heard of the rotation. */
  async finishLate(): Promise<void> {
    for (const handle of this.#stale) {
      await handle.write(iconv.encode(this.#record(), this.options.encoding));
      await handle.close();
    }
    this.#stale = [];
  }

  async close(): Promise<void> {
    await this.finish();
    await this.finishLate();
    await this.#handle?.close();
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    this.#handle = await open(this.rig.path(this.options.name), 'a');
    const isNew = (await this.#handle.stat()).size === 0;
    if (this.options.marked && isNew) await this.#handle.write(iconv.encode('\uFEFF', this.options.encoding));
    return this.#handle;
  }

  #record(): string {
    const word = () => WORDS[Math.floor(this.chance() * WORDS.length)] ?? '';
    const lines = [`>${this.options.name} ${this.written.length} ${word()}`];
    const more = this.options.severalLines ? Math.floor(this.chance() * 4) : 0;
    for (let count = 0; count < more; count++) lines.push(` ${word()}`);
    this.written.push(lines.join('\n'));
    const end = this.chance() < 0.2 ? '\r\n' : '\n';
    return lines.map((line) => `${line}${end}`).join('');
  }

  /** What is unlinked at the end is only ever a file that has been read and saved: nobody could read another one after a kill. */
  async #shift(): Promise<void> {
    const { name } = this.options;
    const last = [`${name}.${KEPT}`, `${name}.${KEPT}.gz`].map((one) => this.rig.path(one));
    const isThere = await Promise.all(last.map((path) => stat(path).catch(() => undefined)));
    if (isThere.some((found) => found)) {
      await this.quiet();
      await this.rig.advance(MULTILINE.timeoutMs);
      await settle(this.rig);
      this.rig.save();
      for (const path of last) await unlink(path).catch(() => undefined);
    }
    for (let age = KEPT - 1; age >= 1; age--) {
      for (const end of ['', '.gz']) await this.rig.rename(`${name}.${age}${end}`, `${name}.${age + 1}${end}`).catch(() => undefined);
    }
  }
}

/** Looks until nothing is behind. */
async function settle(rig: FollowerRig): Promise<void> {
  for (let count = 0; count < 5; count++) {
    const { behind } = await rig.look();
    if (behind === 0) return;
  }
}

describe('torture', () => {
  let rig: FollowerRig;
  beforeEach(async () => {
    rig = await FollowerRig.create();
  });
  afterEach(async () => {
    await rig.remove();
  });

  const cases = [
    { seed: 1, encoding: 'utf-8', severalLines: false },
    { seed: 2, encoding: 'utf-8', severalLines: true },
    { seed: 3, encoding: 'windows-1252', severalLines: false },
    { seed: 4, encoding: 'utf-16le', severalLines: true },
    { seed: 5, encoding: 'utf-16be', severalLines: false },
    { seed: 6, encoding: 'cp850', severalLines: true },
  ];
  test.each(cases)(
    'reads every record once: seed $seed, $encoding, several lines: $severalLines',
    async ({ seed, encoding, severalLines }) => {
      const chance = seeded(seed);
      const options: RigOptions = { globs: ['*.log*'], encoding, ...(severalLines && { multiline: MULTILINE }) };
      const quiet = async () => {
        for (const writer of writers) {
          await writer.finish();
          await writer.finishLate();
        }
      };
      const writers: readonly Writer[] = [
        new Writer(rig, chance, quiet, { name: 'app.log', encoding, marked: false, severalLines }),
        new Writer(rig, chance, quiet, { name: 'web.log', encoding: 'utf-16le', marked: true, severalLines }),
      ];
      await rig.write('app.log', '');
      await rig.follow(options);
      rig.save();
      for (let step = 0; step < STEPS; step++) {
        for (const writer of writers) await act(writer, chance);
        const dice = chance();
        if (dice < 0.3) await rig.look();
        else if (dice < 0.4) await rig.look(stopAfter(chance() * 6));
        else if (dice < 0.5) await rig.follower.meet();
        if (dice < 0.35) rig.save();
        if (chance() < 0.06) {
          // No descriptor outlives a kill, so that nothing may come to a file without a name after it.
          for (const writer of writers) await writer.finishLate();
          await rig.kill();
        } else if (chance() < 0.04) {
          await quiet();
          await settle(rig);
          rig.save();
          await rig.advance(GRACE_MS / 2);
        }
      }
      for (const writer of writers) await writer.close();

      await settle(rig);
      for (let round = 0; round < 3; round++) {
        await rig.advance(GRACE_MS);
        await settle(rig);
      }

      const written = writers.flatMap((writer) => writer.written);
      expect(difference(written, rig.records)).toEqual([]);
      expect(difference(rig.records, written)).toEqual([]);
      expect(rig.told.lostBytes).toBe(0);
    },
    30_000,
  );
});

/** What is more often in the first than in the second, shortened. */
function difference(first: readonly string[], second: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of second) counts.set(text, (counts.get(text) ?? 0) + 1);
  return first
    .filter((text) => {
      const left = counts.get(text) ?? 0;
      counts.set(text, left - 1);
      return left <= 0;
    })
    .map((text) => text.slice(0, 40));
}

async function act(writer: Writer, chance: () => number): Promise<void> {
  const dice = chance();
  if (dice < 0.55) await writer.write();
  else if (dice < 0.65) await writer.rename(dice < 0.58);
  else if (dice < 0.72) await writer.cut();
  else if (dice < 0.8) await writer.compress();
  else if (dice < 0.83) await writer.finishLate();
}

function stopAfter(count: number): () => boolean {
  let asked = 0;
  return () => ++asked > count;
}
