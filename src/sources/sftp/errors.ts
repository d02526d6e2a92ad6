// How an sftp source may fail. The texts of ssh2 may hold secrets and file names, so errors are mapped to our own words, never copied.

import { SourceError, type ErrorClass } from '../kind.js';
import { errorCode, systemError } from '../system-errors.js';

/** What the connection is doing: reaching the server and proving who it is, proving who we are, reading a directory. */
export type Phase = 'connect' | 'login' | 'list';

export const sftpErrors: Readonly<Record<Phase, readonly ErrorClass[]>> = {
  connect: ['refused', 'dns', 'unreachable', 'timeout', 'host_key', 'lost', 'protocol', 'config'],
  login: ['auth', 'secret', 'timeout', 'lost', 'protocol'],
  list: ['not_found', 'permission', 'timeout', 'lost', 'protocol'],
};

/** Status codes of SFTP, https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-7 */
const STATUS = { eof: 1, noSuchFile: 2, permissionDenied: 3, noConnection: 6, connectionLost: 7 } as const;

/** Reason for which SSH servers disconnect when no way to log in is left (RFC 4253, section 11.1). */
const NO_MORE_AUTH_METHODS = 14;

/** The error of a connection that failed in this phase, from whatever ssh2 or the system raised. */
export function connectionError(error: unknown, phase: Phase, address: string): SourceError {
  const code = property(error, 'code');
  const level = property(error, 'level');
  const known = systemError(errorCode(error));
  if (known) return new SourceError(phase, known.errorClass, `${address}: ${known.message}`);
  if (level === 'client-authentication' || code === NO_MORE_AUTH_METHODS) {
    return new SourceError('login', 'auth', `${address}: the server accepts neither this key nor this password for the user`);
  }
  const missing = /^Handshake failed: no matching ([A-Za-z >-]+)$/.exec(String(property(error, 'message')))?.[1];
  if (missing) return new SourceError(phase, 'protocol', `${address}: the server and Vigie have no ${missing} in common`);
  if (typeof code === 'number') {
    return new SourceError(phase, 'lost', `${address}: the server ended the connection (SSH disconnect reason ${code})`);
  }
  if (level === 'protocol' || level === 'handshake') {
    return new SourceError(phase, 'protocol', `${address}: what answers does not speak SSH as expected`);
  }
  return lost(phase, address);
}

export function lost(phase: Phase, address: string): SourceError {
  return new SourceError(phase, 'lost', `${address}: the connection ended before the answer`);
}

/** The server's end of file, which is how a listing ends. */
export function isEndOfFile(error: Error): boolean {
  return property(error, 'code') === STATUS.eof;
}

/** The error of a directory that could not be read. */
export function listingError(error: Error, directory: string, address: string): SourceError {
  const code = property(error, 'code');
  if (code === STATUS.noSuchFile) return new SourceError('list', 'not_found', `${directory}: no such directory on ${address}`);
  if (code === STATUS.permissionDenied) {
    return new SourceError('list', 'permission', `${directory}: the user may not list it on ${address}`);
  }
  if (typeof code !== 'number' || code === STATUS.noConnection || code === STATUS.connectionLost) return lost('list', address);
  return new SourceError('list', 'protocol', `${directory}: ${address} answered with SFTP status ${code}`);
}

/** A property that ssh2 and Node.js add to errors. */
export function property(error: unknown, name: 'code' | 'level' | 'message'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
