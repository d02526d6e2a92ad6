// Servers that are not as they should be: each fault has a reason of its own, ends with the probe's time, and leaves nothing behind.

import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { AuthContext } from 'ssh2';
import { ssh } from '../../../src/sources/ssh/index.js';
import type { EndpointOptions } from '../../../src/sources/ssh/schema.js';
import { freePort } from '../../port.js';
import { until } from '../../wait.js';
import { Probing, type Probed } from '../probing.js';
import { disconnect, GREETING, packet, startDouble, startServer, writeForEver, type Double } from './doubles.js';

const TIMEOUT_MS = 400;
const PASSWORD = 'correct horse battery staple';

let double: Double | undefined;
afterEach(async () => {
  await double?.close();
  double = undefined;
});

function probe(server: Double, changes: Partial<EndpointOptions> = {}, timeout = 4000): Promise<Probed> {
  const it = { address: server.address, host_key: server.fingerprint, ...changes };
  return Probing.once(ssh, { kind: 'ssh', endpoints: { it } }, { timeout });
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

const silence = () => {};

describe('ssh: IR7: a server that is not as it should be has a reason of its own', () => {
  test.each<[string, (socket: Socket) => void, string, string]>([
    ['says nothing', silence, 'greeting/timeout', ''],
    ['hangs up at once', (socket) => socket.end(), 'greeting/reset', 'without a greeting'],
    ['resets the connection', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'greeting/reset', ''],
    ['speaks HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'greeting/protocol', 'does not greet'],
    ['speaks HTTP and waits', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'greeting/timeout', ''],
    ['has too many connections', (socket) => socket.end('Exceeded MaxStartups\r\n'), 'greeting/protocol', 'MaxStartups'],
    ['keeps us off', (socket) => socket.end('Not allowed at this time\r\n'), 'greeting/protocol', 'PerSourcePenalties'],
    ['speaks SSH 1.5 only', (socket) => socket.write('SSH-1.5-Old\r\n'), 'greeting/protocol', ''],
    ['greets byte by byte, for ever', (socket) => socket.write('S'), 'greeting/timeout', ''],
    ['talks for ever without a line', (socket) => writeForEver(socket, 'x'), 'greeting/too_large', ''],
    ['talks for ever in lines', (socket) => writeForEver(socket, 'Welcome to this server.\r\n'), 'greeting/too_large', ''],
    ['greets and says nothing more', (socket) => socket.write(GREETING), 'handshake/timeout', 'SSH-2.0-Double_1.0'],
    ['greets and hangs up', (socket) => socket.end(GREETING), 'handshake/reset', 'during the handshake'],
    ['greets and sends garbage', (socket) => socket.write(`${GREETING}${'garbage '.repeat(1000)}`), 'handshake/protocol', ''],
    [
      'greets and sends a packet that is none',
      (socket) => socket.write(Buffer.concat([Buffer.from(GREETING), packet(Buffer.from([20, 1, 2]))])),
      'handshake/protocol',
      '',
    ],
    [
      'disconnects for no key exchange',
      (socket) => socket.write(Buffer.concat([Buffer.from(GREETING), disconnect(3)])),
      'handshake/algorithms',
      'reason 3',
    ],
    [
      'disconnects for another reason',
      (socket) => socket.write(Buffer.concat([Buffer.from(GREETING), disconnect(2)])),
      'handshake/reset',
      'reason 2',
    ],
  ])('%s', async (_title, behave, failure, told) => {
    double = await startDouble(behave);

    const probed = await probe(double, {}, TIMEOUT_MS);

    expect(probed).toMatchObject({ up: 0, failure });
    expect(probed.told).toContain(told);
    expect(probed.transcript.durationMs).toBeLessThan(TIMEOUT_MS + 1000);
  });

  test('nothing listens there', async () => {
    const address = `127.0.0.1:${await freePort()}`;

    expect(await probe({ address, fingerprint: `SHA256:${'A'.repeat(43)}`, close: async () => {} })).toMatchObject({
      failure: 'connect/refused',
    });
  });

  test('its name does not resolve', async () => {
    expect(
      await probe({ address: 'no-such-server.invalid', fingerprint: `SHA256:${'A'.repeat(43)}`, close: async () => {} }),
    ).toMatchObject({
      failure: 'resolve/dns',
    });
  });

  test.each<[string, object]>([
    ['key exchange', { kex: ['diffie-hellman-group1-sha1'] }],
    ['C->S cipher', { cipher: ['aes128-cbc'] }],
    ['C->S MAC', { cipher: ['aes128-ctr'], hmac: ['hmac-md5'] }],
  ])('has nothing in common with us: %s', async (what, algorithms) => {
    double = await startServer(() => {}, { algorithms });

    const probed = await probe(double);

    expect(probed).toMatchObject({ up: 0, failure: 'handshake/algorithms' });
    expect(probed.transcript.failure).toContain(`no ${what}`);
    expect(probed.transcript.failure).toContain('it offers');
  });

  test('all its reasons are counted from the start', async () => {
    const endpoints = { it: { address: 'sftp.example.org', host_key: `SHA256:${'A'.repeat(43)}`, login: { user: 'v', password: 'p' } } };
    const probing = await Probing.start(ssh, { kind: 'ssh' as const, endpoints });

    const counted = probing.failures();
    await probing.close();

    expect(counted).toEqual(
      expect.arrayContaining([
        'connect/refused',
        'greeting/greeting',
        'handshake/host_key',
        'handshake/algorithms',
        'login/auth',
        'login/login_paused',
      ]),
    );
  });

  test('servers that hang disturb no neighbour, and no connection is left behind', async () => {
    const hanging = await startDouble((socket) => socket.write(GREETING));
    double = await startServer(() => {});
    const probing = await Probing.start(ssh, {
      kind: 'ssh' as const,
      endpoints: {
        hanging: { address: hanging.address, host_key: hanging.fingerprint, timeout: '700ms' },
        it: { address: double.address, host_key: double.fingerprint },
      },
    });
    await probing.probe();
    const before = descriptors();

    const waiting = Array.from({ length: 4 }, () => probing.probe('hanging'));
    for (let round = 0; round < 50; round++) expect((await probing.probe()).up).toBe(1);
    for (const probed of await Promise.all(waiting)) expect(probed).toMatchObject({ up: 0, failure: 'handshake/timeout' });

    await probing.close();
    await hanging.close();
    expect(await until(() => descriptors() <= before + 2)).toBe(true);
  });
});

describe('ssh: a login by password', () => {
  const login = { user: 'vigie', password: PASSWORD };
  const isRight = (request: AuthContext) => request.method === 'password' && request.password === PASSWORD;
  const byPassword = (request: AuthContext) => (isRight(request) ? request.accept() : request.reject(['password']));

  test('is accepted', async () => {
    double = await startServer(byPassword);

    const probed = await probe(double, { login });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.phases).toEqual(['resolve', 'connect', 'greeting', 'handshake', 'login']);
    expect(probed.told).not.toContain(PASSWORD);
  });

  test('is refused once, and then waits, so that the account is not locked', async () => {
    const server = await startServer(byPassword);
    double = server;
    const endpoints = { it: { address: server.address, host_key: server.fingerprint, login: { user: 'vigie', password: 'wrong' } } };
    const probing = await Probing.start(ssh, { kind: 'ssh' as const, endpoints });

    const first = await probing.probe();
    const second = await probing.probe();
    await probing.close();

    expect(first).toMatchObject({ up: 0, failure: 'login/auth' });
    expect(second).toMatchObject({ up: 0, failure: 'login/login_paused' });
    expect(server.requests.filter((method) => method === 'password')).toHaveLength(1);
    expect(second.value('vigie_login_paused')).toBe(1);
  });

  test('answers a question for the password, and none that follows', async () => {
    const answers: string[][] = [];
    double = await startServer((request) => {
      if (request.method !== 'keyboard-interactive') return request.reject(['keyboard-interactive']);
      request.prompt([{ prompt: 'Password: ', echo: false }], (given) => {
        answers.push([...given]);
        request.prompt([{ prompt: 'New password: ', echo: false }], (more) => {
          answers.push([...more]);
          request.reject([]);
        });
      });
    });

    const probed = await probe(double, { login });

    expect(answers).toEqual([[PASSWORD], ['']]);
    expect(probed).toMatchObject({ failure: 'login/auth' });
  });

  test('is not tried where the server wants another way: that is no refusal', async () => {
    const server = await startServer((request) => request.reject(['publickey']));
    double = server;
    const probing = await Probing.start(ssh, {
      kind: 'ssh' as const,
      endpoints: { it: { address: server.address, host_key: server.fingerprint, login } },
    });

    const first = await probing.probe();
    const second = await probing.probe();
    await probing.close();

    expect(first).toMatchObject({ failure: 'login/auth', transcript: { failure: expect.stringContaining('it offers publickey') } });
    expect(second).toMatchObject({ failure: 'login/auth' });
    expect(server.requests).toEqual(['none', 'none']);
  });

  test('that is never answered ends with the time of the probe, and is no refusal', async () => {
    double = await startServer((request) => (request.method === 'none' ? request.reject(['password']) : undefined));

    expect(await probe(double, { login }, TIMEOUT_MS)).toMatchObject({ up: 0, failure: 'login/timeout' });
  });
});
