// The sftp source against a real OpenSSH server.

import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CREDENTIALS_COLLECTOR } from '../../../src/sources/exchanges/check.js';
import type { Source } from '../../../src/sources/kind.js';
import { sftp } from '../../../src/sources/sftp/index.js';
import type { SftpOptions } from '../../../src/sources/sftp/schema.js';
import { freePort, portOf } from '../../port.js';
import { describeWith } from '../../servers/describe.js';
import { generateKey, startSshd, type Sshd } from '../../servers/sshd.js';
import { until } from '../../wait.js';
import { block, collect, failure, inbox, lines, linesOf, sourceConfig, sourceContext, WAITING, type TestContext } from './fixtures.js';

const OLDEST = 1_750_000_000;
const OTHER_FINGERPRINT = 'SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDHq6Xyb5fG1Wl1pHg';

describeWith(['sshd'], 'the sftp source against OpenSSH', () => {
  let sshd: Sshd;
  let folder: string;
  let keys: string;
  let context: TestContext;
  const open: Source[] = [];

  beforeAll(async () => {
    sshd = await startSshd();
    keys = await mkdtemp(join(tmpdir(), 'vigie-keys-'));
  });
  afterAll(async () => {
    await sshd.remove();
    await rm(keys, { recursive: true, force: true });
  });

  beforeEach(async () => {
    context = sourceContext();
    folder = join(sshd.files, 'tge');
    await mkdir(folder);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((created) => created.close()));
    await chmod(folder, 0o755);
    await rm(folder, { recursive: true });
  });

  /** A source that looks at the folder, with what a test wants otherwise. */
  async function source(changes: Partial<SftpOptions> = {}): Promise<Source> {
    const options: SftpOptions = {
      kind: 'sftp',
      host: '127.0.0.1',
      port: sshd.port,
      user: sshd.user,
      key: { file: sshd.userKey },
      host_key: sshd.fingerprint,
      directories: [{ ...inbox, path: folder, name: 'tge' }],
      ...changes,
    };
    const created = await sftp.create(sourceConfig(options), context);
    open.push(created);
    return created;
  }

  async function put(name: string, modified = OLDEST + 100): Promise<void> {
    await writeFile(join(folder, name), 'x'.repeat(10));
    await utimes(join(folder, name), modified, modified);
  }

  test('counts the files of each partner, and says when the oldest came', async () => {
    await put('chuv_20261123_1.xml', OLDEST);
    await put('chuv_20261123_2.xml');
    await put('chuv_20261123_3.xml.filepart', OLDEST - 100);
    await put('notes.txt', OLDEST - 100);
    await mkdir(join(folder, 'chuv_20261123_4.xml'));

    const found = lines(await collect(await source()));

    expect(found).toEqual(
      expect.arrayContaining([
        'flow_backlog_bytes{flow="factures-tge",partner="chuv",stage="received"} 20',
        'flow_backlog_bytes{flow="factures-tge",partner="hug",stage="received"} 0',
        'flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} 2',
        'flow_backlog_messages{flow="factures-tge",partner="hug",stage="received"} 0',
        `flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${OLDEST}`,
        'flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="hug",stage="received"} 0',
        'flow_partial_files{flow="factures-tge",stage="received",directory="tge"} 1',
        'flow_unmatched_files{flow="factures-tge",stage="received",directory="tge"} 1',
      ]),
    );
  });

  test('counts regular files only, whatever their names hold', async () => {
    await put('plain');
    await put('new\nline é "quoted"');
    await mkdir(join(folder, 'sub'));
    await symlink(join(folder, 'plain'), join(folder, 'link'));
    await symlink('/nowhere', join(folder, 'dangling'));
    const directory = { path: folder, name: 'tge', flow: 'factures-tge', stage: 'received', partner: 'hug' };
    const created = await source({ directories: [directory] });

    const observations = await collect(created);

    expect(lines(observations)).toContain('flow_backlog_messages{flow="factures-tge",partner="hug",stage="received"} 2');
  });

  test('lists five thousand files', async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `hug_20261123_${index}.xml`);
    await Promise.all(names.map((name) => writeFile(join(folder, name), '')));

    const found = lines(await collect(await source()));

    expect(found).toContain('flow_backlog_messages{flow="factures-tge",partner="hug",stage="received"} 5000');
  });

  test('reports an undeclared partner without making a series of it', async () => {
    await put('hirslanden_20261123_1.xml');

    const found = lines(await collect(await source()));

    expect(context.seen).toEqual([{ label: 'partner', value: 'hirslanden' }]);
    expect(found.join('\n')).not.toContain('hirslanden');
  });

  test('lets a directory fail alone', async () => {
    const mine = await source({
      directories: [
        { ...inbox, path: folder, name: 'tge' },
        { ...inbox, path: `${folder}/gone`, name: 'gone', stage: 'validated' },
      ],
    });

    const [good, bad] = await Promise.all([collect(mine, 'tge'), failure(mine, 'gone')]);

    expect(linesOf(WAITING, good)).toHaveLength(2);
    expect(bad).toMatchObject({ phase: 'list', errorClass: 'not_found' });
    expect(bad.message).toContain(`${folder}/gone: no such directory`);
  });

  test('says that a directory may not be listed', async () => {
    await chmod(folder, 0o000);

    const error = await failure(await source());

    expect(error).toMatchObject({ phase: 'list', errorClass: 'permission' });
  });

  test('uses one connection for all directories, again and again', async () => {
    const twice = { ...inbox, path: folder, stage: 'validated' };
    const mine = await source({
      directories: [
        { ...inbox, path: folder, name: 'a' },
        { ...twice, name: 'b' },
      ],
    });
    await Promise.all([collect(mine, 'a'), collect(mine, 'b')]);
    const first = await sshd.connections();

    await Promise.all([collect(mine, 'a'), collect(mine, 'b')]);

    expect(first).toHaveLength(1);
    expect(await sshd.connections()).toEqual(first);
  });

  test.each([
    ['plain', (name: string) => name],
    ['hashed', hashed],
  ])('knows the server by known_hosts with %s names', async (_how, write) => {
    const file = join(keys, 'known_hosts');
    await writeFile(file, `# comment\nother.example.org ${sshd.hostKey}\n${write(`[127.0.0.1]:${sshd.port}`)} ${sshd.hostKey}\n`);

    const found = await collect(await source({ host_key: { known_hosts: file } }));

    expect(linesOf(WAITING, found)).toHaveLength(2);
  });

  test('knows the server by one of several fingerprints', async () => {
    const found = await collect(await source({ host_key: [OTHER_FINGERPRINT, sshd.fingerprint] }));

    expect(linesOf(WAITING, found)).toHaveLength(2);
  });

  test('refuses a changed host key, naming the one offered and the one expected', async () => {
    const mine = await source();
    await sshd.stop();
    await sshd.start({ otherHostKey: true });
    try {
      const error = await failure(mine);

      expect(error).toMatchObject({ phase: 'connect', errorClass: 'host_key' });
      expect(error.message).toMatch(
        /: host key not accepted: the server offered ssh-ed25519 SHA256:\S{43}, expected SHA256:\S{43} \(host_key\)$/,
      );
      expect(error.message).toContain(`expected ${sshd.fingerprint}`);
    } finally {
      await sshd.stop();
      await sshd.start();
    }
  });

  test('shows an announced host key that it does not know before it hurts, and one that is gone', async () => {
    await sshd.stop();
    await sshd.start({ lines: [`HostKey ${sshd.otherHostKey.file}`] });
    try {
      const mine = await source({ host_key: sshd.otherHostKey.fingerprint });
      const states = await until(async () => {
        await collect(mine);
        const found = linesOf('vigie_ssh_host_keys', await collect(mine, CREDENTIALS_COLLECTOR));
        return found.length > 0 ? found : undefined;
      });
      const unused = await source({ host_key: [sshd.otherHostKey.fingerprint, OTHER_FINGERPRINT] });
      await collect(unused);
      await until(() => (unused.warnings?.() ?? []).length > 0);

      expect(states).toEqual([
        'vigie_ssh_host_keys{source="inbox",kind="sftp",state="known"} 1',
        'vigie_ssh_host_keys{source="inbox",kind="sftp",state="new"} 1',
        'vigie_ssh_host_keys{source="inbox",kind="sftp",state="other"} 0',
        'vigie_ssh_host_keys{source="inbox",kind="sftp",state="withdrawn"} 0',
      ]);
      expect(mine.warnings?.()).toEqual([expect.stringContaining(`announces another host key, ssh-ed25519 ${sshd.fingerprint}`)]);
      expect(unused.warnings?.()).toContainEqual(expect.stringContaining(`does not announce the host key ${OTHER_FINGERPRINT} any more`));
    } finally {
      await sshd.stop();
      await sshd.start();
    }
  });

  test('says that known_hosts cannot be read', async () => {
    const error = await failure(await source({ host_key: { known_hosts: join(keys, 'missing') } }));

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'config' });
    expect(error.message).toContain('ENOENT');
  });

  test('says that a key may not log in, without a word of the key', async () => {
    const error = await failure(await source({ key: { file: sshd.strangerKey } }));

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(error.message).toBe(`127.0.0.1:${sshd.port}: the server accepts neither this key nor this password for the user`);
  });

  test('opens an encrypted key with its passphrase, and says when it cannot', async () => {
    const key = { file: join(keys, 'encrypted') };
    await generateKey(key.file, 'open sesame');
    await sshd.allow(`${key.file}.pub`);

    const found = await collect(await source({ key, passphrase: 'open sesame' }));
    const without = await failure(await source({ key }));
    const wrong = await failure(await source({ key, passphrase: 'guess' }));

    expect(linesOf(WAITING, found)).toHaveLength(2);
    expect(without).toMatchObject({
      phase: 'login',
      errorClass: 'secret',
      message: 'the private key is encrypted, and there is no `passphrase`',
    });
    expect(wrong).toMatchObject({ phase: 'login', errorClass: 'secret' });
    expect(wrong.message).not.toContain('guess');
  });

  test('says that nobody listens, and recovers within one collection', async () => {
    const mine = await source();
    await collect(mine);

    await sshd.stop();
    const stopped = await failure(mine);
    await sshd.start();
    const back = await collect(mine);

    expect(stopped).toMatchObject({ phase: 'connect', errorClass: 'refused' });
    expect(linesOf(WAITING, back)).toHaveLength(2);
  });

  test('gives up at the bound when the server hangs in the middle, and looks again over a new connection', async () => {
    const mine = await source();
    await collect(mine);
    await sshd.freezeConnections();
    const started = performance.now();

    const error = await failure(mine, undefined, 300);
    const took = performance.now() - started;
    const back = await collect(mine);

    expect(error).toMatchObject({
      phase: 'list',
      errorClass: 'timeout',
      message: `${folder}: 127.0.0.1:${sshd.port} did not answer in time`,
    });
    expect(took).toBeLessThan(1500);
    expect(linesOf(WAITING, back)).toHaveLength(2);
  });

  test('tries again at once when the connection it kept has been dropped meanwhile', async () => {
    const mine = await source();
    await collect(mine);

    await sshd.dropConnections();
    const found = await collect(mine);

    expect(linesOf(WAITING, found)).toHaveLength(2);
  });
});

describe('the sftp source against servers that are none', () => {
  const open: Source[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((created) => created.close()));
  });

  async function source(changes: Partial<SftpOptions>): Promise<Source> {
    const { key: _withPassword, ...rest } = block;
    const options: SftpOptions = { ...rest, password: 'correct horse', host_key: OTHER_FINGERPRINT, ...changes };
    const created = await sftp.create(sourceConfig(options), sourceContext());
    open.push(created);
    return created;
  }

  test('gives up at the bound when the server accepts and says nothing', async () => {
    const { port, connections, stop } = await blackHole();
    const started = performance.now();

    const error = await failure(await source({ port }), undefined, 300);

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'timeout', message: `127.0.0.1:${port} did not answer in time` });
    expect(performance.now() - started).toBeLessThan(1500);
    await until(() => connections() === 0);
    await stop();
  });

  test('says that what answers is no SSH server', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');

    const error = await failure(await source({ port: portOf(server) }));

    expect(error.phase).toBe('connect');
    expect(['protocol', 'lost']).toContain(error.errorClass);
    server.close();
  });

  test('says that nothing listens', async () => {
    const error = await failure(await source({ port: await freePort() }));

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'refused' });
  });
});

/** Accepts connections and never says a word. */
async function blackHole(): Promise<{ port: number; connections: () => number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .resume()
      .on('error', () => {})
      .on('close', () => sockets.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    connections: () => sockets.size,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** A name as `ssh-keygen -H` writes it. */
function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}
