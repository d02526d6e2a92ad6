// A small disk in memory, to fill up or to make read-only: only where the tests may mount one.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Disk {
  makeReadOnly(): Promise<void>;
  unmount(): Promise<void>;
}

/** Like `test`, for tests that mount a disk: skipped and named on standard error where nothing may be mounted, which takes a privileged user. */
export function testWithDisk(title: string, body: () => Promise<void>, limitMs?: number): void {
  if (mayMount()) test(title, body, limitMs);
  else {
    process.stderr.write(`SKIPPED "${title}" needs a user who may mount a tmpfs\n`);
    test.skip(title, body);
  }
}

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'vigie-test', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

/** @param size as mount(8) reads it */
export async function mountTmpfs(folder: string, size: string): Promise<Disk> {
  const options = `size=${size}`;
  await run('mount', ['-t', 'tmpfs', '-o', options, 'vigie-test', folder]);
  return {
    makeReadOnly: async () => {
      await run('mount', ['-o', `remount,ro,${options}`, folder]);
    },
    unmount: async () => {
      await run('umount', ['-l', folder]);
    },
  };
}
