// known_hosts as OpenSSH writes it, and what is said of a key that is not expected.

import { createHmac } from 'node:crypto';
import { fingerprintOf } from '../../../src/sources/ssh-trust/fingerprint.js';
import { hostKeyAlgorithms, refusal } from '../../../src/sources/ssh-trust/host-key.js';
import { knownKeys } from '../../../src/sources/ssh-trust/known-hosts.js';

/** A public key as it goes over the wire: its type with a length in front, then the rest. */
function key(seed: number, type = 'ssh-ed25519'): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  return Buffer.concat([head, Buffer.from(type), Buffer.alloc(36, seed)]);
}

function line(hosts: string, value: Buffer, rest = ''): string {
  return `${hosts} ssh-ed25519 ${value.toString('base64')}${rest}`;
}

function hashed(name: string): string {
  const salt = Buffer.from('twenty bytes of salt');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('known_hosts', () => {
  test('gives all keys of a host, whatever the case of its name', () => {
    const text = [
      '# a comment',
      '',
      line('one.example.org', key(1), ' a comment'),
      line('one.example.org', key(2)),
      line('two', key(3)),
    ].join('\n');

    expect(knownKeys(text, 'ONE.example.org', 22)).toEqual({ accepted: [key(1), key(2)], revoked: [] });
  });

  test('looks for another port as [host]:port first, then without the port', () => {
    const text = [line('[one]:2222', key(1)), line('one', key(2))].join('\n');

    expect(knownKeys(text, 'one', 2222).accepted).toEqual([key(1)]);
    expect(knownKeys(text, 'one', 2223).accepted).toEqual([key(2)]);
    expect(knownKeys(text, 'one', 22).accepted).toEqual([key(2)]);
  });

  test('reads hashed names, with and without a port', () => {
    const text = [line(hashed('[one]:2222'), key(1)), line(hashed('one'), key(2))].join('\n');

    expect(knownKeys(text, 'one', 2222).accepted).toEqual([key(1)]);
    expect(knownKeys(text, 'one', 22).accepted).toEqual([key(2)]);
    expect(knownKeys(text, 'two', 22).accepted).toEqual([]);
  });

  test('knows lists, wildcards and what they exclude', () => {
    const text = line('10.0.0.?,*.example.org,!evil.example.org', key(1));

    expect(knownKeys(text, '10.0.0.7', 22).accepted).toEqual([key(1)]);
    expect(knownKeys(text, 'sftp.example.org', 22).accepted).toEqual([key(1)]);
    expect(knownKeys(text, 'evil.example.org', 22).accepted).toEqual([]);
    expect(knownKeys(text, 'sftpXexample.org', 22).accepted).toEqual([]);
  });

  test('keeps revoked keys apart, and leaves certificate authorities out', () => {
    const text = [`@revoked ${line('*', key(1))}`, `@cert-authority ${line('*', key(2))}`, line('one', key(1))].join('\r\n');

    expect(knownKeys(text, 'one', 22)).toEqual({ accepted: [key(1)], revoked: [key(1)] });
  });
});

describe('a host key', () => {
  const expected = {
    accepted: [fingerprintOf(key(1)), fingerprintOf(key(2))],
    revoked: [fingerprintOf(key(2))],
    types: [],
    origin: 'known_hosts',
  };

  test('is accepted when it is expected', () => {
    expect(refusal(key(1), expected)).toBeUndefined();
  });

  test('is refused with what was offered and what was expected', () => {
    const message = refusal(key(3), { ...expected, accepted: [fingerprintOf(key(1))] });

    expect(message).toBe(
      `host key not accepted: the server offered ssh-ed25519 ${fingerprintOf(key(3))}, expected ${fingerprintOf(key(1))} (known_hosts)`,
    );
  });

  test('is refused when it is revoked, even if another line accepts it', () => {
    expect(refusal(key(2), expected)).toContain('which known_hosts marks as revoked');
  });

  test('is refused when nothing is expected', () => {
    expect(refusal(key(1), { ...expected, accepted: [] })).toContain('and known_hosts has no key for it');
  });

  test('is asked for in a type that is known, where there is one', () => {
    const [first, second] = hostKeyAlgorithms({ ...expected, types: ['ssh-rsa'] });

    expect([first, second]).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
    expect(hostKeyAlgorithms(expected)[0]).toBe('ssh-ed25519');
  });
});
