// What `vigie check` says of `host_key` beyond its schema. No I/O.

import type { Problem } from '../kind.js';
import { isFingerprint } from './fingerprint.js';
import type { HostKeyOptions } from './schema.js';

/** Paths start where `host_key` stands. */
export function hostKeyProblems(hostKey: HostKeyOptions): Problem[] {
  if (typeof hostKey === 'object' && !Array.isArray(hostKey)) return [];
  const several = Array.isArray(hostKey);
  return (several ? hostKey : [hostKey]).flatMap((text, index) => {
    if (isFingerprint(text)) return [];
    const path = several ? ['host_key', index] : ['host_key'];
    const message = `"${text}" is no SHA-256 fingerprint: it must be SHA256: and 43 characters, as \`ssh-keyscan host | ssh-keygen -lf -\` prints it`;
    return [{ path, message }];
  });
}
