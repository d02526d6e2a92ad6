// What is sent, and what of an answer is looked at, against real servers on loopback.

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { EndpointOptions } from '../../../src/sources/http/schema.js';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authority, certificate, type Pair } from '../tls/certificates.js';
import { endAll, serve, serveH2c, serveHttp2 } from './doubles.js';
import { probeOnce } from './harness.js';

afterEach(endAll);

type Expect = NonNullable<EndpointOptions['expect']>;

interface Seen {
  method?: string | undefined;
  type?: string | undefined;
  length?: string | undefined;
  body?: string;
}

async function echo(seen: Seen): Promise<string> {
  return await serve((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      const { 'content-type': type, 'content-length': length } = request.headers;
      Object.assign(seen, { method: request.method, type, length, body });
      response.end();
    });
  });
}

describe('a request', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('may be %s', async (method) => {
    const seen: Seen = {};

    const probed = await probeOnce({ url: await echo(seen), method });

    expect(probed).toMatchObject({ up: 1, status: 200 });
    expect(seen.method).toBe(method);
  });

  test.each<[EndpointOptions['body'], string | undefined, string]>([
    ['pïng', undefined, 'pïng'],
    [{ json: { user: 'vigie', deep: [1, true, null, 'a"b'] } }, 'application/json', '{"user":"vigie","deep":[1,true,null,"a\\"b"]}'],
    [{ form: { user: 'vigie é&', secret: { env: 'SECRET' } } }, 'application/x-www-form-urlencoded', 'user=vigie+%C3%A9%26&secret=s%26s'],
  ])('has the body %j', async (body, type, sent) => {
    const seen: Seen = {};

    const probed = await probeOnce({ url: await echo(seen), method: 'PATCH', ...(body !== undefined && { body }) }, { SECRET: 's&s' });

    expect(probed.up).toBe(1);
    expect(seen).toEqual({ method: 'PATCH', type, length: String(Buffer.byteLength(sent)), body: sent });
  });

  test('is filled with values of the YAML, as it befits the place', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      request.setEncoding('utf8').once('data', (body: string) => {
        seen.push(request.url, request.headers['x-key'], body);
        response.end();
      });
    });

    const probed = await probeOnce(
      {
        url: `${url}/\${tenant}?key=\${key}`,
        method: 'POST',
        values: { tenant: 'a/b', key: { env: 'KEY' } },
        headers: { 'x-key': 'k ${key} $${key}' },
        body: { json: { key: '${key}' } },
      },
      { KEY: 'k"e&y-of-the-partner' },
    );

    expect(seen).toEqual([
      '/health/a%2Fb?key=k%22e%26y-of-the-partner',
      'k k"e&y-of-the-partner ${key}',
      '{"key":"k\\"e&y-of-the-partner"}',
    ]);
    expect(probed.text + probed.transcript).not.toMatch(/of-the-partner/);
  });
});

describe('an answer', () => {
  const BODY =
    '{"status": "UP", "queue": {"depth": 12, "late": false}, "parts": [{"name": "in", "up": true}, {"name": "out", "up": false}]}';

  async function answering(): Promise<string> {
    return await serve((_request, response) => {
      response.writeHead(207, { 'content-type': 'application/json', 'x-version': '12', 'set-cookie': ['a=1', 'b=2'] }).end(BODY);
    });
  }

  test.each<[Expect, string | undefined]>([
    [{ status: 207 }, undefined],
    [{ status: '200-206' }, 'wait/status'],
    [{ status: ['200-204', 207] }, undefined],
    [{ status: [404, '5xx'] }, 'wait/status'],
    [{ headers: { 'Content-Type': 'application/json', 'x-version': 12 } }, undefined],
    [{ headers: { 'content-type': { matches: '^text/' } } }, 'wait/header'],
    [{ headers: { 'x-version': { above: 11, below: 13 }, 'x-other': { exists: false } } }, undefined],
    [{ headers: { 'x-version': { above: 12 } } }, 'wait/header'],
    [{ headers: { 'x-other': { exists: true } } }, 'wait/header'],
    [{ body: 'UP', not_body: 'DOWN' }, undefined],
    [{ not_body: '"UP"' }, 'transfer/body'],
    [{ not_body: '^(?:(?:[^x]+)+)+x$' }, 'transfer/body'],
    [{ json: { '$.status': 'UP', '$.queue.depth': 12, '$.queue.late': false } }, undefined],
    [{ json: { '$.status': 'DOWN' } }, 'transfer/json'],
    [{ json: { '$.queue.depth': { above: 11, below: 12.5 } } }, undefined],
    [{ json: { '$.queue.depth': { above: 12 } } }, 'transfer/json'],
    [{ json: { '$.queue.depth': '12' } }, 'transfer/json'],
    [{ json: { "$['status']": { matches: '^U' }, '$.parts[1].name': 'out', '$.parts[-1].up': false } }, undefined],
    [{ json: { '$.parts[*].up': true } }, 'transfer/json'],
    [{ json: { '$.parts[?@.name == "in"].up': true, '$..name': { exists: true } } }, undefined],
    [{ json: { '$.error': { exists: false } } }, undefined],
    [{ json: { '$.error': { exists: true } } }, 'transfer/json'],
    [{ json: { '$.status': { exists: false } } }, 'transfer/json'],
    [{ json: { '$.parts': { matches: 'in' } } }, 'transfer/json'],
    [{ json: { '$.status': { matches: '^(?:(?:[^x]+)+)+x$' } } }, 'transfer/json'],
    [{ max_bytes: 20 }, 'transfer/too_large'],
  ])('that must be %j: %s', async (expected, failure) => {
    const probed = await probeOnce({ url: await answering(), expect: { status: 207, ...expected } });

    expect(probed).toMatchObject({ up: failure === undefined ? 1 : 0, status: 207, failure, declared: true });
    expect(probed.text).not.toMatch(/depth/);
  });

  test('that is no JSON where JSON is expected', async () => {
    const url = await serve((_request, response) => response.end('UP'));

    expect(await probeOnce({ url, expect: { json: { $: 'UP' } } })).toMatchObject({ failure: 'transfer/json' });
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['identity', (text: string) => Buffer.from(text)],
    ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
  ])('packed by %s is unpacked, up to its size limit', async (coding, pack) => {
    const url = await serve((_request, response) => response.writeHead(200, { 'content-encoding': coding }).end(pack('fine'.repeat(1000))));

    const [whole, limited] = [
      await probeOnce({ url, expect: { body: '^(?:fine){1000}$' } }),
      await probeOnce({ url, expect: { max_bytes: 3999 } }),
    ];

    expect(whole.failure).toBeUndefined();
    expect(limited.failure).toBe('transfer/too_large');
  });

  test('that announces others first (103, 100) is the last one', async () => {
    const url = await serve((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeProcessing();
      response.end('fine');
    });

    expect(await probeOnce({ url, expect: { body: 'fine' } })).toMatchObject({ up: 1, status: 200 });
  });
});

describe('the version of HTTP', () => {
  let folder: string;
  let caFile: string;
  let pair: Pair;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-http-'));
    const ca = await authority('Authority of the tests');
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, ca.cert);
    pair = await certificate('127.0.0.1', { by: ca });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test.each<[EndpointOptions['http'], string]>([
    [undefined, '2.0'],
    ['auto', '2.0'],
    [2, '2.0'],
    [1, '1.1'],
  ])('%s over https is %s where the endpoint speaks both', async (http, version) => {
    const url = await serveHttp2(pair, false, (spoken) => `version ${spoken}`);

    const probed = await probeOnce({
      url,
      tls: { ca: caFile },
      expect: { body: `version ${version}` },
      ...(http !== undefined && { http }),
    });

    expect(probed).toMatchObject({ up: 1, status: 200, failure: undefined });
    expect(probed.phases).toEqual(['resolve', 'connect', 'tls', 'send', 'wait', 'transfer']);
  });

  test('2 sends a body and a host of its own', async () => {
    const url = await serveHttp2(pair, true, (spoken) => spoken);

    expect(await probeOnce({ url, tls: { ca: caFile }, method: 'POST', body: 'ping' })).toMatchObject({ up: 1, status: 200 });
  });

  test('2 is refused by an endpoint that speaks 1.1 only', async () => {
    const { serveTls } = await import('./doubles.js');
    const url = await serveTls(pair);

    const probed = await probeOnce({ url, tls: { ca: caFile }, http: 2 });

    expect(probed).toMatchObject({ up: 0, failure: 'tls/tls', declared: true });
  });

  test('1 is refused by an endpoint that speaks 2 only', async () => {
    const url = await serveHttp2(pair, true, (spoken) => spoken);

    expect(await probeOnce({ url, tls: { ca: caFile }, http: 1 })).toMatchObject({ up: 0, declared: true });
  });

  test('2 over http is spoken without asking first', async () => {
    const url = await serveH2c((spoken) => `version ${spoken}`);

    expect(await probeOnce({ url, http: 2, expect: { body: 'version 2.0' } })).toMatchObject({ up: 1, status: 200 });
  });

  test('2 over http, where 1.1 is spoken, is no protocol', async () => {
    const url = await serve((_request, response) => response.end('fine'));

    const probed = await probeOnce({ url, http: 2, timeout: '2s' });

    expect(probed.failure).toMatch(/^(?:send|wait)\/(?:protocol|reset)$/);
  });
});

describe('the kind of address', () => {
  test('is the one that the YAML names', async () => {
    const url = await serve((_request, response) => response.end());
    const named = url.replace('127.0.0.1', 'localhost');

    const [four, six] = [await probeOnce({ url: named, ip: 4 }), await probeOnce({ url: named, ip: 6 })];

    expect(four).toMatchObject({ up: 1, failure: undefined });
    expect(six.failure).toMatch(/^(?:connect\/refused|connect\/unreachable|resolve\/dns)$/);
  });
});
