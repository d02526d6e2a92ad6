// A fresh connection for each probe, one step after the other, so that every phase is measured and none is confused with another.

import { lookup, type LookupAddress } from 'node:dns';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { errorCode } from '../system-errors.js';
import { certificateReason, ProbeError, type Reason } from './reasons.js';

/** Time for one address of a name with several before the next one is tried beside it (RFC 8305). */
const ATTEMPT_MS = 1_000;

/** All addresses of the name, in the order the system prefers; of an address, itself. */
export async function resolve(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  return await settled(signal, (done, fail) => {
    lookup(host, { all: true, order: 'verbatim' }, (error, addresses) => (error ? fail(error) : done(addresses)));
  });
}

/** @param addresses what the name resolved to; it is not asked for again */
export async function openTcp(host: string, port: number, addresses: readonly LookupAddress[], signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({
    host,
    port,
    lookup: (_host, _options, callback) => callback(null, [...addresses]),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    noDelay: true,
  });
  return await established(socket, 'connect', signal);
}

export interface Handshake {
  readonly secured: TLSSocket;
  /** What is wrong with the certificate. Nothing may be sent then. */
  readonly distrust: Reason | undefined;
}

/**
 * Completes the handshake whatever the certificate is like, so that it can be looked at, and says whether it is to be trusted:
 * nothing has been sent at that point.
 * @param onCertificate told when the certificate expires, in Unix seconds, also where the handshake fails later
 */
export async function openTls(
  tcp: Socket,
  name: string,
  context: SecureContext,
  signal: AbortSignal,
  onCertificate: (expiry: number) => void,
): Promise<Handshake> {
  const socket = connectTls({
    socket: tcp,
    host: name,
    // RFC 6066, section 3: an address is no server name.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    secureContext: context,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
  const look = () => {
    const expiry = socket.getPeerX509Certificate()?.validToDate.getTime();
    if (expiry !== undefined && !Number.isNaN(expiry)) onCertificate(expiry / 1000);
  };
  // A server that asks for a certificate of ours refuses us after it has shown its own; once destroyed, the socket forgets it.
  socket.once('secureConnect', look).once('error', look);
  await established(socket, 'secureConnect', signal);
  return {
    secured: socket,
    distrust: socket.authorized ? undefined : certificateReason(problemOf(socket.authorizationError)),
  };
}

/** Node.js puts the code there, or the message of an error that has none; its types say that it is an error. */
function problemOf(error: unknown): string {
  return typeof error === 'string' ? error : (errorCode(error) ?? '');
}

async function established<T extends Socket>(socket: T, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<T> {
  try {
    return await settled(signal, (done, fail) => {
      socket.once(event, () => done(socket));
      socket.on('error', fail);
      socket.once('close', () => fail(new ProbeError('reset')));
    });
  } catch (error) {
    socket.destroy();
    throw error;
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
