// Logins: by header, by a token that is fetched, in a body; and what happens after a refusal, against real servers on loopback.

import type { EndpointOptions } from '../../../src/sources/http/schema.js';
import { endAll, serve, serveProxy, serveTokens } from './doubles.js';
import { probe, probeOnce, start } from './harness.js';

afterEach(endAll);

const SECRETS = { PASSWORD: 'password-of-the-partner', TOKEN: 'token-of-the-partner', CLIENT: 'secret of the client' };

/** Admits who brings this; counts who asked. */
async function guarded(authorization: string, refusal = 401): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.headers.authorization ?? '');
    response.writeHead(request.headers.authorization === authorization ? 200 : refusal).end();
  });
  return { url, asked };
}

const basic = (password: string) => `Basic ${Buffer.from(`vigie:${password}`).toString('base64')}`;

describe('a login by header', () => {
  test.each<[string, EndpointOptions['auth'], string]>([
    ['basic', { user: 'vigie', password: { env: 'PASSWORD' } }, basic(SECRETS.PASSWORD)],
    ['bearer', { bearer: { env: 'TOKEN' } }, `Bearer ${SECRETS.TOKEN}`],
  ])('that is %s is accepted', async (_what, auth, header) => {
    const { url } = await guarded(header);

    const probed = await probeOnce({ url, ...(auth && { auth }) }, SECRETS);

    expect(probed).toMatchObject({ up: 1, status: 200, failure: undefined });
    expect(probed.text + probed.transcript).not.toMatch(/of-the-partner/);
    expect(probed.series('vigie_login_paused')).toEqual([[{ source: 'partner-endpoints', kind: 'http', account: 'it' }, 0]]);
  });

  test('that was refused is not tried again at once, by no endpoint of the same account', async () => {
    const { url, asked } = await guarded(basic('another'));
    const endpoint = { url, auth: { user: 'vigie', password: { env: 'PASSWORD' } } };
    const source = await start({ it: endpoint, same: endpoint }, SECRETS);

    const first = await probe(source);
    const [second, other] = [await probe(source), await probe(source, 'same')];
    await source.close();

    expect(first).toMatchObject({ up: 0, status: 401, failure: 'login/auth', declared: true });
    expect(second).toMatchObject({ up: 0, status: 0, failure: 'login/login_paused', declared: true });
    expect(other.failure).toBe('login/login_paused');
    expect(second.series('vigie_login_paused')[0]?.[1]).toBe(1);
    expect(asked).toHaveLength(1);
  });

  test.each<[string, number, EndpointOptions['expect'], string | undefined]>([
    ['403 is a status like others', 403, undefined, 'wait/status'],
    ['503 says nothing of the login', 503, undefined, 'wait/status'],
    ['401 is no refusal where it is expected', 401, { status: 401 }, undefined],
  ])('%s', async (_what, status, expected, failure) => {
    const { url, asked } = await guarded('nobody', status);
    const source = await start({ it: { url, auth: { bearer: { env: 'TOKEN' } }, ...(expected && { expect: expected }) } }, SECRETS);

    const results = [await probe(source), await probe(source)];
    await source.close();

    expect(results.map((result) => result.failure)).toEqual([failure, failure]);
    expect(asked).toHaveLength(2);
  });

  test('without `auth`, 401 is a status', async () => {
    const { url } = await guarded('nobody');

    expect(await probeOnce({ url })).toMatchObject({ failure: 'wait/status', declared: true });
  });
});

describe('a login in a body', () => {
  test('is guarded too: secrets that were refused are not sent again', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      request.setEncoding('utf8').once('data', (body: string) => {
        asked.push(body);
        response.writeHead(401).end();
      });
    });
    const source = await start({ it: { url, method: 'POST', body: { form: { password: { env: 'PASSWORD' } } } } }, SECRETS);

    const results = [await probe(source), await probe(source)];
    await source.close();

    expect(results.map(({ failure }) => failure)).toEqual(['login/auth', 'login/login_paused']);
    expect(asked).toEqual([`password=${SECRETS.PASSWORD}`]);
  });
});

const client = (url: string) => ({ token_url: url, client_id: 'vigie:1', client_secret: { env: 'CLIENT' } });

describe('a login by OAuth2', () => {
  test('fetches a token once, for all endpoints of the client, and shows what it took as the phase login', async () => {
    const tokens = await serveTokens(3600);
    const { url, asked } = await guarded('Bearer token-1-of-the-client');
    const auth = { oauth2: { ...client(tokens.url), scope: 'read', audience: 'partner' } };
    const source = await start({ it: { url, auth }, same: { url, auth } }, SECRETS);

    const results = [await probe(source), await probe(source), await probe(source, 'same')];
    await source.close();

    expect(results.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
    expect(results.map(({ phases }) => phases.includes('login'))).toEqual([true, false, false]);
    expect(tokens.asked).toEqual([
      {
        form: { grant_type: 'client_credentials', scope: 'read', audience: 'partner' },
        authorization: `Basic ${Buffer.from('vigie%3A1:secret+of+the+client').toString('base64')}`,
      },
    ]);
    expect(asked).toHaveLength(3);
    expect(results.map(({ text, transcript }) => text + transcript).join('')).not.toMatch(/of[- ]the[- ]client/);
  });

  test('may prove itself in the body', async () => {
    const tokens = await serveTokens(3600);
    const { url } = await guarded('Bearer token-1-of-the-client');

    const probed = await probeOnce({ url, auth: { oauth2: { ...client(tokens.url), method: 'client_secret_post' } } }, SECRETS);

    expect(probed.up).toBe(1);
    expect(tokens.asked).toEqual([
      {
        form: { grant_type: 'client_credentials', client_id: 'vigie:1', client_secret: 'secret of the client' },
        authorization: undefined,
      },
    ]);
  });

  test('fetches another token when one is refused, once', async () => {
    const tokens = await serveTokens(3600);
    const { url, asked } = await guarded('Bearer token-2-of-the-client');
    const source = await start({ it: { url, auth: { oauth2: client(tokens.url) } } }, SECRETS);

    const probed = await probe(source);
    await source.close();

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(asked).toEqual(['Bearer token-1-of-the-client', 'Bearer token-2-of-the-client']);
  });

  test('that brings tokens which the endpoint refuses does not fetch more of them', async () => {
    const tokens = await serveTokens(3600);
    const { url } = await guarded('nobody');
    const source = await start({ it: { url, auth: { oauth2: client(tokens.url) } } }, SECRETS);

    const results = [await probe(source), await probe(source), await probe(source)];
    await source.close();

    expect(results.map(({ failure }) => failure)).toEqual(['login/auth', 'login/auth', 'login/auth']);
    expect(tokens.asked).toHaveLength(2);
  });

  test('fetches a token anew when it has expired', async () => {
    const tokens = await serveTokens(0.001);
    const { url } = await guarded('Bearer token-2-of-the-client');
    const source = await start({ it: { url, auth: { oauth2: client(tokens.url) } } }, SECRETS);

    await probe(source);
    const second = await probe(source);
    await source.close();

    expect(tokens.asked.length).toBeGreaterThanOrEqual(2);
    expect(second.phases).toContain('login');
  });

  test('that is refused is paused', async () => {
    const tokens = await serveTokens(3600);
    tokens.answer = { status: 400, body: { error: 'invalid_client' } };
    const { url, asked } = await guarded('nobody');
    const source = await start({ it: { url, auth: { oauth2: client(tokens.url) } } }, SECRETS);

    const [first, second] = [await probe(source), await probe(source)];
    await source.close();

    expect(first).toMatchObject({ failure: 'login/auth', declared: true });
    expect(first.transcript).toMatch(/invalid_client/);
    expect(second.failure).toBe('login/login_paused');
    expect(tokens.asked).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  test.each<[string, { status: number; body: unknown } | undefined, string]>([
    ['has trouble', { status: 503, body: {} }, 'login/status'],
    ['gives no token', { status: 200, body: { token: 'x' } }, 'login/json'],
    ['is down', undefined, 'login/refused'],
  ])('says that the server of the tokens %s', async (_what, answer, failure) => {
    const tokens = await serveTokens(3600);
    tokens.answer = answer;
    if (!answer) endAll();
    const { url } = await guarded('nobody');

    const probed = await probeOnce({ url, auth: { oauth2: client(tokens.url) } }, SECRETS);

    expect(probed).toMatchObject({ up: 0, failure, declared: true, phases: ['login'] });
  });
});

describe('a proxy', () => {
  const login = { user: 'vigie', password: { env: 'PASSWORD' } };

  test('is asked for the whole URL over http', async () => {
    const proxy = await serveProxy(basic(SECRETS.PASSWORD));
    const url = await serve((request, response) => response.end(`for ${String(request.headers['x-host'])}`));

    const probed = await probeOnce(
      { url: `${url}?deep=1`, proxy: { url: proxy.url, ...login }, expect: { body: new URL(url).host } },
      SECRETS,
    );

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.phases).toEqual(['send', 'wait', 'transfer', 'proxy'].toSorted((a, b) => order(a) - order(b)));
    expect(proxy.asked).toEqual([{ line: `GET ${url}?deep=1`, login: basic(SECRETS.PASSWORD) }]);
  });

  test.each(['http://', 'https://'])('that refuses the login over %s is not asked again', async (scheme) => {
    const proxy = await serveProxy(basic('another'));
    const source = await start({ it: { url: `${scheme}partner.invalid/`, proxy: { url: proxy.url, ...login } } }, SECRETS);

    const results = [await probe(source), await probe(source)];
    await source.close();

    expect(results.map(({ failure }) => failure)).toEqual(['proxy/auth', 'login/login_paused']);
    expect(results.every(({ declared }) => declared)).toBe(true);
    expect(proxy.asked).toHaveLength(1);
  });

  test('that wants a login says so', async () => {
    const proxy = await serveProxy('something');

    expect(await probeOnce({ url: 'http://partner.invalid/', proxy: { url: proxy.url } })).toMatchObject({
      failure: 'proxy/auth',
      declared: true,
    });
  });

  test('of the source is for all endpoints that do not say otherwise', async () => {
    const proxy = await serveProxy();
    const url = await serve((_request, response) => response.end());
    const source = await start({ it: { url }, direct: { url, proxy: false } }, {}, { proxy: { url: proxy.url } });

    const results = [await probe(source), await probe(source, 'direct')];
    await source.close();

    expect(results.map(({ up }) => up)).toEqual([1, 1]);
    expect(proxy.asked).toHaveLength(1);
  });
});

const ORDER = ['resolve', 'connect', 'proxy', 'tls', 'login', 'send', 'wait', 'transfer'];

function order(phase: string): number {
  return ORDER.indexOf(phase);
}
