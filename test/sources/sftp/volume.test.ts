// Large directories and many looks, on a real OpenSSH server: memory and descriptors stay where they are.

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sftp } from '../../../src/sources/sftp/index.js';
import type { Source } from '../../../src/sources/kind.js';
import { memoryUsed } from '../../memory.js';
import { describeWith } from '../../servers/describe.js';
import { startSshd, type Sshd } from '../../servers/sshd.js';
import { block, collect, inbox, linesOf, sourceConfig, sourceContext, WAITING } from './fixtures.js';

const FILES = 100_000;
const LOOKS = 10_000;
const LIMIT_MS = 300_000;
const MB = 1024 * 1024;

describeWith(['sshd'], 'the sftp source', () => {
  let sshd: Sshd;
  let source: Source | undefined;

  beforeEach(async () => {
    sshd = await startSshd();
  }, LIMIT_MS);
  afterEach(async () => {
    await source?.close();
    await sshd.remove();
  }, LIMIT_MS);

  async function open(): Promise<Source> {
    source = await sftp.create(
      sourceConfig({
        ...block,
        port: sshd.port,
        user: sshd.user,
        key: { file: sshd.userKey },
        host_key: sshd.fingerprint,
        directories: [{ ...inbox, path: sshd.files, name: 'tge' }],
      }),
      sourceContext(),
    );
    return source;
  }

  async function fill(count: number): Promise<void> {
    for (let index = 0; index < count; index += 10) {
      const names = Array.from({ length: 10 }, (_, offset) => join(sshd.files, `chuv_20261123_${index + offset}.xml`));
      await Promise.all(names.map((name) => writeFile(name, '')));
    }
  }

  test(
    'counts a hundred thousand files in little memory',
    async () => {
      const mine = await open();
      await collect(mine, 'tge');
      const before = memoryUsed();
      await fill(FILES);

      const found = await collect(mine, 'tge', LIMIT_MS);
      await collect(mine, 'tge', LIMIT_MS);

      expect(linesOf(WAITING, found)).toContain(`${WAITING}{flow="factures-tge",partner="chuv",stage="received"} ${FILES}`);
      expect(memoryUsed() - before).toBeLessThan(24 * MB);
    },
    LIMIT_MS,
  );

  test(
    'looks ten thousand times without memory or descriptors growing, connections that are cut included',
    async () => {
      await fill(10);
      const mine = await open();
      const look = async (times: number) => {
        for (let count = 0; count < times; count++) {
          if (count % 500 === 250) await sshd.dropConnections();
          expect(linesOf(WAITING, await collect(mine, 'tge', LIMIT_MS))).toHaveLength(2);
        }
      };
      await look(1000);
      const before = { memory: memoryUsed(), descriptors: (await readdir('/proc/self/fd')).length };

      await look(LOOKS - 1000);

      expect(memoryUsed() - before.memory).toBeLessThan(10 * MB);
      expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before.descriptors + 2);
    },
    LIMIT_MS,
  );
});
