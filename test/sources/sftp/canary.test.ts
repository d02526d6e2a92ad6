// The canary round trip over a real OpenSSH server: what it finds out, and that it leaves nothing behind.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANARY_COLLECTOR } from '../../../src/sources/exchanges/check.js';
import type { Collector, Source, SourceContext } from '../../../src/sources/kind.js';
import { sftp } from '../../../src/sources/sftp/index.js';
import { FakeClock } from '../../fake-clock.js';
import { freePort } from '../../port.js';
import { describeWith } from '../../servers/describe.js';
import { startSshd, type Sshd } from '../../servers/sshd.js';
import { mountTmpfs, testWithDisk } from '../../servers/tmpfs.js';
import { startTcpProxy } from '../../tcp-proxy.js';
import { until } from '../../wait.js';
import { block, collect, lines, linesOf, sourceConfig, sourceContext } from './fixtures.js';

const VIGIE = join(import.meta.dirname, '..', '..', '..', 'src', 'main.js');
/** A loaded machine is slow to log in. */
const LIMIT_MS = 30_000;

describeWith(['sshd'], 'a canary over OpenSSH', () => {
  let sshd: Sshd;
  let folder: string;
  const open: Source[] = [];

  beforeAll(async () => {
    sshd = await startSshd();
  }, LIMIT_MS);
  afterAll(() => sshd.remove());
  beforeEach(async () => {
    folder = join(sshd.files, 'canary');
    await mkdir(folder);
    await chmod(folder, 0o777);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((created) => created.close()));
    await rm(folder, { recursive: true });
  });

  async function canary(context: SourceContext = sourceContext()): Promise<Source> {
    const created = await sftp.create(
      sourceConfig({
        ...block,
        port: sshd.port,
        user: sshd.user,
        key: { file: sshd.userKey },
        host_key: sshd.fingerprint,
        canary: { directory: folder },
      }),
      context,
    );
    open.push(created);
    return created;
  }

  test(
    'comes back, and leaves nothing behind',
    async () => {
      const mine = await canary();

      const found = await collect(mine, CANARY_COLLECTOR, LIMIT_MS);

      expect(linesOf('vigie_canary_up', found)).toEqual(['vigie_canary_up{source="inbox",kind="sftp"} 1']);
      expect(lines(found).filter((line) => line.startsWith('vigie_canary_duration'))).toHaveLength(7);
      expect(failures(mine)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'finds that it may not write',
    async () => {
      await chmod(folder, 0o555);
      const mine = await canary();

      const found = await collect(mine, CANARY_COLLECTOR, LIMIT_MS);

      expect(linesOf('vigie_canary_up', found)).toEqual(['vigie_canary_up{source="inbox",kind="sftp"} 0']);
      expect(failures(mine)).toEqual(['write permission 1']);
    },
    LIMIT_MS,
  );

  test(
    'finds that the directory is gone',
    async () => {
      await rm(folder, { recursive: true });
      const mine = await canary();
      const found = await collect(mine, CANARY_COLLECTOR, LIMIT_MS);
      await mkdir(folder);

      expect(linesOf('vigie_canary_up', found)).toEqual(['vigie_canary_up{source="inbox",kind="sftp"} 0']);
      expect(failures(mine)).toEqual(['list not_found 1']);
    },
    LIMIT_MS,
  );

  testWithDisk(
    'finds that the disk is full, and takes away what it could not write',
    async () => {
      const disk = await mountTmpfs(folder, '16k');
      try {
        await chmod(folder, 0o777);
        await writeFile(join(folder, 'filled'), Buffer.alloc(16 * 1024));
        const mine = await canary();

        const found = await collect(mine, CANARY_COLLECTOR, LIMIT_MS);

        expect(linesOf('vigie_canary_up', found)).toEqual(['vigie_canary_up{source="inbox",kind="sftp"} 0']);
        expect(failures(mine)).toEqual(['write full 1']);
        expect(await readdir(folder)).toEqual(['filled']);
      } finally {
        await Promise.all(open.splice(0).map((created) => created.close()));
        await disk.unmount();
      }
    },
    LIMIT_MS,
  );

  test(
    'that was killed in the middle is cleaned up after by the next exporter, once nobody can be using it',
    async () => {
      await killInTheMiddle();
      const left = await readdir(folder);
      const clock = new FakeClock();
      const next = await canary({ ...sourceContext(), clock });
      await collect(next, CANARY_COLLECTOR, LIMIT_MS);
      const soon = await readdir(folder);
      await clock.advance(61_000);
      await collect(next, CANARY_COLLECTOR, LIMIT_MS);

      expect(left).toEqual([expect.stringMatching(/^\.vigie-canary-inbox-[0-9a-f]{16}/)]);
      expect(soon).toEqual(left);
      expect(await readdir(folder)).toEqual([]);
    },
    2 * LIMIT_MS,
  );

  /** A real exporter, behind a line that is slow enough for it to be killed when its file appears. */
  async function killInTheMiddle(): Promise<void> {
    const home = await mkdtemp(join(tmpdir(), 'vigie-canary-'));
    const proxy = await startTcpProxy(sshd.port, { delayMs: 100 });
    const config = join(home, 'exporters.yaml');
    await writeFile(
      config,
      `
teams: { flux: { title: Flux } }
sources:
  inbox:
    kind: sftp
    team: flux
    host: 127.0.0.1
    port: ${proxy.port}
    user: ${sshd.user}
    key: { file: '${sshd.userKey}' }
    host_key: '${sshd.fingerprint}'
    canary: { directory: '${folder}' }
`,
    );
    const appeared = Promise.withResolvers<void>();
    const watcher = watch(folder, () => appeared.resolve());
    const args = [VIGIE, 'exporter', 'inbox', '--config', config, '--listen', `127.0.0.1:${await freePort()}`];
    const exporter = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    exporter.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    try {
      const exit = once(exporter, 'exit');
      const ended = exit.then(() => {
        throw new Error(`the exporter ended: ${said}`);
      });
      await Promise.race([appeared.promise, ended]);
      ended.catch(() => undefined);
      exporter.kill('SIGKILL');
      await exit;
    } finally {
      watcher.close();
      exporter.kill('SIGKILL');
      await proxy.close();
      await rm(home, { recursive: true, force: true });
    }
    await until(async () => (await sshd.connections()).length === 0);
  }
});

/** Failures that were counted, as `step class number`. */
function failures({ collectors }: Source): string[] {
  const found: Collector | undefined = collectors.find(({ name }) => name === CANARY_COLLECTOR);
  return [...(found?.accumulator?.observations() ?? [])].flatMap(({ labels, value }) =>
    typeof value === 'number' && value !== 0 ? [`${labels['step']} ${labels['class']} ${value}`] : [],
  );
}
