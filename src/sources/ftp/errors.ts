// What failures of FTP mean, in our own words: replies of servers may name users and paths.

import { ProbeError, failureOf, type Reason } from '../endpoints/reasons.js';
import type { Phase as ConnectPhase } from '../endpoints/phases.js';
import { exchangeErrors } from '../exchanges/index.js';
import { SourceError, type ErrorClass } from '../kind.js';
import { errorCode, systemError } from '../system-errors.js';

/** What can become of a data channel, beside what can become of any operation. */
const DATA: readonly ErrorClass[] = ['refused', 'unreachable', 'tls'];

export const ftpErrors: Readonly<Record<string, readonly ErrorClass[]>> = {
  prepare: ['not_found', 'permission', 'config', 'secret'],
  connect: ['refused', 'dns', 'unreachable', 'timeout', 'tls', 'lost', 'protocol'],
  login: ['auth', 'refused', 'secret', 'tls', 'timeout', 'lost', 'protocol', 'state'],
  ...exchangeErrors,
  list: [...exchangeErrors.list, ...DATA],
  read: [...exchangeErrors.read, ...DATA],
  write: [...exchangeErrors.write, ...DATA],
};

export interface Reply {
  readonly code: number;
  /** As the server wrote it. Never shown. */
  readonly message: string;
}

/** A reply that says no. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    /** The command alone: LIST. */
    readonly command: string,
    readonly reply: Reply,
  ) {
    super(`${command}: ${reply.code}`);
  }
}

/** The server takes no more connections beside those there are. */
export class TooManyConnections extends SourceError {}

/** A data channel that did not open, or broke. */
export class DataError extends Error {
  override readonly name = 'DataError';
  constructor(
    readonly errorClass: ErrorClass,
    message: string,
  ) {
    super(message);
  }
}

const NOT_THERE = /no such|not (?:be )?found|n.t (?:be )?found|not exist|n.t exist|cannot find|can.t find|no longer exists|does not exist/i;
const NOT_ALLOWED = /permission|denied|not allowed|not permitted|unauthori[sz]ed|forbidden|access|read-?only/i;
const NO_ROOM = /no space|disk (?:is )?full|quota|insufficient|exceeded|writing to (?:local )?file/i;
const WANTS_TLS = /encrypt|\b(?:tls|ssl)\b|secure connection|protected/i;
const TOO_MANY = /(?:too many|maximum|limit)[^.]*(?:connect|users|clients|sessions|logged)/i;

/** What a refused command says of the file it is about; undefined where only another question can tell. */
export function fileProblem({ code, message }: Reply): 'not_found' | 'permission' | undefined {
  if (code !== 550 && code !== 553 && code !== 450) return undefined;
  if (NOT_THERE.test(message)) return 'not_found';
  return NOT_ALLOWED.test(message) ? 'permission' : undefined;
}

/** Whether a refused listing means that nothing is there: servers of old refuse to list what is empty. */
export function meansEmpty({ code, message }: Reply): boolean {
  return (code === 550 || code === 450) && /no files|no such file|not found|empty/i.test(message);
}

/** Of a refused operation, where it is not about a file that is not there or not ours. */
export function refusalClass(phase: string, { code, message }: Reply): ErrorClass {
  if (code === 452 || code === 552 || (phase === 'write' && code === 451 && NO_ROOM.test(message))) return 'full';
  if (code === 421 || code === 426 || code === 530) return 'lost';
  if (code === 425) return 'refused';
  if (code === 522 || code === 533 || code === 534 || code === 536) return 'tls';
  return code === 550 || code === 553 || code === 532 ? 'permission' : 'protocol';
}

const MEANING: Readonly<Partial<Record<ErrorClass, string>>> = {
  full: 'the server has no room for it',
  lost: 'the server ended the session',
  refused: 'the server could not open the data channel',
  tls: 'the server wants the data channel secured in another way',
  permission: 'the account may not do this',
  not_found: 'it is not there',
  protocol: 'the server refused',
};

/** @param subject what the operation is about, for people */
export function refused(phase: string, errorClass: ErrorClass, subject: string, { command, reply }: Refusal): SourceError {
  return new SourceError(phase, errorClass, `${subject}: ${MEANING[errorClass] ?? 'the server refused'} (${command}: ${reply.code})`);
}

/** Of anything that an operation on an open connection ends with. */
export function operationError(error: unknown, phase: string, subject: string, address: string): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof Refusal) return refused(phase, refusalClass(phase, error.reply), subject, error);
  if (error instanceof DataError) return new SourceError(phase, error.errorClass, `${subject}: ${error.message}`);
  return new SourceError(phase, 'lost', `${subject}: ${connectionEnd(error, address)}`);
}

/** How a control connection ended, in words. */
function connectionEnd(error: unknown, address: string): string {
  const system = systemError(errorCode(error));
  return system ? `${address}: ${system.message}` : `the connection to ${address} was lost`;
}

/** Of a connection that is being opened, until the login. */
export function connectError(error: unknown, phase: ConnectPhase, address: string): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof Refusal) return greetingError(error.reply, address);
  const { reason } = failureOf(error, phase);
  const detail = error instanceof ProbeError ? error.detail : systemError(errorCode(error))?.message;
  const errorClass = connectClass(reason);
  return new SourceError('connect', errorClass, `${address}: ${detail ?? wordsOf(errorClass)}`);
}

function connectClass(reason: Reason): ErrorClass {
  if (reason === 'reset') return 'lost';
  if (reason === 'refused' || reason === 'dns' || reason === 'unreachable' || reason === 'timeout') return reason;
  return /^(?:tls|certificate|client_certificate)/.test(reason) ? 'tls' : 'protocol';
}

function wordsOf(errorClass: ErrorClass): string {
  if (errorClass === 'tls') return 'no TLS could be agreed on; does the server speak TLS in this way (tls: explicit, implicit)?';
  if (errorClass === 'timeout') return 'no answer in time';
  return errorClass === 'lost' ? 'the server ended the connection' : 'it does not answer as FTP servers do';
}

function greetingError({ code, message }: Reply, address: string): SourceError {
  if (code !== 421 && !TOO_MANY.test(message)) {
    return new SourceError('connect', 'protocol', `${address}: it does not let us in (${code})`);
  }
  return new TooManyConnections('connect', 'refused', `${address}: it takes no more connections now (${code})`);
}

/** What a refused login says: whether the account is to blame. */
export function loginError({ reply, command }: Refusal, address: string): SourceError {
  const { code, message } = reply;
  const fail = (errorClass: ErrorClass, words: string) =>
    new SourceError('login', errorClass, `${address}: ${words} (${command}: ${code})`);
  if (code === 421 || TOO_MANY.test(message)) {
    const words = `${address}: it takes no more connections of this account now (${command}: ${code})`;
    return new TooManyConnections('login', 'refused', words);
  }
  if (code === 534 || code === 522 || (WANTS_TLS.test(message) && command !== 'PROT')) {
    return fail('tls', 'it takes no login in clear text; leave `tls: none` out');
  }
  if (command === 'PROT' || command === 'PBSZ') return fail('tls', 'it does not secure data channels');
  if (code === 530 || code === 430 || code === 532 || code === 332) return fail('auth', 'the user or the password is not accepted');
  return fail('protocol', 'it does not go on with the login');
}

/** Of a login that did not come to a verdict. */
export function openError(error: unknown, address: string): SourceError {
  return error instanceof SourceError ? error : new SourceError('login', 'lost', connectionEnd(error, address));
}

export function lateLogin(address: string): SourceError {
  return new SourceError('login', 'timeout', `${address} did not answer the login in time`);
}
