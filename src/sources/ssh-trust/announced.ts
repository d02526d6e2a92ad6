// What a server announces of its host keys (hostkeys-00@openssh.com, OpenSSH's PROTOCOL, section 2.5), against what is expected of it:
// a change of keys is seen before it hurts.

import { fingerprintOf, keyType } from './fingerprint.js';
import { PREFERRED_TYPES, type HostKeys } from './host-key.js';

export interface Announced {
  /** Announced and expected. */
  readonly known: readonly string[];
  /** Announced, not expected, and what the server will show once an expected one is gone: `type fingerprint`. */
  readonly fresh: readonly string[];
  /** Announced and not expected, of types that the server is not asked for. */
  readonly other: readonly string[];
  /** Expected and not announced: fingerprints. */
  readonly withdrawn: readonly string[];
}

interface Key {
  readonly type: string;
  readonly fingerprint: string;
}

/** @param keys public keys as they go over the wire, of which the server has proved that it holds the private ones */
export function compareAnnounced(keys: readonly Buffer[], { accepted, types }: HostKeys): Announced {
  const all: Key[] = keys.map((key) => ({ type: keyType(key), fingerprint: fingerprintOf(key) }));
  const known = all.filter(({ fingerprint }) => accepted.includes(fingerprint));
  const expectedTypes = new Set([...types, ...known.map(({ type }) => type)]);
  // Of fingerprints the types are not known before a server is met: then it is asked in our order of preference.
  const rank = types.length > 0 ? 0 : Math.min(...[...expectedTypes].map((type) => PREFERRED_TYPES.indexOf(type)));
  const unknown = all.filter(({ fingerprint }) => !accepted.includes(fingerprint));
  const hurts = ({ type }: Key) => {
    const place = PREFERRED_TYPES.indexOf(type);
    return expectedTypes.has(type) || (place !== -1 && place < rank);
  };
  return {
    known: known.map(words),
    fresh: unknown.filter(hurts).map(words),
    other: unknown.filter((key) => !hurts(key)).map(words),
    withdrawn: accepted.filter((one) => !all.some(({ fingerprint }) => fingerprint === one)),
  };
}

function words({ type, fingerprint }: Key): string {
  return `${type} ${fingerprint}`;
}

/** What people should do about it, in a sentence each. @param origin where the expectation stands */
export function announcementWarnings({ fresh, withdrawn }: Announced, address: string, origin: string): string[] {
  return [
    ...fresh.map(
      (key) =>
        `${address} announces another host key, ${key}, which ${origin} does not have: ask the partner over another channel, then add it before the old one is taken away`,
    ),
    ...withdrawn.map(
      (key) => `${address} does not announce the host key ${key} any more: take it out of ${origin} once no server of this name shows it`,
    ),
  ];
}
