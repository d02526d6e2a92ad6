// Random writers and rotations against the source: the counters must equal what was written. The seed is in the title, to repeat a run.

import { open, type FileHandle } from 'node:fs/promises';
import { GRACE_MS } from '../../../src/sources/log/reading/follower.js';
import { counting, Rig } from './rig.js';
import { seeded } from '../../random.js';

const STEPS = 400;
const LIMIT_MS = 30_000;
const KEPT = 4;
const WORDS = ['plain', 'été', '€', '日本語', '🚀', 'x'.repeat(2000), '"quoted"'];

/** Writes lines in pieces of any size, and rotates in every way; knows how many lines are complete. */
class Writer {
  written = 0;
  bytes = 0;
  #handle: FileHandle | undefined;
  #half = Buffer.alloc(0);
  #stale: FileHandle[] = [];

  constructor(
    private readonly rig: Rig,
    private readonly name: string,
    private readonly chance: () => number,
  ) {}

  async write(): Promise<void> {
    this.#handle ??= await open(this.rig.path(this.name), 'a');
    const count = 1 + Math.floor(this.chance() * 20);
    let text = '';
    for (let index = 0; index < count; index++) text += this.#line();
    const all = Buffer.concat([this.#half, Buffer.from(text)]);
    const end = this.chance() < 0.5 ? all.length : all.length - Math.floor(this.chance() * 40);
    await this.#handle.write(all.subarray(0, end));
    this.#half = Buffer.from(all.subarray(end));
  }

  /** Completes what is half written: rotation happens between lines, as a logging library does it. */
  async finish(): Promise<void> {
    if (this.#half.length > 0) await this.#handle?.write(this.#half);
    this.#half = Buffer.alloc(0);
  }

  /** @param late the old descriptor is written to once more, as by a process that has not heard of the rotation */
  async rename(late: boolean): Promise<void> {
    await this.finish();
    await this.#shift();
    await this.rig.rename(this.name, `${this.name}.1`).catch(() => undefined);
    if (late && this.#handle) {
      await this.#handle.write(this.#line());
      this.#stale.push(this.#handle);
    } else await this.#handle?.close();
    this.#handle = undefined;
  }

  async copyAndTruncate(): Promise<void> {
    await this.finish();
    await this.#shift();
    if (this.#handle) await this.rig.copyAndTruncate(this.name, `${this.name}.1`);
  }

  /** Everybody has heard of the rotation. */
  async finishLate(): Promise<void> {
    for (const handle of this.#stale) {
      await handle.write(this.#line());
      await handle.close();
    }
    this.#stale = [];
  }

  async close(): Promise<void> {
    await this.finish();
    await this.finishLate();
    await this.#handle?.close();
  }

  #line(): string {
    const size = Math.floor(this.chance() * 1000);
    this.written++;
    this.bytes += size;
    const text = WORDS[Math.floor(this.chance() * WORDS.length)];
    return `${JSON.stringify({ writer: this.name, id: this.written, size, text })}${this.chance() < 0.2 ? '\r\n' : '\n'}`;
  }

  /** What is unlinked at the end is only ever a file that the source has seen: nobody could read another one. */
  async #shift(): Promise<void> {
    await this.rig.unlink(`${this.name}.${KEPT}`).catch(() => undefined);
    for (let age = KEPT - 1; age >= 1; age--) {
      await this.rig.rename(`${this.name}.${age}`, `${this.name}.${age + 1}`).catch(() => undefined);
    }
  }
}

describe('torture', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
  });
  afterEach(async () => {
    await rig.remove();
  });

  test.each([1, 2, 3, 4, 131])(
    'counts every line once, seed %i',
    async (seed) => {
      const chance = seeded(seed);
      const options = { ...counting, files: ['*.log*'], events: [{ ...counting.events[0], bytes: 'size' }] };
      const writers = ['app.log', 'web.log'].map((name) => new Writer(rig, name, chance));
      let sinceLook = 0;
      await rig.write('app.log', '');
      await rig.start(options);
      await rig.look();
      for (let step = 0; step < STEPS; step++) {
        for (const writer of writers) {
          const dice = chance();
          if (dice < 0.55) await writer.write();
          else if (dice < 0.65 && sinceLook < KEPT - 1) await writer.rename(dice < 0.58);
          else if (dice < 0.72 && sinceLook < KEPT - 1) await writer.copyAndTruncate();
          else if (dice < 0.75) await writer.finishLate();
          if (dice >= 0.55 && dice < 0.72) sinceLook++;
        }
        if (chance() < 0.4 || sinceLook >= KEPT - 1) {
          await rig.look();
          sinceLook = 0;
        }
        if (chance() < 0.1) {
          // Neither over a reload nor for ever can the descriptor of a file without a name be kept, so that nothing may come after.
          for (const writer of writers) await writer.finishLate();
          if (chance() < 0.5) await rig.start(options);
          else await rig.advance(GRACE_MS / 2);
          await rig.look();
          sinceLook = 0;
        }
      }
      for (const writer of writers) await writer.close();

      await rig.look();
      await rig.advance(GRACE_MS);
      await rig.look();

      expect(rig.received).toBe(writers.reduce((sum, { written }) => sum + written, 0));
      expect(rig.value('flow_message_bytes_total', { stage: 'received', partner: 'chuv' })).toBe(
        writers.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      expect(rig.lines('malformed')).toBe(0);
    },
    LIMIT_MS,
  );
});
