// Opens a connection: TCP, the greeting, TLS before or after it, then the login. What the server's certificates say is told in any case.

import type { Socket } from 'node:net';
import { Client } from 'basic-ftp';
import { endpoint } from '../../conventions.js';
import type { Clock } from '../../domain/clock.js';
import { dial } from '../endpoints/dial.js';
import { Stopwatch } from '../endpoints/phases.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import { secure, type Trust } from '../endpoints/tls.js';
import { SourceError } from '../kind.js';
import type { LoginGuard } from '../login-guard.js';
import type { CertificateTimes } from './certificate.js';
import { ask } from './control.js';
import type { Secured } from './data-channel.js';
import { connectError, Refusal } from './errors.js';
import type { TlsMode } from './schema.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  readonly mode: TlsMode;
  readonly trust: Trust;
  readonly encoding: 'utf8' | 'latin1';
}

export interface Surroundings {
  readonly clock: Clock;
  readonly guard: LoginGuard;
  /** Told what certificates the server shows, also where they are not to be trusted. */
  readonly onCertificate: (times: CertificateTimes) => void;
}

export interface Reached {
  readonly client: Client;
  readonly secured: Secured | undefined;
}

/**
 * Connects, as far as one gets without a login. When the signal aborts, everything is torn down and the promise settles.
 * @throws SourceError of phase `connect`
 */
export async function reach(target: Target, around: Surroundings, signal: AbortSignal): Promise<Reached> {
  const run = runOf(around, signal);
  const client = new Client(0);
  client.ftp.encoding = target.encoding;
  const onAbort = () => client.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return { client, secured: await shakeHands(client, target, run) };
  } catch (error) {
    client.close();
    if (signal.aborted) throw lateIn(run.watch, target);
    throw connectError(error, run.watch.phase, target.address);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function shakeHands(client: Client, target: Target, run: ProbeRun): Promise<Secured | undefined> {
  const { host, mode, trust } = target;
  const tcp = await dial(target, run);
  const socket = mode === 'implicit' ? await secure(tcp, host, trust, [], run) : tcp;
  run.watch.enter('greeting');
  await greeted(client, socket);
  if (mode === 'explicit') {
    const { code } = await ask(client.ftp, 'AUTH TLS');
    if (code !== 234 && code !== 334) {
      const message = `${target.address}: it offers no TLS (AUTH TLS: ${code}); without it the password would go over the network in clear text`;
      throw new SourceError('connect', 'tls', message);
    }
    client.ftp.socket = await secure(tcp, host, trust, [], run);
  }
  return mode === 'none' ? undefined : { context: trust.context, name: trust.serverName ?? host, insecure: trust.insecure };
}

/** Gives the connection to basic-ftp and waits for what the server says first. */
async function greeted(client: Client, socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.ftp.socket = socket;
  let start = '';
  // basic-ftp passes over what is no reply, and would wait for ever.
  const peek = (text: string | Buffer) => {
    start = `${start}${String(text)}`.trimStart().slice(0, 4);
    if (start.length < 4 && /^\d*$/.test(start)) return;
    socket.off('data', peek);
    if (!/^\d{3}[ -]/.test(start)) reject(new ProbeError('greeting', 'it greets otherwise than FTP servers do'));
  };
  socket.on('data', peek);
  ask(client.ftp, undefined)
    .then((reply) => (reply.code < 300 ? resolve() : reject(new Refusal('greeting', reply))))
    .catch(reject);
  await promise.finally(() => socket.off('data', peek));
}

function lateIn({ phase }: Stopwatch, { address, mode }: Target): SourceError {
  const hint = mode === 'explicit' ? '; a server that expects TLS from the first byte (tls: implicit) is silent in this way' : '';
  const words: Partial<Record<typeof phase, string>> = {
    resolve: 'the name was not resolved',
    connect: 'no answer to the connection',
    greeting: `no greeting${hint}`,
    tls: 'the server did not finish the TLS handshake',
  };
  return new SourceError('connect', 'timeout', `${address}: ${words[phase] ?? 'no answer'} in time`);
}

/** What the steps of endpoint probes want to have around them: nobody reads a transcript here. */
function runOf({ clock, guard, onCertificate }: Surroundings, signal: AbortSignal): ProbeRun {
  let leaf: number | undefined;
  return {
    signal,
    clock,
    guard,
    watch: new Stopwatch(clock),
    say: () => {},
    hide: () => {},
    observe: (metric, value) => {
      if (metric === endpoint.certificateExpiry) leaf = value;
      if (metric === endpoint.chainExpiry && leaf !== undefined) onCertificate({ leaf, chain: value });
    },
  };
}
