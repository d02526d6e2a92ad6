// Large directories and long lives: memory and descriptors stay flat.

import { closeSync, openSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryUsed } from '../../memory.js';
import { describeWith } from '../../servers/describe.js';
import { startVsftpd, type Vsftpd } from '../../servers/vsftpd.js';
import { authority, certificate } from '../http/harness.js';
import { collect, directory, failure, openStore, sourceContext, start, total } from './fixtures.js';

const FILES = 100_000;
const LISTINGS = 2_000;
const MEGABYTE = 1_048_576;

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describeWith(['vsftpd'], 'the ftp source over the long run', () => {
  let server: Vsftpd;

  beforeAll(async () => {
    server = await startVsftpd({ tls: 'explicit', certificate: await certificate(await authority(), '127.0.0.1') });
  });
  afterAll(async () => {
    await server.remove();
  }, 60_000);

  const options = () => ({ port: server.port, user: server.user, tls: { insecure: true } }) as const;
  const context = () => sourceContext({ PASSWORD: server.password });

  test(`lists ${FILES} files in memory that does not grow with them`, async () => {
    const folder = await server.directory('many');
    for (let index = 0; index < FILES; index++) closeSync(openSync(join(folder, `chuv_20261123_${index}.xml`), 'w'));
    const files = await openStore(options(), context());
    const before = memoryUsed();
    let seen = 0;
    let most = 0;

    await files.list(
      '/many',
      () => {
        if (++seen % 20_000 === 0) most = Math.max(most, memoryUsed());
      },
      AbortSignal.timeout(60_000),
    );
    files.destroy();

    expect(seen).toBe(FILES);
    expect((most - before) / MEGABYTE).toBeLessThan(8);
  }, 120_000);

  test(`lists ${LISTINGS} times, failures among them, and keeps nothing of it`, async () => {
    const folder = await server.directory('in');
    for (let index = 0; index < 20; index++) await writeFile(join(folder, `${index}.xml`), 'x');
    const source = await start({ ...options(), directories: [directory('/in'), directory('/gone')] }, context());
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round++) {
        expect(total(await collect(source, '/in'), 'flow_backlog_messages')).toBe(20);
        if (round % 20 === 0) expect(await failure(source, '/gone')).toMatch(/^list\/not_found/);
        if (round % 100 === 0) await server.dropConnections();
      }
    };
    await rounds(LISTINGS / 4);
    const before = { memory: memoryUsed(), descriptors: descriptors() };

    await rounds(LISTINGS);

    const after = { memory: memoryUsed(), descriptors: descriptors() };
    await source.close();
    expect((after.memory - before.memory) / MEGABYTE).toBeLessThan(3);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2);
  }, 180_000);
});
