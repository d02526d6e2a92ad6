// Whether the key that a server shows is the one it should show. Without an answer of yes, nothing is sent to it.

import { readFile } from 'node:fs/promises';
import { SourceError } from '../kind.js';
import { errorCode } from '../system-errors.js';
import { fingerprintOf, keyType } from './fingerprint.js';
import { knownKeys } from './known-hosts.js';
import type { HostKeyOptions } from './schema.js';

export interface HostKeys {
  /** SHA-256 fingerprints, any of which is accepted. */
  readonly accepted: readonly string[];
  /** Fingerprints that are refused even if accepted by another line. */
  readonly revoked: readonly string[];
  /** Types of the accepted keys, where they are known: the server is asked for these first. */
  readonly types: readonly string[];
  /** Where the expectation comes from, for messages. */
  readonly origin: string;
}

/** Signature algorithms that belong to a key of type ssh-rsa (RFC 8332). */
const RSA = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] as const;
const ALGORITHMS = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', ...RSA] as const;
/** Types of keys, the best first: a server of which no type is known is asked for its keys in this order. */
export const PREFERRED_TYPES: readonly string[] = ALGORITHMS;

/** Reads what is expected of the server, now. @throws SourceError when the file cannot be read */
export async function expectedHostKeys(
  hostKey: HostKeyOptions,
  { host, port }: { readonly host: string; readonly port: number },
  resolvePath: (path: string) => string,
): Promise<HostKeys> {
  if (typeof hostKey === 'string') return { accepted: [hostKey], revoked: [], types: [], origin: 'host_key' };
  if (Array.isArray(hostKey)) return { accepted: hostKey, revoked: [], types: [], origin: 'host_key' };
  const file = hostKey.known_hosts;
  const { accepted, revoked } = knownKeys(await readKnownHosts(resolvePath(file), file), host, port);
  return { accepted: accepted.map(fingerprintOf), revoked: revoked.map(fingerprintOf), types: accepted.map(keyType), origin: file };
}

/** All algorithms, those of the accepted keys first: a server with several keys then shows the one that is known. */
export function hostKeyAlgorithms({ types }: HostKeys): (typeof ALGORITHMS)[number][] {
  const known = new Set<string>(types.flatMap((type) => (type === 'ssh-rsa' ? RSA : [type])));
  return [...ALGORITHMS.filter((name) => known.has(name)), ...ALGORITHMS.filter((name) => !known.has(name))];
}

/** @returns why the key is not accepted, or undefined where it is */
export function refusal(key: Buffer, expected: HostKeys): string | undefined {
  const offered = fingerprintOf(key);
  const shown = `the server offered ${keyType(key)} ${offered}`;
  if (expected.revoked.includes(offered)) return `host key not accepted: ${shown}, which ${expected.origin} marks as revoked`;
  if (expected.accepted.includes(offered)) return undefined;
  if (expected.accepted.length === 0) return `host key not accepted: ${shown}, and ${expected.origin} has no key for it`;
  return `host key not accepted: ${shown}, expected ${expected.accepted.join(' or ')} (${expected.origin})`;
}

async function readKnownHosts(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SourceError('connect', 'config', `known_hosts file ${shown} cannot be read (${String(errorCode(error))})`);
  }
}
