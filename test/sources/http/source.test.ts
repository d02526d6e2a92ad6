// Probes of real servers on loopback.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, portOf } from '../../port.js';
import { authority, certificate, probeOnce, start, type Pair } from './harness.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function') server.closeAllConnections();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createHttp(listener))}/health`;
}

/** A server that does what is told with each connection; its sockets end with the test. */
async function serveTcp(onSocket: (socket: Socket) => void): Promise<string> {
  const server = createTcp((socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  return `http://127.0.0.1:${await listen(server)}/health`;
}

describe('an http endpoint', () => {
  test('that answers is up, with its status and its phases', async () => {
    const url = await serve((_request, response) => response.end('fine'));

    const probed = await probeOnce({ url, partner: 'chuv', flow: 'factures-tge' });

    expect(probed).toMatchObject({ up: 1, status: 200, failure: undefined, certificateExpiry: undefined });
    expect(probed.phases).toEqual(['resolve', 'connect', 'send', 'wait', 'transfer']);
    expect(probed.labels).toEqual({
      endpoint: 'it',
      partner: 'chuv',
      flow: 'factures-tge',
      env: 'prod',
      site: '',
      protocol: 'http',
      origin: 'partner',
    });
  });

  test('of nobody else is of internal origin, unless the YAML says otherwise', async () => {
    const url = await serve((_request, response) => response.end());

    const [own, platform] = [await probeOnce({ url }), await probeOnce({ url, origin: 'platform', partner: 'hug' })];

    expect([own.labels['origin'], platform.labels['origin']]).toEqual(['internal', 'platform']);
  });

  test('gets method, headers, secrets and body as the YAML says', async () => {
    let seen: unknown;
    const url = await serve((request, response) => {
      request.setEncoding('utf8').once('data', (body: string) => {
        const { authorization, 'x-api-key': key, 'content-length': length, host } = request.headers;
        seen = { method: request.method, path: request.url, body, authorization, key, length, host };
        response.end();
      });
    });

    const probed = await probeOnce(
      {
        url: `${url}?deep=1`,
        method: 'POST',
        body: 'é?',
        headers: { 'X-Api-Key': { env: 'API_KEY' }, Host: 'partner.example.org' },
        auth: { user: 'vigie', password: { env: 'PASSWORD' } },
      },
      { API_KEY: 'key-of-the-partner', PASSWORD: 'password-of-the-partner' },
    );

    expect(seen).toEqual({
      method: 'POST',
      path: '/health?deep=1',
      body: 'é?',
      authorization: `Basic ${Buffer.from('vigie:password-of-the-partner').toString('base64')}`,
      key: 'key-of-the-partner',
      length: '3',
      host: 'partner.example.org',
    });
    expect(probed.up).toBe(1);
    expect(probed.text).not.toMatch(/of-the-partner/);
  });

  test('is probed over a fresh connection each time', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    const source = await start({ it: { url } });

    for (let run = 0; run < 3; run++) await source.collectors[0]?.collect(new AbortController().signal);

    expect(ports.size).toBe(3);
  });

  test.each([
    [503, {}, 'wait/status'],
    [302, {}, 'wait/status'],
    [204, { status: 200 }, 'wait/status'],
    [204, { status: [200, 204] }, undefined],
    [404, { status: '4xx' }, undefined],
    [204, {}, undefined],
  ])('that answers %d where %j is expected: %s', async (status, expect_, failure) => {
    const url = await serve((_request, response) => response.writeHead(status, { location: '/elsewhere' }).end());

    const probed = await probeOnce({ url, ...('status' in expect_ ? { expect: expect_ } : {}) });

    expect(probed).toMatchObject({ up: failure === undefined ? 1 : 0, status, failure });
  });

  test.each([
    ['"status"\\s*:\\s*"UP"', undefined],
    ['^été$', 'transfer/body'],
    ['DOWN', 'transfer/body'],
    ['^(?:(?:[^x]+)+)+x$', 'transfer/body'],
  ])('whose body must match %s: %s', async (body, failure) => {
    const url = await serve((_request, response) => response.end(`{"status": "UP", "padding": "${'y'.repeat(40)}"}`));

    const probed = await probeOnce({ url, expect: { body } });

    expect(probed).toMatchObject({ up: failure === undefined ? 1 : 0, status: 200, failure });
  });

  test('is read by the charset it names', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/plain; charset=ISO-8859-1' }).end(Buffer.from('été', 'latin1')),
    );

    expect(await probeOnce({ url, expect: { body: '^été$' } })).toMatchObject({ up: 1 });
  });

  test('that takes too long is slow in the phase that took longest', async () => {
    const url = await serve((_request, response) => void setTimeout(() => response.end(), 120));

    const probed = await probeOnce({ url, expect: { within: '50ms' } });

    expect(probed).toMatchObject({ up: 0, status: 200, failure: 'wait/slow' });
    expect(probed.seconds['wait']).toBeGreaterThan(0.1);
  });

  test('that does not listen is refused', async () => {
    const probed = await probeOnce({ url: `http://127.0.0.1:${await freePort()}/` });

    expect(probed).toMatchObject({ up: 0, status: 0, failure: 'connect/refused', phases: ['resolve', 'connect'] });
  });

  test('with several addresses is refused when all of them refuse', async () => {
    expect(await probeOnce({ url: `http://localhost:${await freePort()}/` })).toMatchObject({ up: 0, failure: 'connect/refused' });
  });

  test('whose name does not exist', async () => {
    expect(await probeOnce({ url: 'http://partner.invalid/' })).toMatchObject({ up: 0, status: 0, failure: 'resolve/dns' });
  });

  test('that accepts and never answers is bounded by the time-out', async () => {
    const url = await serveTcp(() => {});
    const startedAt = performance.now();

    const probed = await probeOnce({ url, timeout: '200ms' });

    expect(probed).toMatchObject({ up: 0, status: 0, failure: 'wait/timeout' });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test.each([
    ['with a reset', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()), 0, 'wait/reset'],
    ['by hanging up without an answer', (socket: Socket) => socket.once('data', () => socket.end()), 0, 'wait/reset'],
    [
      'in mid-answer',
      (socket: Socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal', () => socket.resetAndDestroy())),
      200,
      'transfer/reset',
    ],
    [
      'by words that are no HTTP',
      (socket: Socket) => socket.once('data', () => socket.end('220 mail.example.org ESMTP\r\n')),
      0,
      'wait/protocol',
    ],
    [
      'by headers without end',
      (socket: Socket) => socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${'y'.repeat(100_000)}`)),
      0,
      'wait/too_large',
    ],
    [
      'by a chunk without a size',
      (socket: Socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n')),
      200,
      'transfer/protocol',
    ],
  ])('that breaks off %s', async (_how, onSocket, status, failure) => {
    const url = await serveTcp(onSocket);

    const probed = await probeOnce({ url, timeout: '2s' });

    expect(probed).toMatchObject({ up: 0, status, failure });
  });

  test('whose body never ends is cut off at the limit', async () => {
    const url = await serve((_request, response) => {
      const pour = () => {
        while (response.write('y'.repeat(65_536)));
        response.once('drain', pour);
      };
      pour();
    });

    expect(await probeOnce({ url })).toMatchObject({ up: 0, status: 200, failure: 'transfer/too_large' });
  });

  test('whose body drips without end is bounded by the time-out', async () => {
    const url = await serveTcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      const drip = setInterval(() => socket.write('y'), 20);
      socket.once('close', () => clearInterval(drip));
    });

    expect(await probeOnce({ url, timeout: '200ms' })).toMatchObject({ up: 0, status: 200, failure: 'transfer/timeout' });
  });

  test('that redirects is followed where the YAML says so, without handing its headers to others', async () => {
    let stranger: unknown;
    const target = await serve((request, response) => {
      stranger = request.headers['x-api-key'];
      response.end();
    });
    const url = await serve((request, response) => {
      const location = request.url === '/health' ? '/second' : target;
      response.writeHead(302, { location }).end();
    });

    const probed = await probeOnce(
      { url, redirects: true, headers: { 'x-api-key': { env: 'API_KEY' } } },
      { API_KEY: 'key-of-the-partner' },
    );

    expect(probed).toMatchObject({ up: 1, status: 200 });
    expect(stranger).toBeUndefined();
  });

  test.each([
    [302, 'GET', undefined, undefined, ''],
    [307, 'POST', 'text/plain', '4', 'ping'],
  ])('that redirects a POST with %d gets %s there', async (status, method, type, length, body) => {
    let seen: unknown;
    const url = await serve((request, response) => {
      if (request.url === '/health') return response.writeHead(status, { location: '/second' }).end();
      let received = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      return request.once('end', () => {
        const { 'content-type': seenType, 'content-length': seenLength, 'x-api-key': key } = request.headers;
        seen = [request.method, seenType, seenLength, received, key];
        response.end();
      });
    });

    const headers = { 'content-type': 'text/plain', 'x-api-key': { env: 'API_KEY' } };
    const probed = await probeOnce({ url, redirects: true, method: 'POST', body: 'ping', headers, timeout: '2s' }, { API_KEY: 'k' });

    expect(probed).toMatchObject({ up: 1, status: 200 });
    expect(seen).toEqual([method, type, length, body, 'k']);
  });

  test('that redirects for ever has a reason of its own', async () => {
    const url = await serve((_request, response) => response.writeHead(301, { location: '/health' }).end());

    expect(await probeOnce({ url, redirects: true })).toMatchObject({ up: 0, status: 301, failure: 'wait/redirect' });
  });

  test('is not to blame when its secret is missing on our side', async () => {
    const url = await serve((_request, response) => response.end());

    await expect(probeOnce({ url, headers: { 'x-api-key': { env: 'API_KEY' } } })).rejects.toMatchObject({ errorClass: 'secret' });
    await expect(probeOnce({ url, headers: { 'x-api-key': { env: 'API_KEY' } } }, { API_KEY: 'two\nlines' })).rejects.toMatchObject({
      errorClass: 'secret',
      message: 'header x-api-key: holds what no header may, a line break say',
    });
  });
});

describe('an https endpoint', () => {
  let folder: string;
  let ca: Pair;
  let caFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-http-'));
    ca = await authority();
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, ca.cert);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function serveTls(
    name: string,
    days?: readonly [number, number],
    by: Pair = ca,
  ): Promise<{ url: string; requests: () => number; expiry: number }> {
    let requests = 0;
    const pair = await certificate(by, name, days);
    const server = createHttps(pair, (_request, response) => {
      requests++;
      response.end('fine');
    });
    const port = await listen(server);
    const expiry = Math.floor((Date.now() + (days?.[1] ?? 30) * 86_400_000) / 1000);
    return { url: `https://127.0.0.1:${port}/health`, requests: () => requests, expiry };
  }

  test('with a good certificate is up, with the expiry of its certificate and a phase more', async () => {
    const { url, expiry } = await serveTls('127.0.0.1');

    const probed = await probeOnce({ url, tls: { ca: caFile } });

    expect(probed).toMatchObject({ up: 1, status: 200, failure: undefined });
    expect(probed.phases).toEqual(['resolve', 'connect', 'tls', 'send', 'wait', 'transfer']);
    expect(probed.labels['protocol']).toBe('https');
    expect(Math.abs((probed.certificateExpiry ?? 0) - expiry)).toBeLessThan(60);
  });

  test.each([
    ['expired', '127.0.0.1', [-30, -3], 'tls/certificate_expired'],
    ['not yet valid', '127.0.0.1', [3, 30], 'tls/certificate_not_yet_valid'],
    ['for another name', 'partner.example.org', [-3, 30], 'tls/certificate_name'],
  ] as const)('whose certificate is %s shows its expiry and is sent nothing', async (_what, name, days, failure) => {
    const { url, requests, expiry } = await serveTls(name, days);

    const probed = await probeOnce({ url, tls: { ca: caFile }, auth: { user: 'vigie', password: 'password-of-the-partner' } });

    expect(probed).toMatchObject({ up: 0, status: 0, failure });
    expect(Math.abs((probed.certificateExpiry ?? 0) - expiry)).toBeLessThan(60);
    expect(requests()).toBe(0);
  });

  test('whose certificate nobody vouches for is sent nothing', async () => {
    const stranger = await authority();
    const { url, requests } = await serveTls('127.0.0.1', [-3, 30], stranger);

    const [own, system] = [await probeOnce({ url, tls: { ca: caFile } }), await probeOnce({ url })];

    expect([own.failure, system.failure]).toEqual(['tls/certificate_untrusted', 'tls/certificate_untrusted']);
    expect(own.certificateExpiry).toBeGreaterThan(0);
    expect(requests()).toBe(0);
  });

  test('may bear the name that the YAML gives', async () => {
    const { url } = await serveTls('partner.example.org');

    expect(await probeOnce({ url, tls: { ca: caFile, server_name: 'partner.example.org' } })).toMatchObject({ up: 1 });
  });

  test('is accepted with any certificate where the YAML says insecure, and shows its expiry', async () => {
    const { url, expiry } = await serveTls('partner.example.org', [-30, -3]);

    const probed = await probeOnce({ url, tls: { insecure: true } });

    expect(probed).toMatchObject({ up: 1, status: 200 });
    expect(Math.abs((probed.certificateExpiry ?? 0) - expiry)).toBeLessThan(60);
  });

  test('that speaks no TLS', async () => {
    const url = await serve((_request, response) => response.end());

    expect(await probeOnce({ url: url.replace('http:', 'https:') })).toMatchObject({
      up: 0,
      failure: 'tls/tls',
      certificateExpiry: undefined,
    });
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('that asks for a certificate of ours shows its own, in %s', async (version) => {
    const pair = await certificate(ca, '127.0.0.1');
    const options = { ...pair, ca: ca.cert, requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version };
    const port = await listen(createHttps(options, (_request, response) => response.end()));

    const probed = await probeOnce({ url: `https://127.0.0.1:${port}/`, tls: { ca: caFile } });

    expect(probed).toMatchObject({ up: 0, status: 0, failure: 'tls/client_certificate' });
    expect(probed.certificateExpiry).toBeGreaterThan(Date.now() / 1000);
  });

  test('that never shakes hands is bounded by the time-out', async () => {
    const url = await serveTcp(() => {});

    expect(await probeOnce({ url: url.replace('http:', 'https:'), timeout: '200ms' })).toMatchObject({ up: 0, failure: 'tls/timeout' });
  });

  test('that hangs up in the handshake', async () => {
    const url = await serveTcp((socket) => void socket.once('data', () => socket.end()));

    expect(await probeOnce({ url: url.replace('http:', 'https:') })).toMatchObject({ up: 0, failure: 'tls/reset' });
  });

  test('does not hand over to plain http', async () => {
    const plain = await serve((_request, response) => response.end());
    const pair = await certificate(ca, '127.0.0.1');
    const port = await listen(createHttps(pair, (_request, response) => response.writeHead(302, { location: plain }).end()));

    const probed = await probeOnce({ url: `https://127.0.0.1:${port}/`, tls: { ca: caFile }, redirects: true });

    expect(probed).toMatchObject({ up: 0, status: 302, failure: 'wait/redirect' });
  });

  test.each([
    ['absent.pem', undefined, 'not_found'],
    ['empty.pem', '', 'config'],
    ['garbage.pem', '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n', 'config'],
  ])('is not to blame for %s as authority', async (name, text, errorClass) => {
    const path = join(folder, name);
    if (text !== undefined) await writeFile(path, text);

    await expect(probeOnce({ url: 'https://127.0.0.1:1/', tls: { ca: path } })).rejects.toMatchObject({ phase: 'prepare', errorClass });
  });
});

test('endpoints fail alone: one that hangs keeps none waiting', async () => {
  const hung = await serveTcp(() => {});
  const fine = await serve((_request, response) => response.end());
  const source = await start({ hung: { url: hung, timeout: '3s' }, fine: { url: fine } });
  const stop = new AbortController();
  const startedAt = performance.now();

  const hanging = source.collectors[0]?.collect(stop.signal);
  const observations = await source.collectors[1]?.collect(new AbortController().signal);
  const tookMs = performance.now() - startedAt;
  stop.abort();

  expect([...(observations ?? [])][0]?.value).toBe(1);
  expect(tookMs).toBeLessThan(1000);
  await expect(hanging).rejects.toMatchObject({ phase: 'probe', errorClass: 'timeout' });
});
