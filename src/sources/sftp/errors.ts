// How an sftp source may fail. The texts of ssh2 may hold secrets and file names, so errors are mapped to our own words, never copied.

import { exchangeErrors } from '../exchanges/index.js';
import { SourceError, type ErrorClass } from '../kind.js';
import { property } from '../ssh-trust/error-property.js';
import { errorCode, systemError } from '../system-errors.js';

/** What is done with what is there, as the frame of exchanges names it. */
export type OperationPhase = 'list' | 'read' | 'write' | 'space';
/** What the connection is doing: reaching the server and proving who it is, proving who we are, then its operations. */
export type Phase = 'connect' | 'login' | OperationPhase;

export interface Operation {
  readonly phase: OperationPhase;
  /** What it is about, as the server names it. */
  readonly path: string;
}

export const sftpErrors: Readonly<Record<string, readonly ErrorClass[]>> = {
  connect: ['refused', 'dns', 'unreachable', 'timeout', 'host_key', 'lost', 'protocol', 'config'],
  login: ['auth', 'secret', 'timeout', 'lost', 'protocol', 'state'],
  ...exchangeErrors,
};

/**
 * Status codes of SFTP, https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-7; servers that know later drafts
 * send codes of theirs in version 3 too (draft 13, section 9.1).
 */
export const STATUS = {
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
  noSuchPath: 10,
  writeProtected: 12,
  noSpace: 14,
  quotaExceeded: 15,
} as const;

/** Reason for which SSH servers disconnect when no way to log in is left (RFC 4253, section 11.1). */
const NO_MORE_AUTH_METHODS = 14;

/** The connection ended because of something that another operation met; nothing speaks against trying this one again. */
export class LostByOther extends SourceError {}

/** The error of a connection that failed in this phase, from whatever ssh2 or the system raised. */
export function connectionError(error: unknown, phase: 'connect' | 'login', address: string): SourceError {
  const code = property(error, 'code');
  const level = property(error, 'level');
  const known = systemError(errorCode(error));
  if (known) return new SourceError(phase, known.errorClass, `${address}: ${known.message}`);
  if (level === 'client-authentication' || code === NO_MORE_AUTH_METHODS) return refusedLogin(address);
  const missing = /^Handshake failed: no matching ([A-Za-z >-]+)$/.exec(String(property(error, 'message')))?.[1];
  if (missing) return new SourceError(phase, 'protocol', `${address}: the server and Vigie have no ${missing} in common`);
  if (typeof code === 'number') {
    return new SourceError(phase, 'lost', `${address}: the server ended the connection (SSH disconnect reason ${code})`);
  }
  if (isOffProtocol(error)) return new SourceError(phase, 'protocol', `${address}: what answers does not speak SSH as expected`);
  return lost(phase, address);
}

export function refusedLogin(address: string): SourceError {
  return new SourceError('login', 'auth', `${address}: the server accepts neither this key nor this password for the user`);
}

/** Whether the other side sent what the protocols do not allow. */
export function isOffProtocol(error: unknown): boolean {
  const level = property(error, 'level');
  return level === 'protocol' || level === 'handshake' || level === 'sftp-protocol';
}

export function lost(phase: Phase, address: string): SourceError {
  return new SourceError(phase, 'lost', `${address}: the connection ended before the answer`);
}

/** The server's end of file, which is how a listing ends. */
export function isEndOfFile(error: Error): boolean {
  return property(error, 'code') === STATUS.eof;
}

/** The error of an operation that the server refused. */
export function operationError(error: Error, { phase, path }: Operation, address: string): SourceError {
  const code = property(error, 'code');
  switch (code) {
    case STATUS.noSuchFile:
    case STATUS.noSuchPath:
      return new SourceError(phase, 'not_found', `${path}: no such ${phase === 'list' ? 'directory' : 'path'} on ${address}`);
    case STATUS.permissionDenied:
      return new SourceError(phase, 'permission', `${path}: the user may not ${MAY_NOT[phase]} on ${address}`);
    case STATUS.noSpace:
    case STATUS.quotaExceeded:
      return full(phase, path, address);
    case STATUS.writeProtected:
      return readOnly(phase, path, address);
    case STATUS.noConnection:
    case STATUS.connectionLost:
      return lost(phase, address);
    default:
      if (typeof code !== 'number') return lost(phase, address);
      return new SourceError(phase, 'protocol', `${path}: ${address} answered with SFTP status ${code}`);
  }
}

const MAY_NOT: Readonly<Record<OperationPhase, string>> = {
  list: 'list it',
  read: 'read it',
  write: 'write there',
  space: 'ask for its space',
};

export function full(phase: Phase, path: string, address: string): SourceError {
  return new SourceError(phase, 'full', `${path}: no room is left on ${address}`);
}

export function readOnly(phase: Phase, path: string, address: string): SourceError {
  return new SourceError(phase, 'read_only', `${path}: the file system of ${address} is mounted read-only`);
}
