// The keys of the demo's SFTP server and of its one user, made on the first run.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';

export interface SshKeys {
  readonly hostKey: string;
  /** Public key of the user, as one line of authorized_keys. */
  readonly userPublicKey: string;
}

/** Makes the keys that are missing, and writes known_hosts for the port. */
export function ensureSshKeys(folder: string, host: string, port: number): SshKeys {
  mkdirSync(folder, { recursive: true });
  const server = ensureKey(join(folder, 'host_ed25519'));
  const user = ensureKey(join(folder, 'vigie_ed25519'));
  writeFileSync(join(folder, 'known_hosts'), `[${host}]:${port} ${server.publicKey}\n`);
  return { hostKey: server.privateKey, userPublicKey: user.publicKey };
}

/** One in two hundred of those that ssh2 1.17 makes cannot be read, by itself or anybody else: those are thrown away. */
export function makeKeyPair(comment = ''): { readonly private: string; readonly public: string } {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (!(ssh2.utils.parseKey(made.private) instanceof Error)) return made;
  }
}

function ensureKey(path: string): { privateKey: string; publicKey: string } {
  if (!existsSync(path) || !existsSync(`${path}.pub`)) {
    const made = makeKeyPair('demo of Vigie');
    writeFileSync(path, made.private, { mode: 0o600 });
    writeFileSync(`${path}.pub`, `${made.public}\n`);
  }
  return { privateKey: readFileSync(path, 'utf8'), publicKey: readFileSync(`${path}.pub`, 'utf8').trim() };
}
