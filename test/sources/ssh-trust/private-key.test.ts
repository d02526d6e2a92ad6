// Private keys before they are used.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenedKeys, usableKey } from '../../../src/sources/ssh-trust/private-key.js';
import { describeWith } from '../../servers/describe.js';
import { generateKey } from '../../servers/sshd.js';

describeWith(['sshd'], 'private keys', () => {
  let folder: string;
  let plain: string;
  let encrypted: string;
  let publicKey: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-private-key-'));
    await generateKey(join(folder, 'plain'));
    await generateKey(join(folder, 'encrypted'), 'sesame');
    plain = await readFile(join(folder, 'plain'), 'utf8');
    encrypted = await readFile(join(folder, 'encrypted'), 'utf8');
    publicKey = await readFile(join(folder, 'plain.pub'), 'utf8');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('are opened once, since that holds up everything else', () => {
    const keys = new OpenedKeys();

    const opened = keys.open(encrypted, 'sesame');

    expect(opened.isPrivateKey()).toBe(true);
    expect(keys.open(encrypted, 'sesame')).toBe(opened);
    expect(keys.open(plain, undefined).isPrivateKey()).toBe(true);
  });

  test('that are of no use are told in words that hold nothing of them', () => {
    expect(() => usableKey(encrypted, undefined)).toThrow('the private key is encrypted, and there is no `passphrase`');
    expect(() => new OpenedKeys().open(encrypted, 'wrong')).toThrow('and the passphrase must open it');
    expect(() => usableKey('garbage', undefined)).toThrow('it must be an OpenSSH or PEM key');
    expect(() => usableKey(publicKey, undefined)).toThrow('`key` holds a public key; the private one is needed');
  });
});
