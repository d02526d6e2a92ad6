// What is done with files over SFTP, against a real OpenSSH server.

import { chmod, mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Session } from '../../../src/sources/sftp/session.js';
import { openConnection } from '../../../src/sources/sftp/connect.js';
import type { FileStore } from '../../../src/sources/exchanges/store.js';
import { SourceError } from '../../../src/sources/kind.js';
import { describeWith } from '../../servers/describe.js';
import { startSshd, type Sshd } from '../../servers/sshd.js';
import { mountTmpfs, testWithDisk } from '../../servers/tmpfs.js';

describeWith(['sshd'], 'files at OpenSSH', () => {
  let sshd: Sshd;
  let folder: string;
  let session: Session;

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.remove());

  beforeEach(async () => {
    folder = join(sshd.files, 'canary');
    await mkdir(folder);
    await chmod(folder, 0o777);
    const key = await readFile(sshd.userKey, 'utf8');
    const hostKeys = { accepted: [sshd.fingerprint], revoked: [], types: [], origin: 'host_key' };
    const credentials = { user: sshd.user, keys: [key], passphrase: undefined, password: undefined };
    session = new Session((signal, ended) =>
      openConnection({ host: '127.0.0.1', port: sshd.port, credentials, hostKeys }, signal, {
        ended,
        verdict: () => {},
        announced: () => {},
      }),
    );
  });
  afterEach(async () => {
    await session.close();
    await rm(folder, { recursive: true });
  });

  function use<T>(work: (store: FileStore, signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(8000);
    return session.use(signal, (store) => work(store, signal));
  }

  async function failing(work: (store: FileStore, signal: AbortSignal) => Promise<unknown>): Promise<SourceError> {
    const error: unknown = await use(work).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof SourceError) return error;
    throw new Error(`expected a SourceError, got ${String(error)}`);
  }

  test('are written, renamed, read and removed', async () => {
    const content = Buffer.from('round trip');
    const read = await use(async (store, signal) => {
      await store.write(`${folder}/a.tmp`, content, signal);
      await store.rename(`${folder}/a.tmp`, `${folder}/a`, signal);
      return store.read(`${folder}/a`, 4096, signal);
    });
    const written = await readFile(join(folder, 'a'), 'utf8');
    await use((store, signal) => store.remove(`${folder}/a`, signal));

    expect(read).toEqual(content);
    expect(written).toBe('round trip');
    expect(await readdir(folder)).toEqual([]);
  });

  test('are read no further than asked, and to their end where they are larger than a packet', async () => {
    await writeFile(join(folder, 'large'), Buffer.alloc(1_000_000, 'x'));

    const [start, all] = await use(async (store, signal) => [
      await store.read(`${folder}/large`, 5, signal),
      await store.read(`${folder}/large`, 2_000_000, signal),
    ]);

    expect(start.toString()).toBe('xxxxx');
    expect(all).toHaveLength(1_000_000);
  });

  test('are never written over', async () => {
    await writeFile(join(folder, 'there'), 'theirs');

    const error = await failing((store, signal) => store.write(`${folder}/there`, Buffer.from('ours'), signal));

    expect(error).toMatchObject({ phase: 'write', errorClass: 'protocol' });
    expect(await readFile(join(folder, 'there'), 'utf8')).toBe('theirs');
  });

  test('need not be there to be removed', async () => {
    await use((store, signal) => store.remove(`${folder}/nothing`, signal));

    expect(await readdir(folder)).toEqual([]);
  });

  test('are refused where the directory may only be read, or is gone', async () => {
    const gone = await failing((store, signal) => store.write(`${folder}/gone/a`, Buffer.from('a'), signal));
    const unknown = await failing((store, signal) => store.read(`${folder}/a`, 10, signal));
    await chmod(folder, 0o555);
    const denied = await failing((store, signal) => store.write(`${folder}/a`, Buffer.from('a'), signal));

    expect(gone).toMatchObject({ phase: 'write', errorClass: 'not_found' });
    expect(unknown).toMatchObject({ phase: 'read', errorClass: 'not_found' });
    expect(denied).toMatchObject({ phase: 'write', errorClass: 'permission' });
  });

  test('have as much room as the file system tells', async () => {
    const truth = await statfs(folder);

    const space = await use((store, signal) => store.space(folder, signal));

    expect(space?.totalBytes).toBe(truth.blocks * truth.bsize);
    expect(space?.freeBytes).toBeGreaterThan(0);
  });

  test('are not written twice when the connection is lost in between', async () => {
    let runs = 0;

    const error = await failing(async (store, signal) => {
      runs++;
      await store.write(`${folder}/once-${runs}`, Buffer.from('a'), signal);
      await sshd.dropConnections();
      await store.read(`${folder}/once-${runs}`, 10, signal);
    });

    expect(error).toMatchObject({ phase: 'read', errorClass: 'lost' });
    expect(await readdir(folder)).toEqual(['once-1']);
  });

  testWithDisk('find no room on a full disk, and none to write on one that is read-only', async () => {
    const disk = await mountTmpfs(folder, '64k');
    try {
      await chmod(folder, 0o777);
      const full = await failing((store, signal) => store.write(`${folder}/a`, Buffer.alloc(200_000), signal));
      await disk.makeReadOnly();
      const readOnly = await failing((store, signal) => store.write(`${folder}/b`, Buffer.from('b'), signal));

      expect(full).toMatchObject({ phase: 'write', errorClass: 'full' });
      expect(full.message).toContain('no room is left');
      expect(readOnly).toMatchObject({ phase: 'write', errorClass: 'read_only' });
    } finally {
      await session.close();
      await disk.unmount();
    }
  });
});
