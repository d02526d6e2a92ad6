// Addresses as people write them: host:port, an IPv6 address in brackets.

import { isIPv6, type Socket } from 'node:net';
import type { Problem } from '../kind.js';

export interface Address {
  /** Name or address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** @returns undefined where the text is no address */
export function parseAddress(text: string): Address | undefined {
  const { six, name, digits } = /^(?:\[(?<six>[^\]]*)\]|(?<name>[^\s:/@[\]]+)):(?<digits>\d{1,5})$/.exec(text)?.groups ?? {};
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return undefined;
  if (six !== undefined) return isIPv6(six) ? { host: six, port } : undefined;
  return name === undefined ? undefined : { host: name, port };
}

/** @throws Error where the text is no address: the YAML has been checked */
export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error('no address');
  return address;
}

/** @param example an address that would be right */
export function addressProblems(text: string, example: string): Problem[] {
  if (parseAddress(text)) return [];
  const path = ['address'];
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || text.includes('@')) {
    return [{ path, message: `is no host:port but a URL, or holds a user; e.g. ${example}` }];
  }
  return [{ path, message: `"${text}" is no host:port, e.g. ${example}; an IPv6 address stands in brackets, [2001:db8::1]:443` }];
}

/** How a client of mail without a name introduces itself: RFC 5321, section 4.1.3. */
export function addressLiteral({ localAddress = '127.0.0.1' }: Socket): string {
  return isIPv6(localAddress) ? `[IPv6:${localAddress}]` : `[${localAddress}]`;
}
