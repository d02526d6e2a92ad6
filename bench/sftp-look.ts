// The process whose looks `npm run bench -- sftp` measures: the collector of an sftp source, as an exporter runs it.

import { readFile, writeFile } from 'node:fs/promises';
import { sftp } from '../src/sources/sftp/index.js';
import type { SftpOptions } from '../src/sources/sftp/schema.js';
import { collect, linesOf, sourceConfig, sourceContext, WAITING } from '../test/sources/sftp/fixtures.js';
import { residentMB } from './usage.js';

const LIMIT_MS = 60_000;

export interface Look {
  readonly ms: number;
  readonly files: number;
  readonly residentMB: { readonly now: number; readonly peak: number };
}

/** Each message that comes is answered with a look: `true` for one that connects and logs in, `false` for one over the connection there is. */
async function main(): Promise<void> {
  const [file = ''] = process.argv.slice(2);
  const options: SftpOptions = JSON.parse(await readFile(file, 'utf8'));
  const source = await sftp.create(sourceConfig(options), sourceContext());
  const [directory] = source.collectors;
  // The most that was resident is counted from here.
  await writeFile('/proc/self/clear_refs', '5');
  process.on('message', (connects: boolean) => {
    void (async () => {
      // It opens another one when it needs it.
      if (connects) await source.close();
      const began = performance.now();
      const observations = await collect(source, directory?.name, LIMIT_MS);
      const ms = performance.now() - began;
      const counts = linesOf(WAITING, observations).map((line) => Number(line.split(' ').at(-1)));
      const files = counts.reduce((sum, count) => sum + count, 0);
      const look: Look = { ms, files, residentMB: await residentMB(process.pid) };
      process.send?.(look);
    })();
  });
  process.once('disconnect', () => process.exit());
  process.send?.(await residentMB(process.pid));
}

await main();
