// The process whose looks `npm run bench -- sftp` measures: the collector of an sftp source, as an exporter runs it.

import { readFile, writeFile } from 'node:fs/promises';
import type { Source } from '../src/sources/kind.js';
import { sftp } from '../src/sources/sftp/index.js';
import type { SftpOptions } from '../src/sources/sftp/schema.js';
import { collect, linesOf, sourceConfig, sourceContext, WAITING } from '../test/sources/sftp/fixtures.js';
import { residentMB } from './usage.js';

const LIMIT_MS = 60_000;

export interface Look {
  /** With a connection and a login of its own, or over the one there is. */
  readonly connects: boolean;
  readonly ms: number;
  readonly files: number;
  readonly residentMB: { readonly now: number; readonly peak: number };
}

/** Each message that comes is answered with a look. */
async function main(): Promise<void> {
  const [file = ''] = process.argv.slice(2);
  const options: SftpOptions = JSON.parse(await readFile(file, 'utf8'));
  let source: Source | undefined;
  // The most that was resident is counted from here.
  await writeFile('/proc/self/clear_refs', '5');
  process.on('message', (connects: boolean) => {
    void (async () => {
      if (connects) await source?.close();
      const began = performance.now();
      if (connects || !source) source = await sftp.create(sourceConfig(options), sourceContext());
      const observations = await collect(source, undefined, LIMIT_MS);
      const ms = performance.now() - began;
      const counts = linesOf(WAITING, observations).map((line) => Number(line.split(' ').at(-1)));
      const files = counts.reduce((sum, count) => sum + count, 0);
      const look: Look = { connects, ms, files, residentMB: await residentMB(process.pid) };
      process.send?.(look);
    })();
  });
  process.once('disconnect', () => process.exit());
  process.send?.(await residentMB(process.pid));
}

await main();
