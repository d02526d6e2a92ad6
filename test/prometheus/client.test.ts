// The client of Prometheus: against a real one, and against a server with the faults that a real one rarely shows.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Prometheus, PrometheusError, type PrometheusOptions } from '../../src/prometheus/client.js';
import { freePort, portOf } from '../port.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus as Running } from '../servers/prometheus.js';
import { until } from '../wait.js';

/** The error of a call that is to fail. */
async function failure(call: Promise<unknown>): Promise<PrometheusError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PrometheusError)) throw new Error(`no PrometheusError: ${String(error)}`);
  return error;
}

function json(value: unknown, status = 200): RequestListener {
  return (_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

describeWith(['prometheus'], 'a real Prometheus', () => {
  let folder: string;
  let running: Running;
  let prometheus: Prometheus;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-client-'));
    const rules = join(folder, 'rules.yml');
    writeFileSync(
      rules,
      JSON.stringify({
        groups: [
          {
            name: 'g',
            rules: [
              { record: 'one', expr: 'vector(1)' },
              { alert: 'Always', expr: 'vector(1)' },
            ],
          },
        ],
      }),
    );
    running = await startPrometheus(JSON.stringify({ global: { evaluation_interval: '100ms' }, rule_files: [rules] }));
    prometheus = new Prometheus({ url: `${running.url}/` });
    await until(async () => (await prometheus.query('one')).length > 0);
  });

  afterAll(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('answers with series and their values, infinities and NaN included', async () => {
    const wanted = ['1.5', 'Inf', '-Inf', 'NaN'].map((value, index) => `label_replace(vector(${value}), "n", "${index}", "", "")`);

    const samples = await prometheus.query(wanted.join(' or '));

    expect(samples).toEqual([
      { labels: { n: '0' }, value: 1.5 },
      { labels: { n: '1' }, value: Infinity },
      { labels: { n: '2' }, value: -Infinity },
      { labels: { n: '3' }, value: NaN },
    ]);
  });

  test('answers with a number, and with nothing', async () => {
    expect(await prometheus.query('1 + 1')).toEqual([{ labels: {}, value: 2 }]);
    expect(await prometheus.query('no_such_metric')).toEqual([]);
  });

  test('answers as of a moment', async () => {
    expect(await prometheus.query('time()', 1_700_000_000_500)).toEqual([{ labels: {}, value: 1_700_000_000.5 }]);
  });

  test('answers over a range, both ends included', async () => {
    const from = 1_700_000_000_000;

    const [series] = await prometheus.queryRange('time()', { from, to: from + 120_000, step: 60_000 });

    expect(series?.points).toEqual([0, 60, 120].map((s) => ({ epochMs: from + s * 1000, value: 1_700_000_000 + s })));
  });

  test('tells the rules that it has loaded', async () => {
    const rules = await until(async () => {
      const loaded = await prometheus.rules();
      return loaded.every(({ health }) => health === 'ok') && loaded;
    });

    expect(rules).toEqual([
      { group: 'g', name: 'one', type: 'recording', health: 'ok' },
      { group: 'g', name: 'Always', type: 'alerting', health: 'ok' },
    ]);
  });

  test('says in its own words what is wrong with a query', async () => {
    const error = await failure(prometheus.query('sum(x'));

    expect(error.reason).toBe('query');
    expect(error.message).toBe(`Prometheus at ${running.url}: invalid parameter "query": 1:6: parse error: unclosed left parenthesis`);
  });

  test('takes queries longer than an address may be', async () => {
    expect(await prometheus.query(`vector(1) # ${'x'.repeat(100_000)}`)).toHaveLength(1);
  });

  test('is not found under a wrong path', async () => {
    const error = await failure(new Prometheus({ url: `${running.url}/elsewhere` }).query('1'));

    expect(error.reason).toBe('not_prometheus');
    expect(error.message).toBe(
      `Prometheus at ${running.url}/elsewhere: it is no Prometheus, or its path has a prefix that is missing here (HTTP 404, text/plain)`,
    );
  });
});

describe('a server with faults', () => {
  let server: Server;
  let answer: RequestListener;
  let url: string;
  const environment = process.env;

  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${portOf(server)}`;
  });

  beforeEach(() => {
    process.env = { ...environment, VIGIE_TEST_SECRET: 's3cret' };
  });

  afterAll(() => {
    process.env = environment;
    server.closeAllConnections();
    server.close();
  });

  const ask = (options: Partial<PrometheusOptions> = {}) => new Prometheus({ url, ...options }).query('up');

  test('is asked below the prefix of its path, with a bearer token that is read each time', async () => {
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.url, request.headers.authorization);
      json({ status: 'success', data: { resultType: 'vector', result: [] } })(request, response);
    };
    const prometheus = new Prometheus({ url: `${url}/prom/`, credentials: { token: { env: 'VIGIE_TEST_SECRET' } } });

    await prometheus.query('up');
    process.env['VIGIE_TEST_SECRET'] = 'n3w';
    await prometheus.query('up');

    expect(seen).toEqual(['/prom/api/v1/query', 'Bearer s3cret', '/prom/api/v1/query', 'Bearer n3w']);
  });

  test('is asked with user and password', async () => {
    let seen: string | undefined;
    answer = (request, response) => {
      seen = request.headers.authorization;
      json({ status: 'success', data: { resultType: 'vector', result: [] } })(request, response);
    };

    await ask({ credentials: { user: 'vigie', password: { env: 'VIGIE_TEST_SECRET' } } });

    expect(seen).toBe(`Basic ${Buffer.from('vigie:s3cret').toString('base64')}`);
  });

  test('that asks for credentials, or refuses them, is told apart from one that is away; no secret is told', async () => {
    answer = json({}, 401);

    const without = await failure(ask());
    const wrong = await failure(ask({ credentials: { token: { env: 'VIGIE_TEST_SECRET' } } }));
    answer = json({}, 403);
    const forbidden = await failure(ask({ credentials: { token: { env: 'VIGIE_TEST_SECRET' } } }));

    expect([without, wrong, forbidden].map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      `refused: Prometheus at ${url}: it asks for credentials (HTTP 401)`,
      `refused: Prometheus at ${url}: it refuses the credentials (HTTP 401)`,
      `refused: Prometheus at ${url}: it does not allow this (HTTP 403)`,
    ]);
  });

  test('is not asked where the secret cannot be read, or is no token', async () => {
    process.env['VIGIE_TEST_SECRET'] = 's3cret\nwith a line break';

    const missing = await failure(ask({ credentials: { token: { file: 'no/such/file' } } }));
    const broken = await failure(ask({ credentials: { token: { env: 'VIGIE_TEST_SECRET' } } }));

    expect(missing.message).toBe(`Prometheus at ${url}: the secret file no/such/file: no such file`);
    expect(broken.message).toBe(`Prometheus at ${url}: the token holds what no token may: spaces, line breaks or letters with accents`);
  });

  test('that is silent is given up after the time-out, in the middle of an answer as well', async () => {
    answer = () => {};
    const silent = await failure(ask({ timeout: 50 }));
    answer = (_request, response) => response.write('{"status":');
    const halfway = await failure(ask({ timeout: 50 }));

    expect([silent.reason, halfway.reason]).toEqual(['timeout', 'timeout']);
    expect(silent.message).toBe(`Prometheus at ${url}: no answer within 50ms`);
  });

  test('that hangs up, or is not there, is not reached', async () => {
    answer = (request) => request.socket.destroy();
    const hungUp = await failure(ask());
    const away = `http://127.0.0.1:${await freePort()}`;
    const refused = await failure(ask({ url: away }));

    expect(hungUp.message).toBe(`Prometheus at ${url}: connection lost`);
    expect(refused.message).toBe(`Prometheus at ${away}: connection refused`);
    expect([hungUp.reason, refused.reason]).toEqual(['unreachable', 'unreachable']);
  });

  test('that takes too long by its own measure says so', async () => {
    answer = json({ status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' }, 503);

    const error = await failure(ask());

    expect([error.reason, error.message]).toEqual(['timeout', `Prometheus at ${url}: query timed out in expression evaluation`]);
  });

  test('that redirects is not followed: the address it names is told, without what may be secret in it', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/login?session=s3cret' }).end();

    const error = await failure(ask());

    expect(error.message).toBe(`Prometheus at ${url}: it redirects to ${url}/login: give the address that answers`);
  });

  test.each([
    ['a page', '<html>', 'text/html', 'it is no Prometheus, or its path has a prefix that is missing here (HTTP 200, text/html)'],
    [
      'other JSON',
      '{"ok":true}',
      'application/json',
      'it is no Prometheus, or its path has a prefix that is missing here (HTTP 200, application/json)',
    ],
    [
      'data of another form',
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":["now",1]}]}}',
      'application/json',
      'its answer to query is none that is known',
    ],
    [
      'a text',
      '{"status":"success","data":{"resultType":"string","result":[0,"x"]}}',
      'application/json',
      'its answer to query is none that is known',
    ],
  ])('that answers with %s is no Prometheus', async (_what, body, type, message) => {
    answer = (_request, response) => response.writeHead(200, { 'content-type': type }).end(body);

    const error = await failure(ask());

    expect([error.reason, error.message]).toEqual(['not_prometheus', `Prometheus at ${url}: ${message}`]);
  });

  test('may warn beside its answer; native histograms are left out', async () => {
    const result = [
      { metric: { a: '1' }, value: [1, '2'] },
      { metric: { a: '2' }, histogram: [1, {}] },
    ];
    answer = json({ status: 'success', warnings: ['a store is away'], data: { resultType: 'vector', result } });
    const prometheus = new Prometheus({ url });

    expect(await prometheus.query('up')).toEqual([{ labels: { a: '1' }, value: 2 }]);
    expect([...prometheus.warnings]).toEqual(['a store is away']);
  });
});

describe('an address', () => {
  test.each([
    ['127.0.0.1:9090', '"127.0.0.1:9090" is no address: e.g. http://127.0.0.1:9090'],
    ['ftp://user:s3cret@example.org', '"ftp://example.org" is no address: e.g. http://127.0.0.1:9090'],
    [
      'http://user:s3cret@example.org',
      'http://example.org: an address holds no user and password, which others see; name where they are kept',
    ],
    ['http://example.org/?token=s3cret', 'http://example.org/: leave out what follows ? or #'],
  ])('is refused where it is none, or holds a secret: %s', (url, message) => {
    expect(() => new Prometheus({ url })).toThrow(new PrometheusError('address', message));
  });

  test('may be that of the API itself', () => {
    expect(new Prometheus({ url: 'http://example.org/prom/api/v1/' }).url).toBe('http://example.org/prom');
  });
});
