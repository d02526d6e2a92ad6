// Asks an endpoint once and tells what happened, phase by phase. Never throws: a failure is a result.

import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../domain/clock.js';
import { openTcp, openTls, resolve } from './connection.js';
import { ask, readBody, type HttpAnswer, type HttpRequest } from './exchange.js';
import { Stopwatch, type Phase } from './phases.js';
import { ProbeError, reasonOf, type Reason } from './reasons.js';

const MAX_REDIRECTS = 5;
/** 300, 304 and 305 are answers like others. */
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export interface Trust {
  readonly context: SecureContext;
  readonly insecure: boolean;
  /** The name to check instead of the host. */
  readonly serverName: string | undefined;
}

export interface ProbeRequest extends HttpRequest {
  /** Asked for when the URL is https, not before. */
  readonly trust: () => Trust;
  readonly redirects: boolean;
  readonly maxBytes: number;
}

export interface Failure {
  readonly phase: Phase;
  readonly reason: Reason;
}

export interface ProbeResult {
  readonly watch: Stopwatch;
  /** Of the last answer; 0 where none came. */
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
  /** Unix seconds, of the certificate that the endpoint itself showed. */
  readonly certificateExpiry: number | undefined;
  readonly failure: Failure | undefined;
}

/** @param signal the time limit: what it cuts off failed as `timeout` */
export async function probe(request: ProbeRequest, clock: Clock, signal: AbortSignal): Promise<ProbeResult> {
  const watch = new Stopwatch(clock);
  const seen: Seen = { status: 0, contentType: undefined, body: Buffer.alloc(0), certificateExpiry: undefined };
  let failure: Failure | undefined;
  try {
    let next: ProbeRequest | undefined = request;
    for (let hops = 0; next !== undefined; hops++) {
      if (hops > MAX_REDIRECTS) throw new ProbeError('protocol');
      next = await hop(next, seen, watch, signal);
    }
  } catch (error) {
    failure = { phase: watch.phase, reason: reasonOf(error, watch.phase) };
  }
  watch.stop();
  return { watch, ...seen, failure };
}

/** What a probe has seen so far, filled as it goes, since a failure keeps what came before it. */
interface Seen {
  status: number;
  contentType: string | undefined;
  body: Buffer;
  certificateExpiry: number | undefined;
}

/** @returns the request that a redirect asks for */
async function hop(request: ProbeRequest, seen: Seen, watch: Stopwatch, signal: AbortSignal): Promise<ProbeRequest | undefined> {
  const { url } = request;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  let socket: Socket | undefined;
  try {
    watch.enter('resolve');
    const addresses = await resolve(host, signal);
    watch.enter('connect');
    socket = await openTcp(host, Number(url.port) || (secure ? 443 : 80), addresses, signal);
    if (secure) {
      watch.enter('tls');
      const { context, insecure, serverName } = request.trust();
      const { secured, distrust } = await openTls(socket, serverName ?? host, context, signal, (expiry) => {
        seen.certificateExpiry ??= expiry;
      });
      socket = secured;
      if (distrust && !insecure) throw new ProbeError(distrust);
    }
    const answer = await ask(socket, request, watch, signal);
    seen.status = answer.status;
    seen.contentType = answer.contentType;
    seen.body = await readBody(answer, request.maxBytes, watch, signal);
    return redirected(request, answer);
  } finally {
    socket?.destroy();
  }
}

/** RFC 9110, section 15.4. Headers and body of the YAML go to the origin it names, and never from https to http. */
function redirected(request: ProbeRequest, { status, location }: HttpAnswer): ProbeRequest | undefined {
  if (!request.redirects || location === undefined || !REDIRECTS.includes(status)) return undefined;
  const url = URL.parse(location, request.url.href);
  if (!url || !/^https?:$/.test(url.protocol)) throw new ProbeError('protocol');
  if (request.url.protocol === 'https:' && url.protocol === 'http:') throw new ProbeError('protocol');
  const asGet = request.method === 'POST' && status < 307;
  const next: ProbeRequest = asGet
    ? { ...request, url, method: 'GET', body: undefined, headers: withoutContent(request.headers) }
    : { ...request, url };
  if (url.origin === request.url.origin) return next;
  return { ...next, headers: {}, body: undefined, trust: () => ({ ...request.trust(), serverName: undefined }) };
}

/** Without a body nothing is said of one: RFC 9110, section 15.4. */
function withoutContent(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}
