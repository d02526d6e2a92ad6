// A small disk in memory, to fill up or to make read-only: only where the tests may mount one.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Disk {
  makeReadOnly(): Promise<void>;
  unmount(): Promise<void>;
}

/** @param size as mount(8) reads it @returns undefined where nothing may be mounted */
export async function mountTmpfs(folder: string, size: string): Promise<Disk | undefined> {
  const options = `size=${size}`;
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'vigie-test', folder]);
  } catch {
    return undefined;
  }
  return {
    makeReadOnly: async () => {
      await run('mount', ['-o', `remount,ro,${options}`, folder]);
    },
    unmount: async () => {
      await run('umount', ['-l', folder]);
    },
  };
}
