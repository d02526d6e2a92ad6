// A fresh connection for each probe, one step after the other, so that every phase is measured and none is confused with another.

import type { LookupAddress } from 'node:dns';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { systemLookups } from './lookups.js';
import type { ProbeRun } from './prober.js';
import { ProbeError } from './reasons.js';

/** Time for one address of a name with several before the next one is tried beside it (RFC 8305). */
const ATTEMPT_MS = 1_000;

export interface DialTarget {
  /** Name or address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  readonly ip?: 4 | 6 | undefined;
}

/** Resolves and connects: the phases `resolve` and `connect`. The caller destroys the socket. */
export async function dial({ host, port, ip }: DialTarget, run: ProbeRun): Promise<Socket> {
  run.watch.enter('resolve');
  const addresses = await resolve(host, ip, run.signal);
  if (isIP(host) === 0) run.say(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  run.watch.enter('connect');
  const socket = connectTcp({
    host,
    port,
    lookup: (_host, _options, callback) => callback(null, [...addresses]),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    noDelay: true,
  });
  await established(socket, 'connect', run.signal);
  run.say(`connected to ${socket.remoteAddress ?? host} port ${port}`);
  return socket;
}

/** All addresses of the name, in the order the system prefers; of an address, itself. */
export async function resolve(host: string, ip: 4 | 6 | undefined, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  try {
    return await systemLookups.addresses(host, ip, signal);
  } catch (error) {
    throw signal.aborted ? new ProbeError('timeout') : error;
  }
}

/** Waits for the event; the socket is destroyed where it does not come. */
export async function established<T extends Socket>(socket: T, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<T> {
  let onClose: (() => void) | undefined;
  try {
    return await settled(signal, (done, fail) => {
      onClose = () => fail(new ProbeError('reset'));
      socket.once(event, () => done(socket));
      socket.on('error', fail);
      socket.once('close', onClose);
    });
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    if (onClose) socket.off('close', onClose);
  }
}

/** A promise that fails as `timeout` when the signal aborts. */
export async function settled<T>(
  signal: AbortSignal,
  start: (done: (value: T) => void, fail: (error: unknown) => void) => void,
): Promise<T> {
  const { promise, resolve: done, reject: fail } = Promise.withResolvers<T>();
  const late = () => fail(new ProbeError('timeout'));
  signal.addEventListener('abort', late, { once: true });
  try {
    if (signal.aborted) late();
    else start(done, fail);
    return await promise;
  } finally {
    signal.removeEventListener('abort', late);
  }
}
