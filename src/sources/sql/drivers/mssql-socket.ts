// The socket under a connection to SQL Server: opened here as tedious would do it, so that each step can be timed apart.

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';

export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * What tedious gives to its option `connector`, although its types say that it gives nothing: where to connect (after a
 * redirection not where the settings say), how to look names up, and a signal.
 */
export function connectorArguments([target, , signal]: readonly unknown[]): { target: Target; signal: AbortSignal } {
  if (!isTarget(target) || !(signal instanceof AbortSignal)) throw new Error('tedious calls its connector in an unknown way');
  return { target, signal };
}

function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null || !('host' in value && 'port' in value)) return false;
  return typeof value.host === 'string' && typeof value.port === 'number';
}

/** The addresses of a host, in the order in which the system wants them tried. */
export async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/**
 * @param atOnce tries all addresses together and keeps the first that answers, instead of one after the other
 * @throws AggregateError of all attempts
 */
export async function openSocket(addresses: readonly string[], port: number, atOnce: boolean, signal: AbortSignal): Promise<Socket> {
  if (atOnce) return await openFirst(addresses, port, signal);
  const errors: unknown[] = [];
  for (const address of addresses) {
    try {
      return await openOne(address, port, signal);
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  }
  throw new AggregateError(errors, 'no address answers');
}

async function openFirst(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Socket> {
  const decided = new AbortController();
  const either = AbortSignal.any([signal, decided.signal]);
  const attempts = addresses.map((address) => openOne(address, port, either));
  try {
    const first = await Promise.any(attempts);
    // One that has answered in the same moment is too late as well.
    for (const attempt of attempts) void attempt.then((socket) => socket === first || socket.destroy()).catch(() => {});
    return first;
  } finally {
    decided.abort();
  }
}

async function openOne(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: address, port });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}
