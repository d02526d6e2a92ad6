// Certificates as they should and should not be, shown by servers on loopback.

import { spawn, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer as createTls, type TlsOptions } from 'node:tls';
import { tls } from '../../../src/sources/tls/index.js';
import type { EndpointOptions } from '../../../src/sources/tls/schema.js';
import { freePort } from '../../port.js';
import { describeWith, program } from '../../servers/describe.js';
import { until } from '../../wait.js';
import { closeServers, listen, probeOnce, serve, type Probed, type Rig } from '../tcp/harness.js';
import { authority, certificate, pemFolder, withChain, type Pair } from './certificates.js';

const NAME = 'api.partner.example.org';
const EXPIRY = 'endpoint_certificate_expiry_timestamp_seconds';
const CHAIN_EXPIRY = 'endpoint_certificate_chain_expiry_timestamp_seconds';
const DAY = 86_400;

let folder: Awaited<ReturnType<typeof pemFolder>>;
let root: Pair;
let rsaRoot: Pair;
let between: Pair;
let good: Pair;
/** The PEM file of both roots. */
let ca: string;

beforeAll(async () => {
  folder = await pemFolder();
  root = await authority('Root of the tests');
  rsaRoot = await authority('RSA root of the tests', { keyType: 'rsa', keySize: 2048 });
  between = await authority('Authority in between', { by: root, days: [-10, 20] });
  good = withChain(await certificate(NAME, { by: between }), between);
  ca = await folder.write('ca.pem', `${root.cert}\n${rsaRoot.cert}`);
});
afterAll(() => folder.remove());
afterEach(closeServers);

/** Serves whatever the certificate is like: OpenSSL itself would refuse weak ones. */
async function show(pair: Pair, options: TlsOptions = {}): Promise<number> {
  const server = createTls({ ...pair, ciphers: 'DEFAULT@SECLEVEL=0', ...options }, (socket) => {
    socket.on('error', () => {}).resume();
  });
  return await listen(server.on('tlsClientError', () => {}));
}

async function probe(port: number, endpoint: Partial<EndpointOptions> = {}, rig: Rig = {}): Promise<Probed> {
  const it = { address: `127.0.0.1:${port}`, server_name: NAME, ca, ...endpoint };
  return await probeOnce(tls, { kind: 'tls', endpoints: { it } }, rig);
}

function days(value: number | undefined): number {
  return Math.round(((value ?? NaN) - Date.now() / 1000) / DAY);
}

describe('a tls endpoint', () => {
  test('with a good certificate tells all of it', async () => {
    const probed = await probe(await show(good), { partner: 'chuv' });

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['resolve', 'connect', 'tls'] });
    expect(days(probed.values[EXPIRY])).toBe(30);
    expect(days(probed.values[CHAIN_EXPIRY])).toBe(20);
    expect(probed.labels['endpoint_certificate_info']).toMatchObject({
      protocol: 'tls',
      partner: 'chuv',
      issuer: 'Authority in between',
      key: 'EC P-256',
    });
    expect(probed.labels['endpoint_tls_info']).toMatchObject({ version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' });
    expect(probed.transcript).toMatch(
      /certificate of api\.partner\.example\.org, EC P-256, issued by Authority in between[^]*sent with it/,
    );
  });

  const wrong: [string, () => Promise<Pair>, string, RegExp][] = [
    ['expired', () => certificate(NAME, { by: root, days: [-10, -1] }), 'certificate_expired', /it expired at/],
    ['not yet valid', () => certificate(NAME, { by: root, days: [1, 10] }), 'certificate_not_yet_valid', /it is valid from/],
    [
      'for another name',
      () => certificate('www.partner.example.org', { by: root }),
      'certificate_name',
      /it is for www\.partner\.example\.org, not for api\.partner\.example\.org/,
    ],
    ['signed by itself', () => certificate(NAME), 'certificate_untrusted', /it is signed by itself/],
    [
      'of an unknown authority',
      async () => certificate(NAME, { by: await authority('Stranger') }),
      'certificate_untrusted',
      /Stranger is not among the authorities trusted here/,
    ],
    [
      'of an unknown authority that is sent with it',
      async () => {
        const stranger = await authority('Stranger');
        return withChain(await certificate(NAME, { by: stranger }), stranger);
      },
      'certificate_untrusted',
      /its authority, Stranger, is not among those trusted here/,
    ],
    [
      'without the authority in between',
      () => certificate(NAME, { by: between }),
      'certificate_untrusted',
      /Authority in between is not among the authorities trusted here \(tls\.ca\), or the server forgets to send/,
    ],
    [
      'below an authority that has expired',
      async () => {
        const old = await authority('Old authority', { by: root, days: [-20, -2] });
        return withChain(await certificate(NAME, { by: old }), old);
      },
      'certificate_expired',
      /the authority Old authority expired at/,
    ],
    [
      'with a key of 1024 bits',
      () => certificate(NAME, { by: rsaRoot, keyType: 'rsa', keySize: 1024 }),
      'certificate_weak',
      /it has a weak key, RSA 1024/,
    ],
    [
      'signed with SHA-1',
      () => certificate(NAME, { by: rsaRoot, keyType: 'rsa', keySize: 2048, algorithm: 'sha1' }),
      'certificate_weak',
      /it is signed with a weak digest, SHA1/,
    ],
    [
      'below an authority with a weak key',
      async () => {
        const weak = await authority('Weak authority', { by: rsaRoot, keyType: 'rsa', keySize: 1024 });
        return withChain(await certificate(NAME, { by: weak, keyType: 'rsa', keySize: 2048 }), weak);
      },
      'certificate_weak',
      /the authority Weak authority has a weak key, RSA 1024/,
    ],
    [
      'weak and signed by itself',
      () => certificate(NAME, { keyType: 'rsa', keySize: 1024 }),
      // What OpenSSL finds last counts.
      'certificate_weak',
      /RSA 1024/,
    ],
  ];

  describe.each([{}, { versions: { max: 'TLSv1.2' } }] as const)('(%j)', (endpoint) => {
    test.each(wrong)('with a certificate %s is down for this reason, and its metrics are there', async (_what, make, reason, words) => {
      const probed = await probe(await show(await make()), endpoint);

      expect(probed).toMatchObject({ up: 0, failure: `tls/${reason}` });
      expect(probed.words).toMatch(words);
      expect(probed.values[EXPIRY]).toBeDefined();
      expect(probed.values[CHAIN_EXPIRY]).toBeLessThanOrEqual(probed.values[EXPIRY] ?? 0);
      expect(probed.labels['endpoint_certificate_info']).toBeDefined();
      expect(probed.declared).toContain(`tls/${reason}`);
    });
  });

  test('tells an expiry in the past: that of the authority in between, where it is the first', async () => {
    const old = await authority('Old authority', { by: root, days: [-20, -2] });

    const probed = await probe(await show(withChain(await certificate(NAME, { by: old }), old)));

    expect([days(probed.values[EXPIRY]), days(probed.values[CHAIN_EXPIRY])]).toEqual([30, -2]);
  });

  test('with `insecure` is up whatever its certificate is like, and says so', async () => {
    const probed = await probeOnce(tls, {
      kind: 'tls',
      endpoints: { it: { address: `127.0.0.1:${await show(await certificate(NAME, { days: [-10, -1] }))}`, insecure: true } },
    });

    expect(probed.up).toBe(1);
    expect(probed.transcript).toMatch(/accepted all the same \(insecure\): certificate_expired/);
  });

  test('finds weak certificates with old versions of TLS too, for which OpenSSL itself lets them pass', async () => {
    const weak = await certificate(NAME, { by: rsaRoot, keyType: 'rsa', keySize: 1024 });
    const port = await show(weak, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });

    expect(await probe(port, { versions: { min: 'TLSv1' } })).toMatchObject({ failure: 'tls/certificate_weak' });
  });
});

describe('a tls endpoint that wants a certificate of ours', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)('over %s is down without one', async (version) => {
    const client = await certificate('vigie', { by: root });
    const options = { requestCert: true, rejectUnauthorized: true, ca: root.cert, minVersion: version, maxVersion: version };
    const port = await show(good, options);
    const ours = { certificate: await folder.write('client.pem', client.cert), key: { env: 'KEY' } };

    expect(await probe(port)).toMatchObject({ up: 0, failure: 'tls/client_certificate' });
    expect(await probe(port, ours, { secrets: { KEY: client.key } })).toMatchObject({ up: 1, failure: undefined });
  });

  test('is told from one that only asks for it', async () => {
    expect(await probe(await show(good, { requestCert: true, rejectUnauthorized: false }))).toMatchObject({ up: 1 });
  });

  test('tells its certificate all the same', async () => {
    const probed = await probe(await show(good, { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }));

    expect(days(probed.values[EXPIRY])).toBe(30);
  });
});

describeWith(['openssl'], 'the server of OpenSSL', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill());

  test.each(['-tls1_3', '-tls1_2'])('%s does not accept a certificate of ours by an authority that it does not know', async (version) => {
    const port = await freePort();
    const files = {
      '-cert': await folder.write('server.pem', good.cert),
      '-cert_chain': await folder.write('between.pem', between.cert),
      '-key': await folder.write('server.key', good.key),
      '-CAfile': ca,
    };
    const options = ['-Verify', '1', '-verify_return_error', '-quiet', version, '-accept', `127.0.0.1:${port}`];
    child = spawn(program('openssl'), ['s_server', ...options, ...Object.entries(files).flat()], { stdio: ['pipe', 'ignore', 'ignore'] });
    await until(async () => (await probe(port)).failure === 'tls/client_certificate');
    const stranger = await certificate('vigie');
    const unknown = { certificate: await folder.write('stranger.pem', stranger.cert), key: { env: 'KEY' } };

    const probed = await probe(port, unknown, { secrets: { KEY: stranger.key } });

    expect(probed).toMatchObject({ up: 0, failure: 'tls/client_certificate' });
    expect(probed.words).toContain('it does not accept our certificate');
  });
});

describe('a tls endpoint', () => {
  test.each<[string, TlsOptions, Partial<EndpointOptions>, string]>([
    ['no version in common', { maxVersion: 'TLSv1.2' }, { versions: { min: 'TLSv1.3' } }, 'tls/tls_version'],
    ['old versions only', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, {}, 'tls/tls_version'],
    ['no cipher in common', { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES256-SHA' }, {}, 'tls/tls_cipher'],
    ['no application protocol in common', { ALPNProtocols: ['h2'] }, { alpn: ['imap'] }, 'tls/tls'],
  ])('with %s', async (_what, options, endpoint, failure) => {
    expect(await probe(await show(good, options), endpoint)).toMatchObject({ up: 0, failure });
  });

  test('with old versions is up where they are accepted', async () => {
    const probed = await probe(await show(good, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }), { versions: { min: 'TLSv1' } });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.labels['endpoint_tls_info']).toMatchObject({ version: 'TLSv1.1' });
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['speaks something else', (socket) => socket.write('220 mail.example.org ESMTP\r\n'), 'tls/tls'],
    ['hangs up', (socket) => socket.end(), 'tls/reset'],
    ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'tls/reset'],
    ['says nothing', () => {}, 'tls/timeout'],
    ['speaks garbage', (socket) => socket.once('data', () => socket.write(Buffer.alloc(4096, 0x16))), 'tls/tls'],
  ])('that %s instead of a handshake', async (_what, onSocket, failure) => {
    const probed = await probe(await serve(onSocket), { timeout: '300ms' });

    expect(probed).toMatchObject({ up: 0, failure });
    expect(probed.declared).toContain(failure);
  });
});

describe('what is expected of a tls endpoint', () => {
  test.each<[string, EndpointOptions['expect'], string | undefined]>([
    ['that it stays valid', { valid_for: '10d' }, undefined],
    ['that it stays valid longer than its authority', { valid_for: '25d' }, 'tls/certificate_expiring'],
    ['its issuer', { issuer: '^CN=Authority in between$' }, undefined],
    ['another issuer', { issuer: 'O=SwissSign' }, 'tls/certificate_issuer'],
    ['a pattern that runs away', { issuer: '^(?:(?:[^x]+)+)+x$' }, 'tls/certificate_issuer'],
    ['its version', { version: 'TLSv1.3' }, undefined],
    ['one of several versions', { version: ['TLSv1.2', 'TLSv1.3'] }, undefined],
    ['another version', { version: 'TLSv1.2' }, 'tls/tls_version'],
    ['another fingerprint', { fingerprint: 'ab'.repeat(32) }, 'tls/certificate_fingerprint'],
    ['its application protocol', { alpn: 'h2' }, undefined],
    ['another application protocol', { alpn: 'http/1.1' }, 'tls/protocol'],
  ])('%s: %j → %s', async (_what, expect_, failure) => {
    const port = await show(good, { ALPNProtocols: ['h2'] });

    const probed = await probe(port, { alpn: ['h2', 'http/1.1'], ...(expect_ && { expect: expect_ }) });

    expect(probed).toMatchObject({ up: failure === undefined ? 1 : 0, failure });
    if (failure !== undefined) expect(probed.declared).toContain(failure);
  });

  test('a fingerprint, as openssl prints it, makes up for an authority', async () => {
    const own = await certificate(NAME);
    const { fingerprint256 } = new X509Certificate(own.cert);
    const port = await show(own);

    const pinned = await probeOnce(tls, {
      kind: 'tls',
      endpoints: {
        it: { address: `127.0.0.1:${port}`, insecure: true, expect: { fingerprint: ['00'.repeat(32), `SHA256:${fingerprint256}`] } },
      },
    });

    expect(pinned).toMatchObject({ up: 1, failure: undefined });
  });
});
