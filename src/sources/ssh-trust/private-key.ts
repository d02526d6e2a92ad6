// Looks at a private key before a connection is made: what is wrong with it is not the server's fault.

import ssh2, { type ParsedKey } from 'ssh2';
import { SourceError } from '../kind.js';

/** @returns the key itself, if it can be used. @throws SourceError of phase `login` and class `secret` */
export function usableKey(key: string, passphrase: string | undefined): string {
  const parsed: ParsedKey | Error = ssh2.utils.parseKey(key, passphrase);
  if (parsed instanceof Error) {
    const encrypted = passphrase === undefined && /encrypted/i.test(parsed.message);
    const message = encrypted
      ? 'the private key is encrypted, and there is no `passphrase`'
      : `the private key cannot be read: it must be an OpenSSH or PEM key${passphrase === undefined ? '' : ', and the passphrase must open it'}`;
    throw new SourceError('login', 'secret', message);
  }
  if (!parsed.isPrivateKey()) throw new SourceError('login', 'secret', '`key` holds a public key; the private one is needed');
  return key;
}
