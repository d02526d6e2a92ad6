// What is said of dns sources before anything is asked.

import { dns } from '../../../src/sources/dns/index.js';
import { queryName, reverseName } from '../../../src/sources/dns/name.js';
import type { EndpointOptions } from '../../../src/sources/dns/schema.js';
import { configOf } from '../probing.js';

function problems(endpoint: EndpointOptions): string[] {
  const found = dns.check(configOf({ kind: 'dns' as const, endpoints: { it: endpoint } }), { flows: [], partners: [] });
  return found.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
}

describe('the check of dns sources', () => {
  test('has nothing to say of questions that can be asked', () => {
    expect(problems({ name: 'api.example.org' })).toEqual([]);
    expect(problems({ name: '_sip._tcp.example.org.', type: 'SRV', server: '[2001:db8::53]:5353' })).toEqual([]);
    expect(problems({ name: '192.0.2.10', type: 'PTR', server: 'ns1.example.org' })).toEqual([]);
    expect(problems({ name: 'a.example.org', expect: { answers: ['192.0.2.10'], within: '1s' } })).toEqual([]);
  });

  test.each<[EndpointOptions, string]>([
    [{ name: 'two words' }, 'name: "two words" is no name; e.g. api.partner.example.org'],
    [{ name: '192.0.2.10' }, 'name: "192.0.2.10" is an address, which has no record of type A; did you mean type: PTR?'],
    [
      { name: 'a.example', server: 'ns1:99999' },
      'server: "ns1:99999" is no server; e.g. 192.0.2.53, ns1.partner.example.org:53 or [2001:db8::53]:53',
    ],
    [
      { name: 'a.example', expect: { answers: ['2001:db8::1'] } },
      'expect.answers.0: "2001:db8::1" is no record of type A; e.g. 192.0.2.10',
    ],
    [
      { name: 'a.example', type: 'MX', expect: { answers: ['mail.example'] } },
      'expect.answers.0: "mail.example" is no record of type MX; e.g. 10 mail.partner.example.org',
    ],
    [
      { name: 'a.example', expect: { rcode: 'NXDOMAIN', at_least: 1 } },
      'expect.at_least: an answer with the status NXDOMAIN has no records; keep one of the two',
    ],
    [
      { name: 'a.example', expect: { answers: ['192.0.2.1'], at_least: 1 } },
      'expect.at_least: `answers` names all records already; keep one of the two',
    ],
    [{ name: 'a.example', expect: { matches: '(' } }, 'expect.matches: no valid regular expression: Unterminated group'],
    [{ name: 'a.example', expect: { within: '5s' } }, 'expect.within: 5s is longer than the timeout, so nothing is ever slow; shorten it'],
  ])('of %j it says what is wrong', (endpoint, problem) => {
    expect(problems(endpoint)).toEqual([problem]);
  });
});

describe('names', () => {
  test('of addresses are those of RFC 1035 and RFC 3596', () => {
    expect(reverseName('192.0.2.10')).toBe('10.2.0.192.in-addr.arpa');
    expect(reverseName('2001:db8:0:0:0:0:0:1')).toBe(`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
    expect(reverseName('::1')).toBe(`1.${'0.'.repeat(31)}ip6.arpa`);
    expect(reverseName('a.example')).toBeUndefined();
  });

  test('with other letters than those of ASCII are encoded', () => {
    expect(queryName('Zürich.example.')).toBe('xn--zrich-kva.example');
  });
});
