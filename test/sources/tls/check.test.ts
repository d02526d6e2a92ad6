// What vigie check says of tls sources.

import { tls } from '../../../src/sources/tls/index.js';
import type { EndpointOptions } from '../../../src/sources/tls/schema.js';
import { checked } from '../tcp/harness.js';

function check(endpoint: Partial<EndpointOptions>): string[] {
  return checked(tls, { kind: 'tls', endpoints: { it: { address: 'api.example.org:443', ...endpoint } } });
}

describe('the check of a tls source', () => {
  test.each<Partial<EndpointOptions>>([
    {},
    { address: '[2001:db8::1]:636', starttls: 'ldap', versions: { min: 'TLSv1' }, expect: { version: 'TLSv1.1' } },
    { alpn: ['h2'], expect: { alpn: 'h2', issuer: 'O=SwissSign', valid_for: '21d', within: '2s' } },
    { certificate: 'vigie.pem', key: { env: 'KEY' }, ca: 'ca.pem', server_name: 'api.example.org' },
    { insecure: true, expect: { fingerprint: 'ab'.repeat(32) } },
  ])('has nothing to say of %j', (endpoint) => {
    expect(check(endpoint)).toEqual([]);
  });

  test.each([
    [
      { address: 'https://api.example.org/' },
      'error endpoints.it.address: is no host:port but a URL, or holds a user; e.g. api.example.org:443',
    ],
    [{ flow: 'facture-tge' }, 'error endpoints.it.flow: no flow "facture-tge" in this environment (is it "factures-tge"?)'],
    [{ certificate: 'vigie.pem' }, 'error endpoints.it: `certificate` without `key`: our certificate is both'],
    [{ insecure: true, ca: 'ca.pem' }, 'error endpoints.it.insecure: accepts any certificate, so `ca` has no effect; keep one of the two'],
    [
      { insecure: true },
      'warning endpoints.it.insecure: any certificate is accepted, an impostor’s too; name the authority with `ca` instead',
    ],
    [
      { versions: { min: 'TLSv1.3', max: 'TLSv1.2' } },
      'error endpoints.it.versions: from TLSv1.3 to TLSv1.2 there is no version; exchange them, or name both',
    ],
    [{ versions: { max: 'TLSv1' } }, 'error endpoints.it.versions: from TLSv1.2 to TLSv1 there is no version; exchange them, or name both'],
    [
      { expect: { version: ['TLSv1.3', 'TLSv1.1'] } },
      'error endpoints.it.expect.version: TLSv1.1 is not offered; offer it with versions: { min: TLSv1.1 }',
    ],
    [{ expect: { issuer: '(' } }, expect.stringMatching(/^error endpoints\.it\.expect\.issuer: no valid regular expression: /)],
    [{ expect: { alpn: 'h2' } }, 'error endpoints.it.expect.alpn: "h2" is not offered; offer it with alpn: [h2]'],
    [{ alpn: ['http/1.1'], expect: { alpn: 'http/1' } }, 'error endpoints.it.expect.alpn: "http/1" is not offered (is it "http/1.1"?)'],
  ] satisfies [Partial<EndpointOptions>, unknown][])('%j', (endpoint, message) => {
    expect(check(endpoint)).toEqual([message]);
  });
});
