// The ssh source against a real OpenSSH server.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ssh } from '../../../src/sources/ssh/index.js';
import type { EndpointOptions } from '../../../src/sources/ssh/schema.js';
import { describeWith } from '../../servers/describe.js';
import { generateKey, startSshd, type Sshd } from '../../servers/sshd.js';
import { until } from '../../wait.js';
import { Probing, type Probed } from '../probing.js';

const OTHER_FINGERPRINT = 'SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDHq6Xyb5fG1Wl1pHg';

async function keyOf(path: string): Promise<{ env: string; secrets: Record<string, string> }> {
  return { env: 'KEY', secrets: { KEY: await readFile(path, 'utf8'), PASSPHRASE: 'sesame' } };
}

describeWith(['sshd'], 'ssh: IR6: a visit of OpenSSH', () => {
  let sshd: Sshd;
  let folder: string;
  beforeAll(async () => {
    sshd = await startSshd();
    folder = await mkdtemp(join(tmpdir(), 'vigie-ssh-'));
  });
  afterAll(async () => {
    await sshd.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function endpoint(changes: Partial<EndpointOptions> = {}): Promise<EndpointOptions> {
    return { address: `127.0.0.1:${sshd.port}`, host_key: sshd.fingerprint, ...changes };
  }

  async function probe(changes: Partial<EndpointOptions> = {}): Promise<Probed> {
    return Probing.once(ssh, { kind: 'ssh', endpoints: { it: await endpoint(changes) } });
  }

  async function logIn(path: string, more: Partial<EndpointOptions> = {}, passphrase?: { env: string }): Promise<Probed> {
    const { env, secrets } = await keyOf(path);
    const login = { user: sshd.user, key: { env }, ...(passphrase && { passphrase }) };
    return Probing.once(ssh, { kind: 'ssh', endpoints: { it: await endpoint({ login, ...more }) } }, { secrets });
  }

  async function restart(options: Parameters<Sshd['start']>[0]): Promise<void> {
    await sshd.stop();
    await sshd.start(options);
  }

  test('without a login tells its software and what was agreed on', async () => {
    const probed = await probe({ expect: { banner: 'OpenSSH_' } });

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['resolve', 'connect', 'greeting', 'handshake'] });
    const [info] = probed.series('endpoint_ssh_info');
    expect(info?.labels).toMatchObject({ host_key: 'ssh-ed25519', software: expect.stringMatching(/^OpenSSH_/), protocol: 'ssh' });
    expect(info?.labels['cipher']).not.toBe('');
    expect(probed.told).toContain('greets as SSH-2.0-OpenSSH_');
  });

  test('finds the host key in a file of known hosts', async () => {
    const file = join(folder, 'known_hosts');
    await writeFile(file, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);

    expect(await probe({ host_key: { known_hosts: file } })).toMatchObject({ up: 1 });
  });

  test('says that a file of known hosts is missing, and does not accuse the server', async () => {
    await expect(probe({ host_key: { known_hosts: join(folder, 'none') } })).rejects.toMatchObject({
      phase: 'connect',
      errorClass: 'config',
    });
  });

  test('never accepts another host key, and sends nothing to such a server', async () => {
    const probed = await logIn(sshd.userKey, { host_key: OTHER_FINGERPRINT });

    expect(probed).toMatchObject({ up: 0, failure: 'handshake/host_key' });
    expect(probed.phases).not.toContain('login');
    expect(probed.transcript.failure).toContain(sshd.fingerprint);
  });

  test('notices that the host key has changed', async () => {
    await restart({ otherHostKey: true });

    const probed = await probe();
    await restart({});

    expect(probed).toMatchObject({ up: 0, failure: 'handshake/host_key' });
    expect((await probe()).up).toBe(1);
  });

  test('is down where it greets otherwise', async () => {
    expect(await probe({ expect: { banner: 'Cerberus' } })).toMatchObject({ up: 0, failure: 'greeting/greeting' });
  });

  test('is down where it offers an algorithm that must not be there', async () => {
    await restart({ lines: ['Ciphers aes128-ctr,aes128-cbc', 'MACs hmac-sha1,hmac-sha2-256'] });

    const cipher = await probe({ expect: { no_algorithms: ['aes128-cbc', 'ssh-dss'] } });
    const mac = await probe({ expect: { no_algorithms: ['hmac-sha1'] } });
    const neither = await probe({ expect: { no_algorithms: ['3des-cbc', 'diffie-hellman-group1-sha1'] } });
    await restart({});

    expect(cipher).toMatchObject({ failure: 'handshake/algorithms', transcript: { failure: expect.stringMatching(/offers aes128-cbc$/) } });
    expect(mac).toMatchObject({ failure: 'handshake/algorithms' });
    expect(neither).toMatchObject({ up: 1 });
  });

  test('logs in with a key, and out again', async () => {
    const probed = await logIn(sshd.userKey);

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['resolve', 'connect', 'greeting', 'handshake', 'login'] });
    expect(probed.told).not.toContain('PRIVATE KEY');
  });

  test('logs in with an encrypted key', async () => {
    const path = join(folder, 'encrypted');
    await generateKey(path, 'sesame');
    await sshd.allow(`${path}.pub`);

    expect(await logIn(path, { timeout: '20s', every: '20s' }, { env: 'PASSPHRASE' })).toMatchObject({ up: 1 });
    await expect(logIn(path)).rejects.toMatchObject({ phase: 'login', errorClass: 'secret' });
  });

  test('is down where the key is a stranger’s', async () => {
    expect(await logIn(sshd.strangerKey)).toMatchObject({ up: 0, failure: 'login/auth' });
  });

  test('shows host keys that are announced before they are used', async () => {
    await restart({ lines: [`HostKey ${sshd.otherHostKey.file}`, 'HostKeyAlgorithms ssh-ed25519'] });
    const { env, secrets } = await keyOf(sshd.userKey);
    const login = { user: sshd.user, key: { env } };
    const host_key = [sshd.fingerprint, sshd.otherHostKey.fingerprint];
    const it = await endpoint({ login, host_key: host_key[1] ?? '' });
    const probing = await Probing.start(ssh, { kind: 'ssh' as const, endpoints: { it, known: { ...it, host_key } } }, { secrets });

    const probed = await probing.probe();
    const known = await probing.probe('known');
    const warnings = probing.source.warnings?.();
    await probing.close();
    await restart({});

    expect(known.series('endpoint_ssh_host_keys_announced').map(({ labels }) => labels['known'])).toEqual(['true']);
    expect(probed).toMatchObject({ up: 1 });
    expect(probed.series('endpoint_ssh_host_keys_announced').map(({ labels, value }) => [labels['type'], labels['known'], value])).toEqual(
      expect.arrayContaining([['ssh-ed25519', 'false', 1]]),
    );
    expect(warnings).toEqual([expect.stringContaining(sshd.fingerprint)]);
  });

  test('IR7: that hangs after the login has begun ends with the time of the probe, and is no refusal', async () => {
    const { env, secrets } = await keyOf(sshd.userKey);
    const it = await endpoint({ login: { user: sshd.user, key: { env } }, timeout: '700ms' });
    const probing = await Probing.start(ssh, { kind: 'ssh' as const, endpoints: { it } }, { secrets });
    const ended = new AbortController();
    const freezing = (async () => {
      while (!ended.signal.aborted) {
        await sshd.freezeConnections();
        await new Promise(setImmediate);
      }
    })();

    const hanging = await probing.probe();
    ended.abort();
    await freezing;
    await sshd.dropConnections();
    const again = await probing.probe();
    await probing.close();

    expect(hanging).toMatchObject({ up: 0, failure: expect.stringMatching(/^(?:greeting|handshake|login)\/timeout$/) });
    expect(again).toMatchObject({ up: 1 });
  });

  test('leaves no connection behind', async () => {
    const { env, secrets } = await keyOf(sshd.userKey);
    const it = await endpoint({ login: { user: sshd.user, key: { env } } });
    const probing = await Probing.start(ssh, { kind: 'ssh' as const, endpoints: { it } }, { secrets });

    for (let round = 0; round < 5; round++) expect((await probing.probe()).up).toBe(1);
    await probing.close();

    expect(await until(async () => (await sshd.connections()).length === 0)).toBe(true);
  });
});
