// Why an SSH server is down, from what ssh2 raises. Its texts may hold secrets, so its errors are mapped to our own words, never copied.

import { ProbeError, type Failure, type Reason } from '../endpoints/reasons.js';
import type { Phase } from '../endpoints/phases.js';
import { property } from '../ssh-trust/error-property.js';
import { errorCode, systemError } from '../system-errors.js';
import type { Overture } from './overture.js';

/** Reasons for which servers disconnect, RFC 4253, section 11.1. */
const DISCONNECT = { keyExchangeFailed: 3, tooManyConnections: 12, noMoreAuthMethods: 14 } as const;

const REASONS: Readonly<Partial<Record<Phase, readonly Reason[]>>> = {
  resolve: ['dns', 'timeout'],
  connect: ['refused', 'unreachable', 'timeout', 'reset'],
  greeting: ['timeout', 'reset', 'greeting', 'protocol', 'too_large'],
  handshake: ['timeout', 'reset', 'host_key', 'algorithms', 'protocol'],
};

const OF_LOGIN: readonly Reason[] = ['auth', 'timeout', 'reset', 'protocol'];

function pairs(phase: Phase, reasons: readonly Reason[]): Failure[] {
  return reasons.map((reason) => ({ phase, reason }));
}

/** @param logsIn whether that is part of the probe */
export function failuresOf(logsIn: boolean): Failure[] {
  const login = logsIn ? pairs('login', OF_LOGIN) : [];
  const phases: readonly Phase[] = ['resolve', 'connect', 'greeting', 'handshake'];
  return [...phases.flatMap((phase) => pairs(phase, REASONS[phase] ?? [])), ...login];
}

/** What the session knew when it failed. */
export interface Known {
  readonly overture: Overture;
  /** Why the host key was refused, where it was. */
  readonly refused: string | undefined;
  /** Whether the handshake was done. */
  readonly agreed: boolean;
  /** Whether something was sent that the server has neither accepted nor refused yet. */
  readonly sent: boolean;
}

/** The error of a session that failed, from whatever ssh2 or the system raised. */
export function problemOf(error: unknown, known: Known): Error {
  if (known.refused !== undefined) return new ProbeError('host_key', known.refused, 'handshake');
  const code = property(error, 'code');
  const level = property(error, 'level');
  if (systemError(errorCode(error))?.errorClass === 'lost') return ended(known);
  if (level === 'client-authentication') return new ProbeError('auth', undefined, 'login');
  if (typeof code === 'number') return disconnected(code, known);
  const message = String(property(error, 'message'));
  if (message === 'Connection lost before handshake') return ended(known);
  if (known.overture.greeting === undefined) return new ProbeError('protocol', 'what answers does not greet as SSH servers do');
  const missing = /^Handshake failed: no matching ([A-Za-z >-]+)$/i.exec(message)?.[1];
  if (missing !== undefined) return new ProbeError('algorithms', `the server and Vigie have no ${missing} in common${offered(known)}`);
  if (/signature verification failed|Malformed signature|Wrong signature type/.test(message)) {
    return new ProbeError('host_key', 'the server cannot prove that the host key that it shows is its own', 'handshake');
  }
  return new ProbeError('protocol', 'what answers does not speak SSH as expected');
}

/** The connection was closed, and nothing was said. */
export function ended({ overture, agreed }: Known): ProbeError {
  if (overture.greeting !== undefined)
    return new ProbeError('reset', agreed ? 'the server hung up' : 'the server hung up during the handshake');
  // What OpenSSH says to those whom it does not let in.
  if (overture.before.startsWith('Exceeded MaxStartups'))
    return new ProbeError('protocol', 'the server has too many connections (MaxStartups)');
  if (overture.before.startsWith('Not allowed at this time')) {
    return new ProbeError('protocol', 'the server keeps this address off for a while (PerSourcePenalties)');
  }
  if (overture.before !== '') return new ProbeError('protocol', 'what answers does not greet as SSH servers do');
  return new ProbeError('reset', 'the server hung up without a greeting');
}

function disconnected(code: number, { agreed, sent }: Known): ProbeError {
  const detail = `the server ended the connection (SSH disconnect reason ${code})`;
  if (agreed && (code === DISCONNECT.noMoreAuthMethods || sent)) return new ProbeError('auth', detail, 'login');
  if (!agreed && code === DISCONNECT.keyExchangeFailed) return new ProbeError('algorithms', detail, 'handshake');
  if (code === DISCONNECT.tooManyConnections) return new ProbeError('protocol', `${detail}: it has too many connections`);
  return new ProbeError('reset', detail);
}

function offered({ overture: { offer } }: Known): string {
  if (!offer) return '';
  return `; it offers ${few(offer.kex)} for key exchange, ${few(offer.hostKey)} for host keys, ${few(offer.cipher)} for ciphers`;
}

/** Names of the server's choice. */
function few(names: readonly string[]): string {
  return names.slice(0, 4).join(', ');
}
