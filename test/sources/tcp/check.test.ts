// What vigie check says of tcp sources.

import { tcp } from '../../../src/sources/tcp/index.js';
import type { EndpointOptions } from '../../../src/sources/tcp/schema.js';
import { checked } from './harness.js';

function check(endpoint: Partial<EndpointOptions>): string[] {
  return checked(tcp, { kind: 'tcp', endpoints: { it: { address: 'hl7.example.org:2575', ...endpoint } } });
}

const noAddress = (text: string) =>
  `error endpoints.it.address: "${text}" is no host:port, e.g. hl7.example.org:2575; an IPv6 address stands in brackets, [2001:db8::1]:443`;

describe('the check of a tcp source', () => {
  test.each<Partial<EndpointOptions>>([
    {},
    { address: '[2001:db8::1]:21', partner: 'chuv', flow: 'factures-tge', tls: true, expect: { within: '2s' } },
    { dialogue: [{ expect: '(?<nonce>\\w+)', unless: '^5' }, { send: 'X ${nonce} $${other}' }, { send_hex: '00 ff' }, { starttls: true }] },
    { tls: true, dialogue: [{ send: ['PASS ', { env: 'PASSWORD' }] }, { expect: '^230 ' }] },
  ])('has nothing to say of %j', (endpoint) => {
    expect(check(endpoint)).toEqual([]);
  });

  test.each([
    [{ address: 'hl7.example.org' }, noAddress('hl7.example.org')],
    [{ address: 'hl7.example.org:0' }, noAddress('hl7.example.org:0')],
    [{ address: '2001:db8::1:443' }, noAddress('2001:db8::1:443')],
    [
      { address: 'ftp://vigie:hunter2@ftp.example.org:21' },
      'error endpoints.it.address: is no host:port but a URL, or holds a user; e.g. hl7.example.org:2575',
    ],
    [{ partner: 'chuvs' }, 'error endpoints.it.partner: no partner "chuvs" (is it "chuv"?)'],
    [{ expect: { within: '5s' } }, 'error endpoints.it.expect.within: 5s is longer than the timeout, so nothing is ever slow; shorten it'],
    [
      { slow: { warning: '4s' } },
      'error endpoints.it.slow.warning: 4s is not shorter than the timeout, so nothing is ever slow; shorten it',
    ],
    [
      { slow: { warning: '2s', critical: '1s' } },
      'error endpoints.it.slow.critical: critical is 1s, warning is 2s: critical must be the worse of the two',
    ],
    [{ tls: { key: { env: 'KEY' } } }, 'error endpoints.it.tls: `key` without `certificate`: our certificate is both'],
    [{ dialogue: [{ expect: '(' }] }, expect.stringMatching(/^error endpoints\.it\.dialogue\.0\.expect: no valid regular expression: /)],
    [
      { dialogue: [{ expect: 'x', send: 'y' }] },
      'error endpoints.it.dialogue.0: expect and send in one step; write a step for each, in the order in which they are taken',
    ],
    [{ dialogue: [{ unless: 'x' }] }, 'error endpoints.it.dialogue.0: says when not to wait, but not what for: `expect` is missing'],
    [{ dialogue: [{ send: 'x', unless: 'y' }] }, 'error endpoints.it.dialogue.0.unless: has its place beside `expect` only'],
    [
      { dialogue: [{ send: 'X ${nonce}' }] },
      'error endpoints.it.dialogue.0.send: no group "nonce" in an expect before: (?<nonce>…) names one; the text itself is written $${nonce}',
    ],
    [
      { dialogue: [{ expect: '(?<nonce>x)' }, { send: '${nonse}' }] },
      'error endpoints.it.dialogue.1.send: no group "nonse" in an expect before (is it "nonce"?); the text itself is written $${nonse}',
    ],
    [
      { encoding: 'latin1', dialogue: [{ send: '€' }] },
      'error endpoints.it.dialogue.0.send: has a character that latin1 has not; leave `encoding` out, or send bytes with send_hex',
    ],
    [
      { dialogue: [{ starttls: true }, { starttls: true }] },
      'error endpoints.it.dialogue.1.starttls: TLS starts once only; leave this step out',
    ],
    [
      { tls: true, dialogue: [{ send: { env: 'TOKEN' } }] },
      'error endpoints.it.dialogue.0.send: sends a secret, and no `expect` after it shows that it was accepted; add one, e.g. { expect: "^230 " }',
    ],
    [
      { dialogue: [{ send: { env: 'TOKEN' } }, { expect: 'OK' }] },
      'warning endpoints.it.dialogue.0.send: a secret over a connection that is not secured can be read on its way; use tls',
    ],
  ] satisfies [Partial<EndpointOptions>, unknown][])('%j', (endpoint, message) => {
    expect(check(endpoint)).toEqual([message]);
  });
});
