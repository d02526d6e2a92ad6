// A disk of its own for the state of an exporter, which can be full.

import { execFile } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../../src/sources/system-errors.js';

const run = promisify(execFile);

/** Holds the record twice, the old and the new one, with room to spare. */
const SIZE = '4m';
/** A record that is replaced leaves room, which is taken away at once. */
const TOP_UP_MS = 20;
const CHUNK = Buffer.alloc(4096);

/** `tmpfs`: a file system that is filled; `permissions`: a folder that may not be written; `none`: nothing of that is possible here. */
export type DiskKind = 'tmpfs' | 'permissions' | 'none';

export class StateDisk {
  #filling: NodeJS.Timeout | undefined;

  private constructor(
    readonly folder: string,
    readonly kind: DiskKind,
  ) {}

  static async create(folder: string): Promise<StateDisk> {
    await mkdir(folder, { recursive: true });
    if (process.getuid?.() !== 0) return new StateDisk(folder, process.platform === 'win32' ? 'none' : 'permissions');
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'vigie-torture', folder]);
      return new StateDisk(folder, 'tmpfs');
    } catch {
      // Nobody can take the right to write from root.
      return new StateDisk(folder, 'none');
    }
  }

  async fill(): Promise<void> {
    if (this.kind === 'permissions') await this.#permit(0o500);
    if (this.kind !== 'tmpfs') return;
    this.#topUp();
    this.#filling = setInterval(() => this.#topUp(), TOP_UP_MS);
  }

  async free(): Promise<void> {
    clearInterval(this.#filling);
    this.#filling = undefined;
    if (this.kind === 'permissions') await this.#permit(0o700);
    if (this.kind === 'tmpfs') await rm(this.#ballast, { force: true });
  }

  async remove(): Promise<void> {
    await this.free();
    if (this.kind !== 'tmpfs') return;
    await run('umount', [this.folder]).catch(() => run('umount', ['-l', this.folder]));
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }

  #topUp(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (;;) writeSync(file, CHUNK);
    } catch (error) {
      if (errorCode(error) !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  async #permit(mode: number): Promise<void> {
    await run('chmod', ['-R', 'u+rwX', this.folder]);
    // The exporter keeps its record one folder below.
    const { stdout } = await run('find', [this.folder, '-type', 'd']);
    for (const folder of stdout.trim().split('\n').toReversed()) await chmod(folder, mode);
  }
}
