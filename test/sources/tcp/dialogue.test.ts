// Dialogues with servers on loopback that speak the protocols as their documents say.

import { createServer as createTls, TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import { tcp } from '../../../src/sources/tcp/index.js';
import type { EndpointOptions, StepOptions } from '../../../src/sources/tcp/schema.js';
import { freePort } from '../../port.js';
import { authority, certificate, pemFolder, type Pair } from '../tls/certificates.js';
import { closeServers, Endpoints, listen, probeOnce, serve, speak, type Probed, type Rig } from './harness.js';

afterEach(closeServers);

async function probe(port: number, endpoint: Omit<EndpointOptions, 'address'> = {}, rig: Rig = {}): Promise<Probed> {
  return await probeOnce(tcp, { kind: 'tcp', endpoints: { it: { address: `127.0.0.1:${port}`, ...endpoint } } }, rig);
}

const FTP: readonly StepOptions[] = [{ expect: '^220 ' }, { send: 'NOOP' }, { expect: '^200 ', unless: '^[45]' }];

/** Answers as FTP does (RFC 959). */
function ftp(socket: Socket): void {
  speak(socket, '220-Welcome\r\n220 ready', (line) => (line === 'NOOP' ? '200 fine' : '502 not implemented'));
}

describe('a tcp endpoint', () => {
  test('without a dialogue is up where the connection stands', async () => {
    const probed = await probe(await serve(() => {}), { partner: 'chuv', flow: 'factures-tge' });

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['resolve', 'connect'] });
    expect(probed.labels['endpoint_up']).toMatchObject({ endpoint: 'it', partner: 'chuv', protocol: 'tcp', origin: 'partner' });
  });

  test('is asked in lines: a greeting of several, an order, its answer', async () => {
    const probed = await probe(await serve(ftp), { dialogue: [...FTP] });

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['resolve', 'connect', 'greeting', 'send', 'wait'] });
    expect(probed.transcript).toContain('sent: NOOP');
    expect(probed.transcript).toContain('came, as expected: 200 fine');
  });

  test('whose lines come byte by byte is understood all the same', async () => {
    const port = await serve((socket) => {
      const write = (text: string) => {
        if (text === '') return;
        socket.write(text.slice(0, 1), () => setImmediate(write, text.slice(1)));
      };
      write('220-Grüezi\r\n220 ready\r\n');
      socket.once('data', () => write('200 fine\r\n'));
    });

    expect(await probe(port, { dialogue: [...FTP] })).toMatchObject({ up: 1 });
  });

  test('may be sent back what it said: POP3 names a challenge', async () => {
    const port = await serve((socket) =>
      speak(socket, '+OK ready <1896.697170952@example.org>', (line) =>
        line === 'ECHO <1896.697170952@example.org> ${plain}' ? '+OK' : '-ERR',
      ),
    );

    const probed = await probe(port, {
      dialogue: [
        { expect: '^\\+OK .*(?<challenge><[^>]+>)' },
        { send: 'ECHO ${challenge} $${plain}' },
        { expect: '^\\+OK', unless: '^-ERR' },
      ],
    });

    expect(probed).toMatchObject({ up: 1 });
  });

  test('is asked in bytes where it does not speak in lines', async () => {
    const port = await serve((socket) => {
      socket.once('data', (data) => socket.write(data.equals(Buffer.from('0102ff', 'hex')) ? Buffer.from('fffe00', 'hex') : 'what?'));
    });

    const probed = await probe(port, {
      lines: 'none',
      encoding: 'latin1',
      dialogue: [{ send_hex: '01 02 FF' }, { expect: '^\\xff\\xfe' }],
    });

    expect(probed).toMatchObject({ up: 1 });
  });

  test('that prompts without the end of a line is asked with lines: none', async () => {
    const port = await serve((socket) => {
      socket.write('login: ');
      socket.once('data', (data) => socket.write(String(data) === 'guest\n' ? 'Password: ' : 'no'));
    });

    const dialogue = [{ expect: 'login: $' }, { send: 'guest\n' }, { expect: 'Password: $' }];

    expect(await probe(port, { lines: 'none', dialogue })).toMatchObject({ up: 1 });
    expect(await probe(port, { dialogue, timeout: '200ms' })).toMatchObject({ up: 0, failure: 'greeting/timeout' });
  });

  test('that refuses is down at once, with its words in the transcript', async () => {
    const port = await serve((socket) => speak(socket, '220 ready', () => '530 no access for \u0007guests'));

    const probed = await probe(port, { dialogue: [...FTP] });

    expect(probed).toMatchObject({ up: 0, failure: 'wait/answer' });
    expect(probed.transcript).toContain('came, not as expected: 530 no access for \\u0007guests');
  });

  test('that says something else is down when its time is over, with its words in the transcript', async () => {
    const port = await serve((socket) => speak(socket, '554 busy', () => ''));

    const probed = await probe(port, { dialogue: [...FTP], timeout: '200ms' });

    expect(probed).toMatchObject({ up: 0, failure: 'greeting/timeout' });
    expect(probed.transcript).toContain('came, not as expected: 554 busy');
  });

  test('that takes longer than `within` is slow', async () => {
    const port = await serve((socket) => void setTimeout(ftp, 60, socket));

    const probed = await probe(port, { dialogue: [...FTP], expect: { within: '30ms' } });

    expect(probed).toMatchObject({ up: 0, failure: 'greeting/slow' });
  });

  test('whose pattern runs away is down, and nothing else waits for it', async () => {
    const port = await serve((socket) => void socket.write(`${'y'.repeat(40)}\r\n`));

    const probed = await probe(port, { dialogue: [{ expect: '^(?:(?:[^x]+)+)+x$' }] });

    expect(probed).toMatchObject({ up: 0, failure: 'greeting/answer' });
    expect(probed.words).toContain('the pattern needs more than 250 ms');
  });
});

describe('a tcp endpoint with a secret', () => {
  const dialogue: StepOptions[] = [
    { expect: '^220 ' },
    { send: 'USER vigie' },
    { expect: '^331 ' },
    { send: ['PASS ', { env: 'PASSWORD' }] },
    { expect: '^230 ', unless: '^5' },
    { send: 'QUIT' },
    { expect: '^221 ' },
  ];
  let logins = 0;
  const server = (socket: Socket) =>
    speak(socket, '220 ready', (line) => {
      if (line.startsWith('USER')) return '331 password, please';
      if (line.startsWith('QUIT')) return '221 bye, Jeanne Dupont';
      logins++;
      return line === 'PASS right-one' ? '230 welcome Jeanne Dupont' : `530 ${line.slice(5)} is wrong`;
    });

  beforeEach(() => {
    logins = 0;
  });

  test('CE12: logs in without showing the secret, nor what it is told afterwards', async () => {
    const probed = await probe(await serve(server), { dialogue }, { secrets: { PASSWORD: 'right-one' } });

    expect(probed).toMatchObject({ up: 1, phases: ['resolve', 'connect', 'greeting', 'login', 'send', 'wait'] });
    expect(probed.transcript).toContain('sent: PASS ***');
    expect(probed.text).not.toMatch(/right-one|Jeanne/);
  });

  test('that is refused is not tried again until the pause is over, and a new one at once', async () => {
    const endpoints = await Endpoints.start(
      tcp,
      { kind: 'tcp', endpoints: { it: { address: `127.0.0.1:${await serve(server)}`, dialogue } } },
      { secrets: { PASSWORD: 'wrong-one' } },
    );

    const first = await endpoints.probe();
    const second = await endpoints.probe();
    endpoints.secrets['PASSWORD'] = 'right-one';
    const third = await endpoints.probe();

    expect([first.failure, second.failure, third.failure]).toEqual(['login/auth', 'login/login_paused', undefined]);
    expect(first.text).not.toContain('wrong-one');
    expect(second.values).toMatchObject({ vigie_login_paused: 1, vigie_login_rejections: 1 });
    expect(logins).toBe(2);
  });

  test('that is answered by something unexpected until the time is over counts as refused too', async () => {
    const port = await serve((socket) => speak(socket, '', (line) => (line === 'wrong-one' ? 'Bad luck' : undefined)));
    const endpoints = await Endpoints.start(
      tcp,
      {
        kind: 'tcp',
        endpoints: { it: { address: `127.0.0.1:${port}`, timeout: '300ms', dialogue: [{ send: { env: 'PASSWORD' } }, { expect: '^OK' }] } },
      },
      { secrets: { PASSWORD: 'wrong-one' } },
    );

    expect([(await endpoints.probe()).failure, (await endpoints.probe()).failure]).toEqual(['login/timeout', 'login/login_paused']);
  });

  test('that cannot be read accuses nobody', async () => {
    const port = await serve(server);

    await expect(probe(port, { dialogue })).rejects.toThrow('the secret cannot be read');
  });
});

describe('a tcp endpoint over TLS', () => {
  const pem = { ca: '', other: '', clientCert: '' };
  let folder: Awaited<ReturnType<typeof pemFolder>>;
  let ca: Pair;
  let server: Pair;
  let client: Pair;

  beforeAll(async () => {
    folder = await pemFolder();
    ca = await authority('Authority of the tests');
    server = await certificate('127.0.0.1', { by: ca });
    client = await certificate('vigie', { by: ca });
    pem.ca = await folder.write('ca.pem', ca.cert);
    pem.clientCert = await folder.write('client.pem', client.cert);
    pem.other = await folder.write('other.pem', (await authority('Another authority')).cert);
  });
  afterAll(() => folder.remove());

  /** Answers AUTH TLS as RFC 4217 says. @param before what is sent with the answer, in plain text */
  const ftps = (before = '') =>
    serve((socket) => {
      let plain = true;
      speak(socket, '220 ready', (line) => {
        if (!plain) return '';
        if (line !== 'AUTH TLS') return '502 not implemented';
        plain = false;
        socket.removeAllListeners('data');
        socket.write(`234 go on\r\n${before}`);
        const secured = new TLSSocket(socket, { isServer: true, ...server });
        secured.on('error', () => {});
        speak(secured, '', (order) => (order === 'NOOP' ? '200 fine' : '502 not implemented'));
        return '';
      });
    });

  const starttls: StepOptions[] = [
    { expect: '^220 ' },
    { send: 'AUTH TLS' },
    { expect: '^234 ', unless: '^[45]' },
    { starttls: true },
    { send: 'NOOP' },
    { expect: '^200 ' },
  ];

  test('from the start: the metrics of its certificate, and the dialogue', async () => {
    const port = await listen(createTls(server, (socket) => speak(socket, '220 ready', () => '200 fine')));

    const probed = await probe(port, { tls: { ca: pem.ca }, dialogue: [...FTP] });

    expect(probed).toMatchObject({ up: 1, phases: ['resolve', 'connect', 'greeting', 'tls', 'send', 'wait'] });
    expect(probed.labels['endpoint_certificate_info']).toMatchObject({ issuer: 'Authority of the tests', key: 'EC P-256' });
  });

  test('on demand: FTP with AUTH TLS', async () => {
    const probed = await probe(await ftps(), { tls: { ca: pem.ca }, dialogue: starttls });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.values['endpoint_certificate_expiry_timestamp_seconds']).toBeGreaterThan(Date.now() / 1000);
    expect(probed.transcript).toMatch(/sent: AUTH TLS[^]*TLSv1\.3[^]*sent: NOOP[^]*200 fine/);
  });

  test('is down where the certificate is not trusted, and nothing is sent', async () => {
    const probed = await probe(await ftps(), { tls: { ca: pem.other }, dialogue: starttls });

    expect(probed).toMatchObject({ up: 0, failure: 'tls/certificate_untrusted' });
    expect(probed.transcript).not.toContain('NOOP');
  });

  test('is down where words slip in before the handshake: somebody in between may have put them there', async () => {
    const probed = await probe(await ftps('200 fine\r\n'), { tls: { ca: pem.ca }, dialogue: starttls });

    expect(probed).toMatchObject({ up: 0, failure: 'tls/protocol' });
  });

  test('that wants a certificate of ours says so after the handshake', async () => {
    const options = { ...server, requestCert: true, rejectUnauthorized: true, ca: ca.cert };
    const port = await listen(createTls(options, (socket) => speak(socket, '220 ready', () => '200 fine')));

    const without = await probe(port, { tls: { ca: pem.ca }, dialogue: [...FTP] });
    const with_ = await probe(
      port,
      { tls: { ca: pem.ca, certificate: pem.clientCert, key: { env: 'KEY' } }, dialogue: [...FTP] },
      { secrets: { KEY: client.key } },
    );

    expect(without).toMatchObject({ up: 0, failure: 'tls/client_certificate' });
    expect(with_).toMatchObject({ up: 1 });
  });

  test('whose authority is not there accuses nobody', async () => {
    await expect(probe(await freePort(), { tls: { ca: `${pem.ca}.gone` } })).rejects.toThrow('does not exist');
  });
});
