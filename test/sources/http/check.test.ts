// What vigie check says of http sources.

import { http } from '../../../src/sources/http/index.js';
import type { EndpointOptions } from '../../../src/sources/http/schema.js';
import { config, invoices, start } from './harness.js';

const URL = 'https://partner.example.org/health';

function check(endpoint: Partial<EndpointOptions>): string[] {
  const problems = http.check(config({ it: { url: URL, ...endpoint } }), { flows: [invoices], partners: ['chuv', 'hug'] });
  return problems.map(({ path, message, severity = 'error' }) => `${severity} ${path.join('.')}: ${message}`);
}

describe('the check of an http source', () => {
  test.each<Partial<EndpointOptions>>([
    {},
    { partner: 'chuv', flow: 'factures-tge', headers: { accept: 'application/json' }, expect: { body: '"UP"', within: '2s' } },
    { method: 'POST', body: '{}', tls: { ca: 'ca.pem' }, every: '1m', timeout: '30s' },
  ])('has nothing to say of %j', (endpoint) => {
    expect(check(endpoint)).toEqual([]);
  });

  test('refuses a password in the URL without showing it', () => {
    const problems = check({ url: 'https://vigie:hunter2@partner.example.org/' });

    expect(problems).toEqual([
      'error endpoints.it.url: holds a user or a password: move them to auth: { user: …, password: { env: NAME } }',
    ]);
  });

  test.each([
    [{ url: 'https://' }, 'error endpoints.it.url: no valid URL; e.g. https://partner.example.org/health'],
    [{ every: '100ms' }, 'error endpoints.it.every: 100ms is too often: 1s or more'],
    [{ timeout: '0s' }, 'error endpoints.it.timeout: 0s leaves no time to answer, e.g. 5s'],
    [{ timeout: '6s' }, 'error endpoints.it.timeout: 6s is longer than the time between two probes; at most that'],
    [{ partner: 'chuvs' }, 'error endpoints.it.partner: no partner "chuvs" (is it "chuv"?)'],
    [{ partner: 'hug', flow: 'factures-tge' }, 'error endpoints.it.partner: "hug" is no partner of factures-tge (there is: chuv)'],
    [{ flow: 'facture-tge' }, 'error endpoints.it.flow: no flow "facture-tge" in this environment (is it "factures-tge"?)'],
    [{ headers: { 'x api': 'y' } }, 'error endpoints.it.headers.x api: "x api" is no header name; e.g. x-api-key'],
    [
      { headers: { 'Content-Length': '3' } },
      'error endpoints.it.headers.Content-Length: "Content-Length" is set by Vigie itself; leave it out',
    ],
    [
      { headers: { accept: 'a', Accept: 'b' } },
      'error endpoints.it.headers.Accept: "Accept" stands twice; upper and lower case are the same header',
    ],
    [{ headers: { accept: 'a\nb' } }, 'error endpoints.it.headers.accept: holds a line break or control character'],
    [
      { headers: { Authorization: { env: 'TOKEN' } }, auth: { user: 'vigie', password: { env: 'PASSWORD' } } },
      'error endpoints.it.headers.Authorization: `auth` sets this header too; keep one of the two',
    ],
    [{ expect: { body: '(' } }, expect.stringMatching(/^error endpoints\.it\.expect\.body: no valid regular expression: /)],
    [{ method: 'HEAD', expect: { body: 'UP' } }, 'error endpoints.it.expect.body: an answer to HEAD has no body; use GET'],
    [{ expect: { within: '5s' } }, 'error endpoints.it.expect.within: 5s is longer than the timeout, so nothing is ever slow; shorten it'],
    [{ body: '{}' }, 'error endpoints.it.body: a body is sent with POST, PUT, PATCH, DELETE or OPTIONS, not with GET; e.g. method: POST'],
    [
      { url: 'http://partner.example.org/', tls: { ca: 'ca.pem' } },
      'error endpoints.it.tls: the URL is http://, where there is no certificate; use https:// or leave it out',
    ],
    [
      { tls: { insecure: true, ca: 'ca.pem' } },
      'error endpoints.it.tls.insecure: accepts any certificate, so `ca` has no effect; keep one of the two',
    ],
    [
      { tls: { insecure: true } },
      'warning endpoints.it.tls.insecure: any certificate is accepted, an impostor’s too; name the authority with `ca` instead',
    ],
  ] satisfies [Partial<EndpointOptions>, unknown][])('%j', (endpoint, message) => {
    expect(check(endpoint)).toEqual([message]);
  });
});

test('endpoints have an interval and a staleness of their own', async () => {
  const source = await start({ slow: { url: URL, every: '1m', timeout: '20s' }, quick: { url: URL } });

  expect(source.collectors.map(({ interval, maxStaleness }) => [interval, maxStaleness])).toEqual([
    [60_000, 180_000],
    [5000, 15_000],
  ]);
});
