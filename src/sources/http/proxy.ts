// The way through an HTTP proxy: the phase `proxy`, from the connection to it until the endpoint can be talked to.

import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { dial, settled } from '../endpoints/dial.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError, type Failure } from '../endpoints/reasons.js';
import type { LoginGuard } from '../login-guard.js';
import { clientOver, translated } from './exchange.js';
import { onePhase } from './one-phase.js';

export const PROXY_FAILURES: readonly Failure[] = (['dns', 'refused', 'unreachable', 'timeout', 'reset', 'proxy', 'protocol'] as const).map(
  (reason) => ({ phase: 'proxy', reason }),
);

export interface Proxy {
  readonly url: URL;
  readonly ip: 4 | 6 | undefined;
  /** Value of Proxy-Authorization, read anew each time. */
  readonly credential: (() => Promise<string>) | undefined;
  readonly guard: LoginGuard | undefined;
}

/** A connection to the proxy. */
export async function dialProxy({ url, ip }: Proxy, run: ProbeRun): Promise<Socket> {
  run.watch.enter('proxy');
  return await dial({ host: bare(url.hostname), port: Number(url.port) || 80, ip }, onePhase(run, 'proxy'));
}

/** A connection through the proxy to the endpoint: what comes next on it is the endpoint's. */
export async function tunnel(proxy: Proxy, host: string, port: number, run: ProbeRun): Promise<Socket> {
  const { credential } = proxy;
  const authorization = await credential?.();
  const socket = await dialProxy(proxy, run);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const opened = await asked(proxy, authorization, run, () => connect(socket, proxy.url, authority, authorization, run));
    run.say(`the proxy answers CONNECT ${authority} with ${opened.status}`);
    if (opened.status < 200 || opened.status > 299) throw new ProbeError('proxy', `the proxy answers ${opened.status}`);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Asks the proxy for something with our login, if that may be tried now.
 * @throws ProbeError `auth` where it wants a login or refuses ours; LoginPaused
 */
export async function asked<T extends { readonly status: number }>(
  { guard }: Proxy,
  authorization: string | undefined,
  run: ProbeRun,
  ask: () => Promise<T>,
): Promise<T> {
  const answer =
    authorization === undefined || !guard
      ? await ask()
      : await guard.attempt(authorization, run.signal, async (verdict) => {
          const given = await ask();
          verdict(given.status !== 407);
          return given;
        });
  if (answer.status === 407) throw new ProbeError('auth', 'the proxy wants a login, or refuses ours', 'proxy');
  return answer;
}

async function connect(
  socket: Socket,
  proxy: URL,
  authority: string,
  authorization: string | undefined,
  run: ProbeRun,
): Promise<{ readonly status: number }> {
  const client = clientOver(socket, proxy);
  const headers = ['host', authority, ...(authorization === undefined ? [] : ['proxy-authorization', authorization])];
  const answer = await settled<{ status: number }>(run.signal, (done, fail) => {
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onRequestUpgrade: (_controller, status) => done({ status }),
      onResponseStart() {},
      onResponseData() {},
      onResponseEnd: () => fail(new ProbeError('protocol', 'the proxy does not answer as one')),
      onResponseError: (_controller, error) => fail(translated(error)),
    };
    client.dispatch({ path: authority, method: 'CONNECT', headers, body: null }, handler);
  });
  // The client has let go of the socket.
  client.destroy(null, () => {});
  return answer;
}

/** A host without the brackets of an IPv6 address. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
