// Reads the known_hosts files of OpenSSH: which keys a host may show, and which are revoked.
// The format is described in sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".

import { createHmac } from 'node:crypto';

/** The port whose lines name the host alone. */
const DEFAULT_PORT = 22;

export interface KnownKeys {
  /** Public keys as they go over the wire. */
  readonly accepted: readonly Buffer[];
  readonly revoked: readonly Buffer[];
}

interface Line {
  readonly marker: string | undefined;
  readonly hosts: string;
  readonly key: Buffer;
}

const LINE = /^\s*(?:(?<marker>@\S+)\s+)?(?<hosts>\S+)\s+(?<type>[a-z][a-z0-9@.-]*)\s+(?<key>[A-Za-z0-9+/]+={0,2})(?:\s|$)/;

/**
 * The keys of one host. As OpenSSH does, a port other than 22 is looked for as `[host]:port`, then without the port.
 * Lines that are no entries (comments, certificate authorities, formats of old) are left out.
 */
export function knownKeys(text: string, host: string, port: number): KnownKeys {
  const lines = text.split('\n').flatMap(parseLine);
  const name = host.toLowerCase();
  const names = port === DEFAULT_PORT ? [name] : [`[${name}]:${port}`, name];
  const revoked = lines.filter((line) => line.marker === '@revoked' && names.some((wanted) => matchesHost(line.hosts, wanted)));
  for (const wanted of names) {
    const found = lines.filter((line) => line.marker === undefined && matchesHost(line.hosts, wanted));
    if (found.length > 0) return { accepted: found.map(({ key }) => key), revoked: revoked.map(({ key }) => key) };
  }
  return { accepted: [], revoked: revoked.map(({ key }) => key) };
}

function parseLine(text: string): Line[] {
  const { marker, hosts, key } = LINE.exec(text)?.groups ?? {};
  if (hosts === undefined || key === undefined || hosts.startsWith('#')) return [];
  return [{ marker, hosts, key: Buffer.from(key, 'base64') }];
}

/** Patterns are separated by commas; one that is negated with `!` and matches rules the line out. */
function matchesHost(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) return matchesHash(patterns, name);
  let matched = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!wildcard(negated ? pattern.slice(1) : pattern).test(name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt. */
function matchesHash(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split('|');
  if (salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` stands for any characters, `?` for one; everything else, brackets too, for itself. */
function wildcard(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
