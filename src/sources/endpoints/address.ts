// Addresses as people write them: host:port, an IPv6 address in brackets.

import { isIP, isIPv6, type Socket } from 'node:net';
import type { Problem } from '../kind.js';

export interface Address {
  /** Name or address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * RFC 1123, section 2.1, with the letters of international names and the underscores that internal ones have. No part begins with a dash,
 * so that no program takes a name for an option.
 */
const LABEL = /^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,62}$/u;
const LONGEST_NAME = 253;

/** Whether it is a name or an address; an IPv6 one without brackets. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const name = text.replace(/\.$/, '');
  return name.length <= LONGEST_NAME && name.split('.').every((label) => LABEL.test(label));
}

/**
 * Reads `host:port` and `[::1]:port`; where there is a default port, also `host` and `::1`.
 * @returns undefined where the text is no address, or names no port and there is no default
 */
export function parseAddress(text: string, defaultPort?: number): Address | undefined {
  if (isIPv6(text)) return defaultPort === undefined ? undefined : { host: text, port: defaultPort };
  const groups = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  const { v6, name } = groups ?? {};
  const port = groups?.['port'] === undefined ? defaultPort : Number(groups['port']);
  if (port === undefined || port < 1 || port > 65_535) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined;
  return name !== undefined && isHost(name) ? { host: name, port } : undefined;
}

/** As `parseAddress` reads it. */
export function formatAddress({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @throws Error where the text is no address: the YAML has been checked */
export function addressOf(text: string, defaultPort?: number): Address {
  const address = parseAddress(text, defaultPort);
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
