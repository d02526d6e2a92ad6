// Large directories and long lives: memory and descriptors stay flat.

import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { memoryUsed } from '../../memory.js';
import { describeWith } from '../../servers/describe.js';
import { childrenOf } from '../../servers/process-tree.js';
import { startVsftpd, type Vsftpd } from '../../servers/vsftpd.js';
import { authority, certificate } from '../http/harness.js';
import { openStore, sourceContext } from './fixtures.js';

const FILES = 100_000;
const MEGABYTE = 1_048_576;

describeWith(['vsftpd'], 'the ftp source over many files and a long time', () => {
  let server: Vsftpd;

  beforeAll(async () => {
    server = await startVsftpd({ tls: 'explicit', certificate: await certificate(await authority(), '127.0.0.1') });
    const folder = await server.directory('many');
    for (let index = 0; index < FILES; index++) closeSync(openSync(join(folder, `chuv_20261123_${index}.xml`), 'w'));
  }, 60_000);
  afterAll(async () => {
    await server.remove();
  }, 60_000);

  const open = () =>
    openStore({ port: server.port, user: server.user, tls: { insecure: true } }, sourceContext({ PASSWORD: server.password }));

  test(`lists ${FILES} files in memory that does not grow with them`, async () => {
    const files = await open();
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
    expect((most - before) / MEGABYTE).toBeLessThan(16);
  }, 90_000);

  test('fails as lost where the server ends the connection in the middle of them', async () => {
    const files = await open();
    const connections = await server.connections();
    const processes = [...connections, ...(await Promise.all(connections.map(childrenOf))).flat()];
    const end = () => processes.splice(0).forEach((pid) => process.kill(pid, 'SIGKILL'));

    const listing = files.list('/many', end, AbortSignal.timeout(60_000));

    await expect(listing).rejects.toMatchObject({ phase: 'list', errorClass: 'lost' });
    expect(files.ended).toBe(true);
  }, 90_000);

  test('lists 2000 times, failures and lost connections among them, and keeps nothing of it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'long-life.js')]);

    const [listings, right, growth, descriptors] = stdout.split(' ').map(Number);

    expect([listings, right]).toEqual([2000, 2000]);
    expect(growth).toBeLessThan(3 * MEGABYTE);
    expect(descriptors).toBeLessThanOrEqual(2);
  }, 180_000);
});
