// Whether a connection is encrypted, and how the server proves who it is: the same for all engines.

import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { SourceError } from '../../kind.js';
import type { ConnectContext } from '../driver.js';
import type { ConnectionSettings } from '../schema.js';

/** Codes of Node.js and OpenSSL for a certificate that is not accepted, or TLS that fails. */
export const TLS_CODE = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH|INVALID_CA)/;

export interface Encryption {
  /** PEM of the authorities to trust instead of those of the system. */
  readonly ca?: string;
  /** The name the certificate must bear, where it is not the one that is connected to. */
  readonly name?: string;
}

/**
 * Without a word in the YAML, what leaves the machine is encrypted and the server proves who it is.
 * @returns undefined for an unencrypted connection
 * @throws SourceError where the authorities cannot be read
 */
export async function encryptionOf(
  server: string,
  tls: ConnectionSettings['tls'],
  { resolvePath }: ConnectContext,
): Promise<Encryption | undefined> {
  if (tls === false || (tls === undefined && isLocal(server))) return undefined;
  if (tls === undefined || tls === true) return {};
  const { ca: path, server_name: name } = tls;
  const encryption = name === undefined ? {} : { name };
  if (path === undefined) return encryption;
  const ca = await readFile(resolvePath(path), 'utf8').catch(() => {
    throw new SourceError('connect', 'not_found', `connection.tls.ca: ${path} cannot be read`);
  });
  return { ...encryption, ca };
}

function isLocal(server: string): boolean {
  return server.startsWith('/') || server === 'localhost' || server === '::1' || (isIP(server) === 4 && server.startsWith('127.'));
}
