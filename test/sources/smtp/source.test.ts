// Mail servers, probed over real connections.

import type { Socket } from 'node:net';
import { smtp } from '../../../src/sources/smtp/index.js';
import type { EndpointOptions } from '../../../src/sources/smtp/schema.js';
import { until } from '../../wait.js';
import { closeServers, Endpoints, probeOnce, serve, speak, type Probed, type Rig } from '../tcp/harness.js';
import { authority, certificate, pemFolder, type Pair } from '../tls/certificates.js';
import { startMailServer, type MailServer } from './server.js';

let folder: Awaited<ReturnType<typeof pemFolder>>;
let pair: Pair;
let expired: Pair;
let ca: string;

beforeAll(async () => {
  folder = await pemFolder();
  const root = await authority('Root of the tests');
  pair = await certificate('127.0.0.1', { by: root });
  expired = await certificate('127.0.0.1', { by: root, days: [-10, -1] });
  ca = await folder.write('ca.pem', root.cert);
});
afterAll(() => folder.remove());
afterEach(closeServers);

function options(port: number, endpoint: Partial<EndpointOptions> = {}) {
  const tls = endpoint.encryption === 'none' ? {} : { tls: { ca } };
  return { kind: 'smtp' as const, endpoints: { it: { address: `127.0.0.1:${port}`, ...tls, ...endpoint } } };
}

async function probe(port: number, endpoint: Partial<EndpointOptions> = {}, rig: Rig = {}): Promise<Probed> {
  return await probeOnce(smtp, options(port, endpoint), rig);
}

/** A server with STARTTLS. */
function secured(changes: MailServer = {}): MailServer {
  return { pair, offers: ['STARTTLS', 'SIZE 1000'], offersSecured: ['SIZE 26214400', '8BITMIME', 'AUTH PLAIN LOGIN'], ...changes };
}

const login = { user: 'vigie@example.org', password: { env: 'PASSWORD' } };
const account = { user: login.user, password: 'right-one' };

describe('a mail server', () => {
  test('is greeted, secured, asked what it offers and left politely', async () => {
    const { port, heard } = await startMailServer(secured());

    const probed = await probe(port, {
      partner: 'chuv',
      expect: { extensions: ['STARTTLS', 'size', '8BITMIME'], size_at_least: 20_000_000 },
    });

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['resolve', 'connect', 'greeting', 'tls', 'send', 'wait'] });
    expect(probed.labels['endpoint_up']).toMatchObject({ protocol: 'smtp', partner: 'chuv' });
    expect(probed.values['endpoint_certificate_expiry_timestamp_seconds']).toBeGreaterThan(Date.now() / 1000);
    await until(() => heard.includes('QUIT'));
    expect(heard).toEqual(['EHLO [127.0.0.1]', 'STARTTLS', 'EHLO [127.0.0.1]', 'QUIT']);
  });

  test('is asked over TLS from the start with encryption: implicit', async () => {
    const { port, heard } = await startMailServer(secured({ implicit: true }));

    const probed = await probe(port, { encryption: 'implicit', ehlo: 'vigie.example.org' });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(heard[0]).toBe('EHLO vigie.example.org');
    expect(heard).not.toContain('STARTTLS');
  });

  test.each<[string, MailServer, Partial<EndpointOptions>, string | undefined]>([
    ['none', { offers: [] }, { encryption: 'none' }, undefined],
    ['optional, where it offers none', { offers: [] }, { encryption: 'optional' }, undefined],
    ['starttls, where it offers none', { offers: [] }, {}, 'tls/tls'],
    ['starttls, where it fails to start it', { offers: ['STARTTLS'] }, {}, 'wait/status'],
  ])('with encryption %s', async (_what, server, endpoint, failure) => {
    const probed = await probe((await startMailServer(server)).port, endpoint);

    expect(probed).toMatchObject({ up: failure === undefined ? 1 : 0, failure });
    if (failure !== undefined) expect(probed.declared).toContain(failure);
  });

  test('with a wrong certificate is down for it, also where encryption is optional', async () => {
    const { port, heard } = await startMailServer(secured({ pair: expired }));

    expect(await probe(port, { encryption: 'optional' })).toMatchObject({ up: 0, failure: 'tls/certificate_expired' });
    expect(heard).toEqual(['EHLO [127.0.0.1]', 'STARTTLS']);
  });

  test('is down where words slip in before the handshake', async () => {
    const { port } = await startMailServer(secured({ slipped: '250 fine\r\n' }));

    expect(await probe(port)).toMatchObject({ up: 0, failure: 'tls/protocol' });
  });

  test.each<[string, EndpointOptions['expect'], string]>([
    ['an extension that it does not offer', { extensions: ['SIZE', 'SMTPUTF8'] }, 'it does not offer SMTPUTF8'],
    ['a size that it does not take', { size_at_least: 30_000_000 }, 'it takes mails of 26214400 bytes at most, not of 30000000'],
  ])('of which is expected %s', async (_what, expect_, words) => {
    const probed = await probe((await startMailServer(secured())).port, { ...(expect_ && { expect: expect_ }) });

    expect(probed).toMatchObject({ up: 0, failure: 'wait/answer' });
    expect(probed.words).toContain(words);
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['greets with 554', (socket) => speak(socket, '554 no service here', () => ''), 'greeting/greeting'],
    ['greets with 421', (socket) => speak(socket, '421 too busy', () => undefined), 'greeting/greeting'],
    ['greets as FTP with letters', (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'), 'greeting/protocol'],
    ['greets without end', (socket) => socket.write(`220${'-more\r\n220'.repeat(200)}`), 'greeting/protocol'],
    ['greets with a line without end', (socket) => socket.write('220 '.repeat(40_000)), 'greeting/too_large'],
    ['says nothing', () => {}, 'greeting/timeout'],
    ['greets byte by byte without end', slowly, 'greeting/timeout'],
    ['hangs up', (socket) => socket.end(), 'greeting/reset'],
    ['resets when it is asked', (socket) => socket.once('data', () => socket.resetAndDestroy()).write('220 ready\r\n'), 'wait/reset'],
    ['does not answer', (socket) => socket.write('220 ready\r\n'), 'wait/timeout'],
    ['hangs up when it is asked', (socket) => speak(socket, '220 ready', () => undefined), 'wait/reset'],
    ['knows no EHLO', (socket) => speak(socket, '220 ready', () => '502 no such order'), 'wait/status'],
  ])('that %s', async (_what, onSocket, failure) => {
    const probed = await probe(await serve(onSocket), { timeout: '300ms' });

    expect(probed).toMatchObject({ up: 0, failure });
    expect(probed.declared).toContain(failure);
  });
});

function slowly(socket: Socket): void {
  const timer = setInterval(() => socket.write('2'), 20);
  socket.once('close', () => clearInterval(timer));
}

describe('a mail server with a login', () => {
  test.each(['AUTH PLAIN LOGIN', 'AUTH LOGIN', 'AUTH=LOGIN'])('that offers %s is logged in to, without showing how', async (offer) => {
    const { port } = await startMailServer(secured({ ...account, offersSecured: [offer] }));

    const probed = await probe(port, { login }, { secrets: { PASSWORD: 'right-one' } });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.phases).toContain('login');
    for (const secret of ['right-one', 'vigie@example.org', `\0vigie@example.org\0right-one`]) {
      expect(probed.text).not.toContain(secret);
      expect(probed.text).not.toContain(Buffer.from(secret).toString('base64'));
    }
  });

  test.each(['AUTH PLAIN', 'AUTH LOGIN'])('that refuses the password over %s is not asked again until the pause is over', async (offer) => {
    const { port, heard } = await startMailServer(secured({ ...account, offersSecured: [offer] }));
    const endpoints = await Endpoints.start(smtp, options(port, { login }), { secrets: { PASSWORD: 'wrong-one' } });

    const [first, second] = [await endpoints.probe(), await endpoints.probe()];
    endpoints.secrets['PASSWORD'] = 'right-one';
    const third = await endpoints.probe();

    expect([first.failure, second.failure, third.failure]).toEqual(['login/auth', 'login/login_paused', undefined]);
    expect(first.declared).toContain('login/auth');
    expect(heard.filter((line) => line.startsWith('AUTH'))).toHaveLength(2);
  });

  test.each([
    ['454 4.7.0 later', 'login/status'],
    ['504 no such mechanism', 'login/status'],
    ['530 TLS first', 'login/status'],
    ['550 5.7.1 your account is locked', 'login/auth'],
  ])('that answers "%s"', async (refusal, failure) => {
    const { port } = await startMailServer(secured({ ...account, refusal }));
    const endpoints = await Endpoints.start(smtp, options(port, { login }), { secrets: { PASSWORD: 'wrong-one' } });

    const [first, second] = [await endpoints.probe(), await endpoints.probe()];

    expect(first).toMatchObject({ up: 0, failure });
    expect(second.failure).toBe(failure === 'login/auth' ? 'login/login_paused' : failure);
  });

  test('that offers no way to log in', async () => {
    const { port } = await startMailServer(secured({ offersSecured: ['AUTH GSSAPI'] }));

    expect(await probe(port, { login }, { secrets: { PASSWORD: 'x' } })).toMatchObject({ up: 0, failure: 'login/protocol' });
  });

  test('is told no password in plain, where encryption is optional and not offered', async () => {
    const { port, heard } = await startMailServer({ ...account, offers: ['AUTH PLAIN'] });

    const probed = await probe(port, { encryption: 'optional', login }, { secrets: { PASSWORD: 'right-one' } });

    expect(probed).toMatchObject({ up: 0, failure: 'tls/tls' });
    expect(heard).toEqual(['EHLO [127.0.0.1]']);
  });
});

describe('a mail server that is asked whether it would take a mail', () => {
  const envelope = { from: 'vigie@example.org', to: 'jeanne.dupont@example.org' };

  test('is asked so far and no further', async () => {
    const { port, heard } = await startMailServer(secured());

    const probed = await probe(port, { envelope });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    await until(() => heard.includes('QUIT'));
    expect(heard.slice(3)).toEqual(['MAIL FROM:<vigie@example.org>', 'RCPT TO:<jeanne.dupont@example.org>', 'RSET', 'QUIT']);
  });

  test.each([
    ['RCPT', '550 5.1.1 <jeanne.dupont@example.org>: Jeanne Dupont has left', 'RCPT TO was answered with 550 5.1.1'],
    ['RCPT', '450 4.7.1 greylisted', 'RCPT TO was answered with 450 4.7.1'],
    ['MAIL', '552 too much', 'MAIL FROM was answered with 552'],
  ])('and refuses %s with "%s" is down, and names nobody', async (order, reply, words) => {
    const { port } = await startMailServer(secured({ replies: { [order]: reply } }));

    const probed = await probe(port, { envelope });

    expect(probed).toMatchObject({ up: 0, failure: 'wait/status' });
    expect(probed.words).toContain(words);
    expect(probed.text).not.toMatch(/jeanne/i);
  });
});
