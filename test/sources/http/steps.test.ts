// Several requests in order, and what is read from the last answer, against real servers on loopback.

import type { RequestListener } from 'node:http';
import type { EndpointOptions } from '../../../src/sources/http/schema.js';
import { endAll, serve } from './doubles.js';
import { probeOnce } from './harness.js';

afterEach(endAll);

const SECRETS = { PASSWORD: 'password-of-the-partner' };

/** A partner with a login page, a session cookie and a token. */
async function partner(seen: string[]): Promise<string> {
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      const { cookie = '', 'x-csrf': csrf = '', authorization = '' } = request.headers;
      seen.push(`${request.method} ${request.url} ${body} ${cookie} ${String(csrf)} ${authorization}`.replaceAll(/ +/g, ' ').trim());
      if (request.url === '/page') {
        return response
          .writeHead(200, { 'set-cookie': ['session=cookie-of-the-partner; Path=/; HttpOnly', 'old=1; Max-Age=0'] })
          .end('<input name="csrf" value="csrf-1">');
      }
      if (request.url === '/login')
        return response.writeHead(200, { 'x-hint': 'hint-1' }).end('{"access":{"token":"token-of-the-partner"}}');
      return response.writeHead(authorization === 'Bearer token-of-the-partner' ? 200 : 401).end('{"status":"UP"}');
    });
    return undefined;
  };
  return new URL(await serve(listener)).origin;
}

function steps(origin: string): NonNullable<EndpointOptions['steps']> {
  return [
    { name: 'page', url: `${origin}/page`, keep: { csrf: { regex: 'name="csrf" value="([^"]+)"' } } },
    {
      name: 'login',
      url: `${origin}/login`,
      method: 'POST',
      headers: { 'x-csrf': '${csrf}' },
      body: { json: { user: 'vigie', password: '${password}' } },
      keep: { token: { json: '$.access.token' }, hint: { header: 'X-Hint' } },
    },
    {
      url: `${origin}/health/\${hint}`,
      headers: { authorization: 'Bearer ${token}' },
      expect: { json: { '$.status': 'UP' } },
    },
  ];
}

describe('steps', () => {
  test('CE7: are taken in order, with values, cookies and times handed on', async () => {
    const seen: string[] = [];
    const origin = await partner(seen);

    const probed = await probeOnce({ steps: steps(origin), values: { password: { env: 'PASSWORD' } }, expect: { within: '3s' } }, SECRETS);

    expect(probed).toMatchObject({ up: 1, status: 200, failure: undefined });
    expect(seen).toEqual([
      'GET /page',
      'POST /login {"user":"vigie","password":"password-of-the-partner"} session=cookie-of-the-partner csrf-1',
      'GET /health/hint-1 session=cookie-of-the-partner Bearer token-of-the-partner',
    ]);
    expect(probed.series('endpoint_step_duration_seconds').map(([labels]) => labels['step'])).toEqual(['page', 'login', '3']);
    expect(probed.text + probed.transcript).not.toMatch(/of-the-partner/);
  });

  test('end with the first that fails, and the transcript says which', async () => {
    const seen: string[] = [];
    const origin = await partner(seen);
    const [page, login, ask] = steps(origin);
    if (!page || !login || !ask) throw new Error('three steps');

    const probed = await probeOnce(
      { steps: [page, { ...login, keep: { token: { json: '$.nothing' } } }, ask], values: { password: { env: 'PASSWORD' }, hint: 'x' } },
      SECRETS,
    );

    expect(probed).toMatchObject({ up: 0, failure: 'transfer/json', declared: true });
    expect(probed.transcript).toMatch(/^json in transfer: .*nothing to keep as token: \$\.nothing leads to no value/);
    expect(probed.transcript).toMatch(/step login/);
    expect(probed.transcript).not.toMatch(/step 3/);
    expect(seen).toHaveLength(2);
  });

  test('send no cookie to another host', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.cookie);
      response.writeHead(200, { 'set-cookie': ['a=1', 'b=2; Secure', 'c=3; Domain=example.org', 'd=4; Path=/other'] }).end();
    });
    const other = url.replace('127.0.0.1', 'localhost');

    const probed = await probeOnce({ steps: [{ url }, { url: other }, { url }], ip: 4 });

    expect(probed.failure).toBeUndefined();
    expect(seen).toEqual([undefined, undefined, 'a=1']);
  });
});

describe('values of the answer', () => {
  const BODY = JSON.stringify({
    mode: 'internal',
    state: 'DEGRADED',
    fresh: true,
    queues: [
      { name: 'in', depth: 12 },
      { name: 'out', depth: '3' },
      { name: 'broken', depth: null },
    ],
  });

  test('IR8: become metrics of the user’s own naming, and say whether the internal fallback is active', async () => {
    const url = await serve((_request, response) => response.writeHead(200, { 'x-age': '30' }).end(BODY));

    const probed = await probeOnce({
      url,
      partner: 'chuv',
      flow: 'factures-tge',
      fallback: { json: '$.mode', equals: 'internal' },
      metrics: [
        {
          name: 'partner_queue_messages',
          help: 'h',
          each: '$.queues[*]',
          value: { json: '$.depth' },
          labels: [{ label: 'queue', json: '$.name' }],
        },
        { name: 'partner_state', help: 'h', value: { json: '$.state', map: { UP: 1, DEGRADED: 0.5 }, otherwise: 0 } },
        { name: 'partner_fresh', help: 'h', value: { json: '$.fresh' }, labels: [{ label: 'kind_of', value: 'constant' }] },
        { name: 'partner_age_seconds', help: 'h', value: { header: 'X-Age' } },
        { name: 'partner_mode', help: 'h', value: { regex: '"mode":"(internal)"', map: { internal: 1 } } },
        { name: 'partner_missing', help: 'h', value: { json: '$.missing' } },
      ],
    });

    const own = { endpoint: 'it', partner: 'chuv', flow: 'factures-tge', env: 'prod' };
    expect(probed.failure).toBeUndefined();
    expect(probed.series('partner_queue_messages')).toEqual([
      [{ ...own, queue: 'in' }, 12],
      [{ ...own, queue: 'out' }, 3],
    ]);
    expect(probed.series('partner_state')).toEqual([[own, 0.5]]);
    expect(probed.series('partner_fresh')).toEqual([[{ ...own, kind_of: 'constant' }, 1]]);
    expect(probed.series('partner_age_seconds')).toEqual([[own, 30]]);
    expect(probed.series('partner_mode')).toEqual([[own, 1]]);
    expect(probed.series('partner_missing')).toEqual([]);
    expect(probed.series('flow_fallback_active')).toEqual([[{ flow: 'factures-tge', partner: 'chuv', env: 'prod' }, 1]]);
    expect(probed.transcript).toMatch(/partner_queue_messages: 1 of 3 values are no number, or not there/);
  });

  test('NE1: become indicators of the flow, with its partner; what is no number is said in the transcript', async () => {
    const url = await serve((_request, response) => response.end('{"queue": {"waiting": 17}, "state": "UP", "rating": "good"}'));

    const probed = await probeOnce({
      url,
      flow: 'factures-tge',
      partner: 'chuv',
      indicators: [
        { indicator: 'waiting', value: { json: '$.queue.waiting' } },
        { indicator: 'up', stage: 'received', value: { json: '$.state', map: { UP: 1 }, otherwise: 0 } },
        { indicator: 'csat', value: { json: '$.rating' } },
      ],
    });

    expect(probed.series('flow_indicator')).toEqual([
      [{ flow: 'factures-tge', partner: 'chuv', env: 'prod', indicator: 'waiting' }, 17],
      [{ flow: 'factures-tge', partner: 'chuv', env: 'prod', stage: 'received', indicator: 'up' }, 1],
    ]);
    expect(probed.transcript).toContain('indicator csat: $.rating leads to no number');
  });

  test('IR8: tell that the fallback is not active, also where the endpoint is down', async () => {
    const url = await serve((_request, response) => response.end('{"fallback": false}'));

    const probed = await probeOnce({ url, flow: 'factures-tge', fallback: { json: '$.fallback' }, expect: { body: 'fine' } });

    expect(probed).toMatchObject({ up: 0, failure: 'transfer/body' });
    expect(probed.series('flow_fallback_active')).toEqual([[{ flow: 'factures-tge', env: 'prod' }, 0]]);
  });
});
