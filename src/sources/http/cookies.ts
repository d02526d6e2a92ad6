// The cookies of one probe, from one request to the next (RFC 6265, as far as a run of a few requests needs it).

import { isIP } from 'node:net';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Goes to the host that set it and to no other. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
}

/** More than this nobody needs; a server that sets more is not followed. */
const MOST_COOKIES = 50;
const LONGEST_COOKIE = 8_192;

export class Cookies {
  #cookies: Cookie[] = [];

  /** @param headers the Set-Cookie headers of an answer from this URL @returns the values, which are secrets */
  take(url: URL, headers: readonly string[]): readonly string[] {
    const taken: string[] = [];
    for (const header of headers) {
      const cookie = header.length > LONGEST_COOKIE ? undefined : parse(url, header);
      if (!cookie) continue;
      this.#cookies = this.#cookies.filter((one) => one.name !== cookie.name || one.domain !== cookie.domain || one.path !== cookie.path);
      if (cookie.expired || this.#cookies.length >= MOST_COOKIES) continue;
      this.#cookies.push(cookie);
      taken.push(cookie.value);
    }
    return taken;
  }

  /** What to send to the URL; undefined where there is nothing. */
  header(url: URL): string | undefined {
    const fitting = this.#cookies.filter((cookie) => goesTo(cookie, url)).toSorted((a, b) => b.path.length - a.path.length);
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

function goesTo({ domain, hostOnly, path, secure }: Cookie, url: URL): boolean {
  if (secure && url.protocol !== 'https:') return false;
  if (hostOnly ? url.hostname !== domain : !isWithin(url.hostname, domain)) return false;
  return url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
}

/** @returns undefined where there is none, or it is for a host that is not of the one that sets it */
function parse(url: URL, header: string): (Cookie & { readonly expired: boolean }) | undefined {
  const [pair = '', ...rest] = header.split(';');
  const at = pair.indexOf('=');
  if (at < 1) return undefined;
  const attributes = new Map(rest.map(attribute));
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  // A whole top-level domain is nobody's.
  if (domain !== '' && (!isWithin(url.hostname, domain) || (domain !== url.hostname && !domain.includes('.')))) return undefined;
  const path = attributes.get('path') ?? '';
  return {
    name: pair.slice(0, at).trim(),
    value: pair.slice(at + 1).trim(),
    domain: domain === '' ? url.hostname : domain,
    hostOnly: domain === '',
    path: path.startsWith('/') ? path : defaultPath(url),
    secure: attributes.has('secure'),
    expired: isExpired(attributes),
  };
}

function attribute(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text.trim().toLowerCase(), ''] : [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
}

/** How servers delete a cookie: they set it again, long gone. One that expires later outlives the probe anyway. */
function isExpired(attributes: ReadonlyMap<string, string>): boolean {
  const age = attributes.get('max-age');
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0;
  const expires = Date.parse(attributes.get('expires') ?? '');
  return expires <= DELETED_BEFORE_MS;
}

/** 1971: servers write the beginning of Unix time to delete a cookie. */
const DELETED_BEFORE_MS = 31_536_000_000;

/** RFC 6265, section 5.1.4. */
function defaultPath({ pathname }: URL): string {
  const end = pathname.lastIndexOf('/');
  return end < 1 ? '/' : pathname.slice(0, end);
}
