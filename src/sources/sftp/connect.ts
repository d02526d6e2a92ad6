// Opens a connection: TCP, then the handshake with the check of the host key, then the login, then the SFTP session.

import { connect as connectTcp, type Socket } from 'node:net';
import ssh2, { type ConnectConfig } from 'ssh2';
import { SourceError } from '../kind.js';
import { hostKeyAlgorithms, refusal, type HostKeys } from '../ssh-trust/host-key.js';
import { usableKey } from '../ssh-trust/private-key.js';
import { Connection } from './connection.js';
import { connectionError, lost, type Phase } from './errors.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
  readonly password: string | undefined;
  readonly hostKeys: HostKeys;
}

/** `host:port`, as messages name the server. */
export function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Connects and logs in. When the signal aborts, everything is torn down and the promise settles.
 * @param onEnd called once when the connection, having been open, has ended
 * @throws SourceError
 */
export async function openConnection(target: Target, signal: AbortSignal, onEnd: () => void): Promise<Connection> {
  const key = target.key === undefined ? undefined : usableKey(target.key, target.passphrase);
  const socket = await openSocket(target, signal);
  const address = addressOf(target);
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  let phase: Phase = 'connect';
  let refused: string | undefined;
  const fail = (error: SourceError) => {
    reject(error);
    client.destroy();
  };
  const onAbort = () => fail(noAnswer(phase, address));
  signal.addEventListener('abort', onAbort, { once: true });

  // The listener stays as long as the client: an error that comes later ends the connection, and its close event tells so.
  client.on('error', (error) => {
    if (refused === undefined) fail(connectionError(error, phase, address));
    else fail(new SourceError('connect', 'host_key', `${address}: ${refused}`));
  });
  client.on('close', () => fail(lost(phase, address)));
  client.on('handshake', () => (phase = 'login'));
  client.on('change password', () =>
    fail(new SourceError('login', 'auth', `${address}: the password has expired; the server wants a new one`)),
  );
  client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => target.password ?? '')));
  client.on('ready', () =>
    client.sftp((error, sftp) => {
      if (error) fail(new SourceError('login', 'protocol', `${address}: the server lets the user log in but offers no SFTP`));
      else resolve(new Connection(client, sftp, address, onEnd));
    }),
  );
  const accept = (offered: Buffer) => {
    refused = refusal(offered, target.hostKeys);
    return refused === undefined;
  };
  if (signal.aborted) onAbort();
  else client.connect(clientConfig(target, socket, key, accept));
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function clientConfig(target: Target, sock: Socket, key: string | undefined, hostVerifier: (key: Buffer) => boolean): ConnectConfig {
  const { user, passphrase, password, hostKeys } = target;
  return {
    sock,
    username: user,
    hostVerifier,
    // The signal of the collection is the only deadline.
    readyTimeout: 0,
    algorithms: { serverHostKey: hostKeyAlgorithms(hostKeys) },
    ...(key === undefined ? {} : { privateKey: key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(password === undefined ? {} : { password, tryKeyboard: true }),
  };
}

function openSocket(target: Target, signal: AbortSignal): Promise<Socket> {
  const address = addressOf(target);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  // Without noDelay, each page of a listing waits for the acknowledgement of the one before (Nagle): forty times slower.
  const socket = connectTcp({ host: target.host, port: target.port, noDelay: true });
  const onAbort = () => {
    reject(noAnswer('connect', address));
    socket.destroy();
  };
  const onError = (error: Error) => reject(connectionError(error, 'connect', address));
  socket.once('error', onError);
  socket.once('connect', () => {
    socket.off('error', onError);
    resolve(socket);
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function noAnswer(phase: Phase, address: string): SourceError {
  return new SourceError(phase, 'timeout', `${address} did not answer in time`);
}
