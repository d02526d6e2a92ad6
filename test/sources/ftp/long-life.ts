// A process of its own that lists directories of an FTPS server again and again, and says what it holds: in the process of a test it cannot
// be told from what other suites leave behind.

import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryUsed } from '../../memory.js';
import { startVsftpd } from '../../servers/vsftpd.js';
import { authority, certificate } from '../http/harness.js';
import { collect, directory, failure, sourceContext, start, total } from './fixtures.js';

const LISTINGS = 2_000;
const FILES = 20;

const server = await startVsftpd({ tls: 'explicit', certificate: await certificate(await authority(), '127.0.0.1') });
try {
  const folder = await server.directory('in');
  for (let index = 0; index < FILES; index++) await writeFile(join(folder, `${index}.xml`), 'x');
  const options = { port: server.port, user: server.user, tls: { insecure: true } };
  const source = await start(
    { ...options, directories: [directory('/in'), directory('/gone')] },
    sourceContext({ PASSWORD: server.password }),
  );
  const run = async (listings: number) => {
    let right = 0;
    for (let listing = 0; listing < listings; listing++) {
      if (total(await collect(source, '/in'), 'flow_backlog_messages') === FILES) right++;
      if (listing % 20 === 0 && !(await failure(source, '/gone')).startsWith('list/not_found')) right--;
      if (listing % 100 === 0) await server.dropConnections();
    }
    return right;
  };
  await run(LISTINGS / 4);
  const before = { memory: memoryUsed(), descriptors: readdirSync('/proc/self/fd').length };

  const right = await run(LISTINGS);

  const growth = memoryUsed() - before.memory;
  const descriptors = readdirSync('/proc/self/fd').length - before.descriptors;
  await source.close();
  // Listings, those that said what they should, bytes more, descriptors more.
  process.stdout.write([LISTINGS, right, growth, descriptors].join(' '));
} finally {
  await server.remove();
}
