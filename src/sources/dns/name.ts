// Names as DNS knows them.

import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** RFC 1035, section 2.3.4, and the underscore of service names (RFC 8552). */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const LONGEST = 253;

/** The name as it is asked for: lower case, non-ASCII letters encoded (RFC 5891), without the dot at the end; undefined where it is none. */
export function queryName(text: string): string | undefined {
  const bare = text.replace(/\.$/, '');
  // The encoding of international names refuses underscores, so it is for those alone that need it.
  const name = /^[\x20-\x7e]*$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
  if (name.length > LONGEST || !name.split('.').every((label) => LABEL.test(label))) return undefined;
  return name;
}

/** The name under which the name of an address is kept (RFC 1035, section 3.5; RFC 3596, section 2.5); undefined where it is no address. */
export function reverseName(address: string): string | undefined {
  if (isIPv4(address)) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`;
  const groups = isIPv6(address) ? groupsOf(address) : undefined;
  if (groups === undefined) return undefined;
  const digits = groups.map((group) => group.padStart(4, '0')).join('');
  return `${Array.from(digits).toReversed().join('.')}.ip6.arpa`;
}

/** One way of writing for each IPv6 address; other texts are left as they are. */
export function canonicalAddress(text: string): string {
  return isIPv6(text) && !text.includes('%') ? bracketed(text).slice(1, -1) : text;
}

function bracketed(address: string): string {
  return new URL(`http://[${address}]/`).hostname;
}

function groupsOf(address: string): string[] | undefined {
  if (address.includes('%')) return undefined;
  const [head = '', tail] = canonicalAddress(address).split('::');
  const before = head.split(':').filter(Boolean);
  if (tail === undefined) return before;
  const after = tail.split(':').filter(Boolean);
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
