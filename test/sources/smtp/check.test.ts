// What vigie check says of smtp sources.

import { smtp } from '../../../src/sources/smtp/index.js';
import type { EndpointOptions } from '../../../src/sources/smtp/schema.js';
import { checked } from '../tcp/harness.js';

function check(endpoint: Partial<EndpointOptions>): string[] {
  return checked(smtp, { kind: 'smtp', endpoints: { it: { address: 'mail.example.org:25', ...endpoint } } });
}

const login = { user: 'vigie', password: { env: 'PASSWORD' } };

describe('the check of an smtp source', () => {
  test.each<Partial<EndpointOptions>>([
    {},
    { address: 'mail.example.org:465', encryption: 'implicit', login, tls: { ca: 'ca.pem' } },
    { encryption: 'none', envelope: { from: '', to: 'postmaster@example.org' }, expect: { extensions: ['STARTTLS'], size_at_least: 1000 } },
  ])('has nothing to say of %j', (endpoint) => {
    expect(check(endpoint)).toEqual([]);
  });

  test.each([
    [
      { address: 'mail.example.org' },
      'error endpoints.it.address: "mail.example.org" is no host:port, e.g. mail.example.org:25; an IPv6 address stands in brackets, [2001:db8::1]:443',
    ],
    [{ partner: 'chuvs' }, 'error endpoints.it.partner: no partner "chuvs" (is it "chuv"?)'],
    [
      { encryption: 'none', tls: { ca: 'ca.pem' } },
      'error endpoints.it.tls: has no effect with encryption: none; leave one of the two out',
    ],
    [
      { encryption: 'none', login },
      'error endpoints.it.login: a password is sent over TLS only; leave `encryption` out, or choose implicit',
    ],
    [
      { address: 'mail.example.org:465' },
      'warning endpoints.it.address: port 465 speaks TLS from the start, as a rule: encryption: implicit',
    ],
    [
      { encryption: 'implicit', expect: { extensions: ['starttls'] } },
      'error endpoints.it.expect.extensions: STARTTLS is not offered over TLS; leave it out, or choose encryption: starttls',
    ],
  ] satisfies [Partial<EndpointOptions>, string][])('%j', (endpoint, message) => {
    expect(check(endpoint)).toEqual([message]);
  });
});
