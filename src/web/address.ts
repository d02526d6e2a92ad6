// Hosts and ports: as URLs write them, and as others reach them.

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

export function isWildcard(host: string): boolean {
  return WILDCARDS.has(host);
}

/** `127.0.0.1:9701`, `[::1]:9701` (RFC 3986, 3.2.2). */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The address at which this machine itself reaches what listens on `host`. */
export function localHost(host: string): string {
  if (!isWildcard(host)) return host;
  return host === '::' ? '::1' : '127.0.0.1';
}

/**
 * The host under which others reach the exporters: the one that was given to be advertised, else the address listened on,
 * else, where that is a wildcard, the one the request was sent to.
 * @param hostHeader of the request; taken only where it is a host and nothing else
 */
export function advertisedHost(listen: string, advertise: string | undefined, hostHeader: string | undefined): string {
  if (advertise !== undefined) return advertise;
  if (!isWildcard(listen)) return listen;
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[A-Za-z0-9._-]+))(?::\d+)?$/.exec(hostHeader ?? '');
  return match?.groups?.['v6'] ?? match?.groups?.['name'] ?? localHost(listen);
}
