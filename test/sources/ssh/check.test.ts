// What is said of ssh sources before any server is visited.

import { ssh } from '../../../src/sources/ssh/index.js';
import type { EndpointOptions } from '../../../src/sources/ssh/schema.js';
import { configOf } from '../probing.js';

const FINGERPRINT = 'SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDHq6Xyb5fG1Wl1pHg';

function problems(changes: Partial<EndpointOptions>): string[] {
  const it = { address: 'sftp.example.org', host_key: FINGERPRINT, ...changes };
  const found = ssh.check(configOf({ kind: 'ssh' as const, endpoints: { it } }), { flows: [], partners: [] });
  return found.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
}

describe('the check of ssh sources', () => {
  test('has nothing to say of servers that can be visited', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ address: '[2001:db8::22]:2222', host_key: { known_hosts: 'known_hosts' } })).toEqual([]);
    expect(problems({ login: { user: 'vigie', key: { env: 'KEY' }, passphrase: { env: 'P' } }, expect: { banner: 'OpenSSH' } })).toEqual(
      [],
    );
  });

  test.each<[Partial<EndpointOptions>, string]>([
    [
      { address: 'sftp.example.org:ssh' },
      'address: "sftp.example.org:ssh" is no address; e.g. sftp.partner.example.org:22 or [2001:db8::22]:22',
    ],
    [
      { login: { user: 'vigie' } },
      'login: neither `key` nor `password`: say how to log in, e.g. key: { file: /run/secrets/vigie_ed25519 }',
    ],
    [
      { login: { user: 'vigie', password: { env: 'P' }, passphrase: { env: 'P' } } },
      'login.passphrase: a passphrase opens a `key`, and there is none; did you mean `password`?',
    ],
    [{ expect: { banner: '(' } }, 'expect.banner: no valid regular expression: Unterminated group'],
  ])('of %j it says what is wrong', (changes, problem) => {
    expect(problems(changes)).toEqual([problem]);
  });
});
