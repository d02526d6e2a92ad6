// The ways in which an endpoint may fail, over real sockets: each bounded by its time-out, each with a reason of its own, and none a
// nuisance to its neighbour in the same source.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../port.js';
import { authority, certificate, type Pair } from '../tls/certificates.js';
import { blackHole, endAll, serve, serveForEver, serveProxy, serveTcp, serveTls } from './doubles.js';
import { probe, probeOnce, start, type Probed } from './harness.js';
import type { EndpointOptions } from '../../../src/sources/http/schema.js';

const TIMEOUT_MS = 400;
/** Of the machine, beyond the time-out. */
const LATE_MS = 1_500;

afterEach(endAll);

async function bounded(endpoint: EndpointOptions): Promise<Probed> {
  const fine = await serve((_request, response) => response.end('fine'));
  const source = await start({ it: { timeout: `${TIMEOUT_MS}ms`, ...endpoint }, neighbour: { url: fine, timeout: '3s' } });
  const begin = performance.now();
  try {
    const [failing, neighbour] = await Promise.all([probe(source), probe(source, 'neighbour')]);
    expect(neighbour).toMatchObject({ up: 1, failure: undefined });
    expect(performance.now() - begin).toBeLessThan(TIMEOUT_MS + LATE_MS);
    expect(failing.declared).toBe(true);
    expect(failing.up).toBe(failing.failure === undefined ? 1 : 0);
    return failing;
  } finally {
    await source.close();
  }
}

describe('CE7: an endpoint over HTTP', () => {
  test.each<[string, () => Promise<EndpointOptions>, string, number]>([
    ['that nobody listens at', async () => ({ url: `http://127.0.0.1:${await freePort()}/` }), 'connect/refused', 0],
    ['whose name does not exist', async () => ({ url: 'http://partner.invalid/' }), 'resolve/dns', 0],
    ['that answers no SYN', async () => ({ url: await blackHole() }), 'connect/timeout', 0],
    ['that resets at once', async () => ({ url: await serveTcp((socket) => void socket.resetAndDestroy()) }), '*/reset', 0],
    ['that hangs up at once', async () => ({ url: await serveTcp((socket) => void socket.destroy()) }), '*/reset', 0],
    ['that hangs up after the request', async () => ({ url: await serveTcp((s) => void s.once('data', () => s.end())) }), 'wait/reset', 0],
    [
      'that resets after the request',
      async () => ({ url: await serveTcp((socket) => void socket.once('data', () => void socket.resetAndDestroy())) }),
      'wait/reset',
      0,
    ],
    ['that says nothing after the request', async () => ({ url: await serveTcp(() => {}) }), 'wait/timeout', 0],
    [
      'that takes no more of the request',
      async () => ({ url: await serveTcp((socket) => void socket.pause()), method: 'PUT', body: 'x'.repeat(30_000_000) }),
      'send/timeout',
      0,
    ],
    ['that sends its headers byte by byte', async () => ({ url: await serveForEver('HTTP/1.1 200 OK\r\nx: ', 'x') }), 'wait/timeout', 0],
    [
      'that sends its body byte by byte',
      async () => ({ url: await serveForEver('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', 'x') }),
      'transfer/timeout',
      200,
    ],
    [
      'that sends a body without end',
      async () => ({ url: await serveForEver('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(20_000)) }),
      'transfer/too_large',
      200,
    ],
    [
      'that sends chunks without end',
      async () => ({
        url: await serveForEver('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', `4e20\r\n${'x'.repeat(20_000)}\r\n`),
      }),
      'transfer/too_large',
      200,
    ],
    [
      'that announces too much',
      async () => ({ url: await serveForEver('HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n', '') }),
      'transfer/too_large',
      200,
    ],
    [
      'that sends headers without end',
      async () => ({ url: await serveForEver('HTTP/1.1 200 OK\r\n', `x-padding: ${'x'.repeat(2_000)}\r\n`) }),
      'wait/too_large',
      0,
    ],
    [
      'that sends one header without end',
      async () => ({ url: await serveForEver('HTTP/1.1 200 OK\r\nx: ', 'x'.repeat(2_000)) }),
      'wait/too_large',
      0,
    ],
    ['that answers another protocol', async () => ({ url: await serveForEver('SSH-2.0-OpenSSH_9.9\r\n', '') }), 'wait/protocol', 0],
    ['that answers binary garbage', async () => ({ url: await serveForEver('\0\u0001\u0002\u0003', '\0') }), 'wait/protocol', 0],
    [
      'that sends a chunk of nonsense',
      async () => ({ url: await serveForEver('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n', '') }),
      'transfer/protocol',
      200,
    ],
    [
      'that hangs up in mid-body',
      async () => ({
        url: await serveTcp((s) => void s.once('data', () => s.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))),
      }),
      'transfer/reset',
      200,
    ],
    [
      'that says that its body is packed, and it is not',
      async () => ({ url: await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain')) }),
      'transfer/protocol',
      200,
    ],
    [
      'behind a proxy that is down',
      async () => ({ url: 'http://partner.invalid/', proxy: { url: `http://127.0.0.1:${await freePort()}` } }),
      'proxy/refused',
      0,
    ],
    [
      'behind a proxy without a name',
      async () => ({ url: 'http://partner.invalid/', proxy: { url: 'http://proxy.invalid:3128' } }),
      'proxy/dns',
      0,
    ],
    [
      'behind a proxy that hangs',
      async () => ({ url: 'https://partner.invalid/', proxy: { url: await proxyAt(serveTcp(() => {})) } }),
      'proxy/timeout',
      0,
    ],
    [
      'behind a proxy that cannot reach it',
      async () => ({ url: `https://127.0.0.1:${await freePort()}/`, proxy: { url: (await serveProxy()).url } }),
      'proxy/proxy',
      0,
    ],
    ['that never shakes hands', async () => ({ url: await https(serveTcp(() => {})) }), 'tls/timeout', 0],
    [
      'that hangs up in the handshake',
      async () => ({ url: await https(serveTcp((s) => void s.once('data', () => s.end()))) }),
      'tls/reset',
      0,
    ],
    ['that speaks no TLS', async () => ({ url: await https(serve((_request, response) => response.end())) }), 'tls/tls', 0],
  ])('%s', async (_what, make, failure, status) => {
    const probed = await bounded(await make());

    // Where the kernel was quicker than we, it is told at the connection already.
    if (failure === '*/reset') expect(probed.failure).toMatch(/^(?:connect|send|wait)\/reset$/);
    else expect(probed.failure).toBe(failure);
    expect(probed.status).toBe(status);
  });
});

async function https(url: Promise<string>): Promise<string> {
  return (await url).replace('http:', 'https:');
}

async function proxyAt(url: Promise<string>): Promise<string> {
  return new URL(await url).origin;
}

async function chain(by: Pair): Promise<Pair> {
  const leaf = await certificate('127.0.0.1', { by });
  return { key: leaf.key, cert: `${leaf.cert}\n${by.cert}` };
}

describe('CE7: an endpoint over HTTPS whose certificate', () => {
  let folder: string;
  let caFile: string;
  let ca: Pair;
  let middle: Pair;
  let old: Pair;
  let rsa: Pair;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-http-'));
    ca = await authority('Authority of the tests');
    middle = await authority('Intermediate of the tests', { by: ca });
    old = await authority('Old intermediate of the tests', { by: ca, days: [-100, -2] });
    rsa = await authority('RSA authority of the tests', { keyType: 'rsa' });
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, `${ca.cert}\n${rsa.cert}`);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const lenient = { ciphers: 'DEFAULT:@SECLEVEL=0' } as const;

  test.each<[string, () => Promise<ServerOptions>, string | undefined]>([
    ['is good', () => certificate('127.0.0.1', { by: ca }), undefined],
    ['is good, with an intermediate', () => chain(middle), undefined],
    ['has expired', () => certificate('127.0.0.1', { by: ca, days: [-30, -1] }), 'tls/certificate_expired'],
    ['comes by an intermediate that has expired', () => chain(old), 'tls/certificate_expired'],
    ['is not valid yet', () => certificate('127.0.0.1', { by: ca, days: [1, 30] }), 'tls/certificate_not_yet_valid'],
    ['bears another name', () => certificate('partner.example.org', { by: ca }), 'tls/certificate_name'],
    ['is signed by itself', () => certificate('127.0.0.1'), 'tls/certificate_untrusted'],
    ['lacks its intermediate', () => certificate('127.0.0.1', { by: middle }), 'tls/certificate_untrusted'],
    [
      'has a weak key',
      async () => ({ ...(await certificate('127.0.0.1', { by: rsa, keyType: 'rsa', keySize: 1024 })), ...lenient }),
      'tls/certificate_weak',
    ],
    [
      'has a weak signature',
      async () => ({ ...(await certificate('127.0.0.1', { by: ca, algorithm: 'sha1' })), ...lenient }),
      'tls/certificate_weak',
    ],
    [
      'is all right, but ours is asked for',
      async () => ({ ...(await certificate('127.0.0.1', { by: ca })), requestCert: true, ca: ca.cert }),
      'tls/client_certificate',
    ],
    [
      'is all right, but ours is asked for, in TLS 1.2',
      async () => ({ ...(await certificate('127.0.0.1', { by: ca })), requestCert: true, ca: ca.cert, maxVersion: 'TLSv1.2' }),
      'tls/client_certificate',
    ],
    [
      'is all right, but TLS is too old',
      async () => ({ ...(await certificate('127.0.0.1', { by: ca })), ...lenient, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }),
      'tls/tls_version',
    ],
    [
      'is all right, but no cipher is in common',
      async () => ({
        ...(await certificate('127.0.0.1', { by: ca })),
        maxVersion: 'TLSv1.2',
        ciphers: 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0',
      }),
      'tls/tls_cipher',
    ],
  ])('%s', async (_what, options, failure) => {
    let requests = 0;
    const url = await serveTls(await options(), (_request, response) => {
      requests++;
      response.end('fine');
    });

    const probed = await bounded({ url, timeout: '3s', tls: { ca: caFile } });

    expect(probed.failure).toBe(failure);
    expect(requests).toBe(failure === undefined ? 1 : 0);
    if (failure !== 'tls/tls_version' && failure !== 'tls/tls_cipher') {
      expect(probed.certificateExpiry).toBeGreaterThan(0);
      expect(probed.series('endpoint_certificate_chain_expiry_timestamp_seconds')).toHaveLength(1);
    }
  });

  test('is good shows ours where it is asked for', async () => {
    const ours = await certificate('vigie', { by: ca });
    const certFile = join(folder, 'ours.pem');
    await writeFile(certFile, ours.cert);
    const server = { ...(await certificate('127.0.0.1', { by: ca })), requestCert: true, ca: ca.cert };
    const url = await serveTls(server, (request, response) =>
      response.end(String('authorized' in request.socket && request.socket.authorized)),
    );

    const tls = { ca: caFile, certificate: certFile, key: { env: 'KEY' } };
    const probed = await probeOnce({ url, tls, expect: { body: '^true$' } }, { KEY: ours.key });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
  });
});
