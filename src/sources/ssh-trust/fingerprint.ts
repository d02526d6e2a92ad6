// Fingerprints of host keys as OpenSSH writes them.

import { createHash } from 'node:crypto';

/** SHA-256 in base64 without padding: 43 characters. */
const SHAPE = /^SHA256:[A-Za-z0-9+/]{43}$/;

export function isFingerprint(text: string): boolean {
  return SHAPE.test(text);
}

/** @param key the public key as it goes over the wire (RFC 4253, section 6.6) */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type a public key names itself by, e.g. `ssh-ed25519`; empty where the bytes are no key. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}
