// From a URL to a connection on which a request can be sent: directly or through a proxy, in clear text or over TLS.

import type { Socket } from 'node:net';
import { dial } from '../endpoints/dial.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import { secure, type TlsOptions, type TrustStore } from '../endpoints/tls.js';
import { bare, dialProxy, tunnel, type Proxy } from './proxy.js';

export interface Way {
  readonly http: 1 | 2 | 'auto';
  readonly ip: 4 | 6 | undefined;
  readonly proxy: Proxy | undefined;
  readonly tls: TlsOptions | undefined;
}

/** RFC 7301; what comes first is liked best. */
const ALPN: Readonly<Record<'1' | '2' | 'auto', readonly string[]>> = { 1: ['http/1.1'], 2: ['h2'], auto: ['h2', 'http/1.1'] };

export function isSecure({ protocol }: URL): boolean {
  return protocol === 'https:';
}

/** Taken apart once: there are few, and undici wants them as URLs. */
const origins = new Map<string, URL>();
const MOST_ORIGINS = 5_000;

/** The URL without path and query. */
export function originOf({ origin }: URL): URL {
  const known = origins.get(origin);
  if (known) return known;
  if (origins.size >= MOST_ORIGINS) origins.clear();
  const made = new URL(origin);
  origins.set(origin, made);
  return made;
}

/** The caller destroys the socket. @throws SourceError where something is missing on our side, before anything is connected to */
export async function open(url: URL, way: Way, trusts: TrustStore, run: ProbeRun): Promise<Socket> {
  const host = bare(url.hostname);
  if (!isSecure(url)) {
    const socket = way.proxy ? await dialProxy(way.proxy, run) : await dial({ host, port: Number(url.port) || 80, ip: way.ip }, run);
    return way.http === 2 ? asHttp2(socket) : socket;
  }
  const trust = await trusts.read(way.tls);
  const port = Number(url.port) || 443;
  const tcp = way.proxy ? await tunnel(way.proxy, host, port, run) : await dial({ host, port, ip: way.ip }, run);
  try {
    const socket = await secure(tcp, host, trust, ALPN[way.http], run);
    if (way.http === 2 && socket.alpnProtocol !== 'h2') throw new ProbeError('protocol', 'it does not offer HTTP/2');
    return socket;
  } catch (error) {
    tcp.destroy();
    throw error;
  }
}

/** undici tells by this property, which TLS sets, what is spoken. */
function asHttp2(socket: Socket): Socket {
  return Object.assign(socket, { alpnProtocol: 'h2' });
}
