// The ftp source against a real vsftpd: clear text and both ways of TLS, what it lists, and how it fails.

import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source } from '../../../src/sources/kind.js';
import type { FtpOptions } from '../../../src/sources/ftp/schema.js';
import { describeWith } from '../../servers/describe.js';
import { startVsftpd, type Vsftpd, type VsftpdOptions } from '../../servers/vsftpd.js';
import { startTcpProxy } from '../../tcp-proxy.js';
import { until } from '../../wait.js';
import { authority, certificate, type Pair } from '../http/harness.js';
import { collect, directory, failure, openStore, sourceContext, start, total, type TestContext } from './fixtures.js';

const OLDEST = Date.parse('2026-03-02T08:00:00Z') / 1000;
const OLDEST_METRIC = 'flow_backlog_oldest_timestamp_seconds';
const MESSAGES = 'flow_backlog_messages';
const HOUR = 3600;

describeWith(['vsftpd'], 'the ftp source over vsftpd', () => {
  let ca: Pair;
  let server: Vsftpd;
  let context: TestContext;
  const sources: Source[] = [];

  beforeAll(async () => {
    ca = await authority();
    server = await startVsftpd();
  });
  afterAll(async () => {
    await server.remove();
  });
  beforeEach(async () => {
    context = sourceContext({ PASSWORD: server.password });
    await server.directory('in');
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close();
    for (const name of await readdir(server.files)) {
      await chmod(join(server.files, name), 0o755);
      await rm(join(server.files, name), { recursive: true });
    }
  });

  async function open(changes: Partial<FtpOptions> = {}): Promise<Source> {
    const source = await start({ port: server.port, tls: 'none', user: server.user, ...changes }, context);
    sources.push(source);
    return source;
  }

  function store(changes: Partial<FtpOptions> = {}) {
    return openStore({ port: server.port, tls: 'none', user: server.user, ...changes }, context);
  }

  async function put(name: string, content = 'x', modified = OLDEST): Promise<void> {
    const path = join(server.files, name);
    await writeFile(path, content);
    await utimes(path, modified, modified);
  }

  async function restart(options: VsftpdOptions = {}): Promise<void> {
    await server.stop();
    await server.start(options);
  }

  describe.each(['none', 'explicit', 'implicit'] as const)('with tls: %s', (mode) => {
    beforeAll(async () => {
      await restart({ tls: mode, ...(mode !== 'none' && { certificate: await certificate(ca, '127.0.0.1') }) });
    });
    afterAll(() => restart());
    const tls = { tls: mode === 'none' ? mode : ({ mode, insecure: true } as const) };

    test('counts the files of a directory, again and again', async () => {
      await put('in/a.xml', 'hello', OLDEST);
      await put('in/b c.xml', 'hello', OLDEST + HOUR);
      await put('in/.hidden.xml', '');
      await put('in/été.xml');
      await put('in/d.filepart');
      await mkdir(join(server.files, 'in/sub'));
      await symlink('a.xml', join(server.files, 'in/link'));
      const source = await open(tls);

      for (let look = 0; look < 5; look++) {
        const seen = await collect(source);
        expect(total(seen, MESSAGES)).toBe(4);
        expect(total(seen, 'flow_backlog_bytes')).toBe(11);
        // Older than half a year: vsftpd gives the day.
        expect(total(seen, OLDEST_METRIC)).toBe(OLDEST - 8 * HOUR);
        expect(total(seen, 'flow_partial_files')).toBe(1);
      }
      expect(await server.connections()).toHaveLength(1);
    });

    test('writes, renames, reads, cuts short and removes', async () => {
      const files = await store(tls);
      const content = Buffer.alloc(300_000, 'vigie ');

      await files.write('/in/c.tmp', content, AbortSignal.timeout(5000));
      await files.rename('/in/c.tmp', '/in/c d.xml', AbortSignal.timeout(5000));
      const written = await readFile(join(server.files, 'in/c d.xml'));
      const whole = await files.read('/in/c d.xml', 1_000_000, AbortSignal.timeout(5000));
      const beginning = await files.read('in/c d.xml', 10, AbortSignal.timeout(5000));
      await files.remove('/in/c d.xml', AbortSignal.timeout(5000));
      await files.remove('/in/c d.xml', AbortSignal.timeout(5000));

      expect(written.equals(content)).toBe(true);
      expect(whole.equals(content)).toBe(true);
      expect(beginning.toString()).toBe('vigie vigi');
      expect(await readdir(join(server.files, 'in'))).toEqual([]);
      expect(files.ended).toBe(false);
      files.destroy();
    });

    test('goes on over the same connection after a large file was cut short', async () => {
      await put('in/large', '0'.repeat(20_000_000));
      const files = await store(tls);

      for (let run = 0; run < 5; run++) expect(await files.read('/in/large', 5, AbortSignal.timeout(5000))).toHaveLength(5);

      expect(files.ended).toBe(false);
      expect(await server.connections()).toHaveLength(1);
      files.destroy();
    });
  });

  test('knows how old recent files are, to the minute', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60 - 2 * HOUR;
    await put('in/a.xml', 'x', minute + 7);
    const source = await open();

    expect(total(await collect(source), OLDEST_METRIC)).toBe(minute);
  });

  test('reads the times of a server that lists its own in the zone of that', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60 - 2 * HOUR;
    await put('in/a.xml', 'x', minute);
    const source = await open({ server_timezone: 'Asia/Kolkata' });

    // vsftpd lists in UTC: taken for the time of India, it is five and a half hours earlier.
    expect(total(await collect(source), OLDEST_METRIC)).toBe(minute - 5.5 * HOUR);
  });

  test('tells a directory that is gone from one that may not be read or not be entered', async () => {
    await server.directory('closed');
    await chmod(join(server.files, 'closed'), 0o000);
    await server.directory('blind');
    await chmod(join(server.files, 'blind'), 0o311);
    const source = await open({ directories: [directory('/in'), directory('/gone'), directory('/closed'), directory('/blind')] });

    expect(await failure(source, '/gone')).toBe('list/not_found: /gone: it is not there (CWD: 550)');
    expect(await failure(source, '/closed')).toBe('list/permission: /closed: the account may not do this (CWD: 550)');
    expect(await failure(source, '/blind')).toBe('list/permission: /blind: the account may not do this (LIST: 226)');
    expect(await failure(source, '/in')).toBe('no failure');
    expect(await server.connections()).toHaveLength(1);
  });

  test('tells why a file cannot be read, written, renamed or removed', async () => {
    await put('in/closed');
    await chmod(join(server.files, 'in/closed'), 0o600);
    await mkdir(join(server.files, 'ours'));
    await put('ours/a');
    const files = await store();
    const signal = AbortSignal.timeout(8000);

    await expect(files.read('/in/gone', 10, signal)).rejects.toMatchObject({ phase: 'read', errorClass: 'not_found' });
    await expect(files.read('/in/closed', 10, signal)).rejects.toMatchObject({ phase: 'read', errorClass: 'permission' });
    await expect(files.write('/ours/b', Buffer.from('x'), signal)).rejects.toMatchObject({ phase: 'write', errorClass: 'permission' });
    await expect(files.write('/gone/b', Buffer.from('x'), signal)).rejects.toMatchObject({ phase: 'write', errorClass: 'not_found' });
    await expect(files.rename('/in/gone', '/in/b', signal)).rejects.toMatchObject({ phase: 'write', errorClass: 'not_found' });
    await expect(files.rename('/ours/a', '/ours/b', signal)).rejects.toMatchObject({ phase: 'write', errorClass: 'permission' });
    await expect(files.remove('/ours/a', signal)).rejects.toMatchObject({ phase: 'write', errorClass: 'permission' });
    await expect(files.remove('/gone/a', signal)).resolves.toBeUndefined();
    files.destroy();
  });

  test('counts a wrong password once, and does not go on hammering', async () => {
    context.secrets['PASSWORD'] = 'wrong';
    const source = await open();

    const first = await failure(source);
    const second = await failure(source);
    context.secrets['PASSWORD'] = server.password;
    const rotated = await failure(source);

    expect(first).toMatch(/^login\/auth: 127\.0\.0\.1:\d+: the user or the password is not accepted \(PASS: 530\)$/);
    expect(second).toMatch(/^login\/auth: 127\.0\.0\.1:\d+: no login before /);
    expect(rotated).toBe('no failure');
  });

  test('says that the server wants TLS where it was told to do without', async () => {
    await restart({ tls: 'explicit', certificate: await certificate(ca, '127.0.0.1') });
    const source = await open();

    const failed = await failure(source);
    await restart();

    expect(failed).toMatch(/^login\/tls: .*: it takes no login in clear text; leave `tls: none` out \((?:USER|PASS): 530\)$/);
  });

  test('waits for its turn where the server takes one connection and no second', async () => {
    await restart({ settings: { max_clients: 1 } });
    // Who looked whether it listens may still count as connected.
    const other = await until(() => store());
    const source = await open({ directories: [directory('/in'), directory('/gone')] });
    const refused = await failure(source, '/in');
    other.destroy();
    await until(async () => (await failure(source, '/in')) === 'no failure');

    const both = await Promise.all([failure(source, '/in'), failure(source, '/gone')]);
    await restart();

    expect(refused).toMatch(/^connect\/refused: .*: it takes no more connections now \(421\)$/);
    expect(both).toEqual(['no failure', 'list/not_found: /gone: it is not there (CWD: 550)']);
  });

  test('connects again after the server has dropped the connection, or was restarted', async () => {
    const source = await open();
    await collect(source);
    await server.dropConnections();

    const dropped = await failure(source);
    await restart();
    const restarted = await failure(source);

    expect([dropped, restarted]).toEqual(['no failure', 'no failure']);
  });

  test('lets no directory wait for one whose connection hangs', async () => {
    const source = await open({ directories: [directory('/in'), directory('/gone')] });
    await collect(source, '/in');
    await server.freezeConnections();

    const hanging = failure(source, '/in', 1500);
    const other = await failure(source, '/gone', 1000);

    expect(other).toBe('list/not_found: /gone: it is not there (CWD: 550)');
    expect(await hanging).toMatch(/^list\/timeout: \/in: 127\.0\.0\.1:\d+ did not answer CWD in time$/);
    expect(await failure(source, '/in')).toBe('no failure');
  });

  test('ends at its deadline where nothing goes through any more', async () => {
    const proxy = await startTcpProxy(server.port);
    const source = await open({ port: proxy.port });
    await collect(source);
    proxy.freeze();

    const frozen = await failure(source, '/in', 700);
    const greeting = await failure(source, '/in', 700);
    proxy.thaw();
    const thawed = await failure(source);
    await proxy.close();

    expect(frozen).toMatch(/^list\/timeout: /);
    expect(greeting).toMatch(/^connect\/timeout: .* no greeting in time$/);
    expect(thawed).toBe('no failure');
  });
});
