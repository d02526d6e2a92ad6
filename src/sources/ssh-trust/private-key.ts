// Looks at a private key before a connection is made: what is wrong with it is not the server's fault.

import { createHmac, randomBytes } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { SourceError } from '../kind.js';

/** @returns the key itself, if it can be used. @throws SourceError of phase `login` and class `secret` */
export function usableKey(key: string, passphrase: string | undefined): string {
  parse(key, passphrase);
  return key;
}

/** More than these are keys that were replaced. */
const MOST_KEPT = 20;

/**
 * Keys that are ready to sign. To open an encrypted one takes up to a second of computing (bcrypt), in which nothing else gets its
 * turn: it is done once, and the opened key kept for as long as the source.
 */
export class OpenedKeys {
  readonly #opened = new Map<string, ParsedKey>();
  /** Keys are told apart by a digest that means nothing outside of this process. */
  readonly #salt = randomBytes(32);

  /** @throws SourceError of phase `login` and class `secret` */
  open(key: string, passphrase: string | undefined): ParsedKey {
    if (passphrase === undefined) return parse(key, passphrase);
    const id = createHmac('sha256', this.#salt)
      .update(JSON.stringify([key, passphrase]))
      .digest('base64');
    const known = this.#opened.get(id);
    if (known) return known;
    const opened = parse(key, passphrase);
    if (this.#opened.size >= MOST_KEPT) this.#opened.clear();
    this.#opened.set(id, opened);
    return opened;
  }
}

function parse(key: string, passphrase: string | undefined): ParsedKey {
  const parsed: ParsedKey | Error = ssh2.utils.parseKey(key, passphrase);
  if (parsed instanceof Error) {
    const encrypted = passphrase === undefined && /encrypted/i.test(parsed.message);
    const message = encrypted
      ? 'the private key is encrypted, and there is no `passphrase`'
      : `the private key cannot be read: it must be an OpenSSH or PEM key${passphrase === undefined ? '' : ', and the passphrase must open it'}`;
    throw new SourceError('login', 'secret', message);
  }
  if (!parsed.isPrivateKey()) throw new SourceError('login', 'secret', '`key` holds a public key; the private one is needed');
  return parsed;
}
