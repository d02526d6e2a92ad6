// What goes wrong while files are read, as the frame counts it.

import { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';

/** @param path a file, or a glob */
export function readError(path: string, cause: unknown): SourceError {
  const code = errorCode(cause);
  if (code === 'EACCES' || code === 'EPERM') return permissionError(path, cause);
  return new SourceError('read', 'internal', `cannot read ${path}: ${code ?? 'unexpected error'}`, { cause });
}

export function permissionError(path: string, cause?: unknown): SourceError {
  return new SourceError('read', 'permission', `cannot read ${path}: permission denied`, { cause });
}

export function noFileError(globs: readonly string[]): SourceError {
  return new SourceError('read', 'not_found', `no file matches ${globs.join(', ')}`);
}

export function archiveError(path: string, cause: Error): SourceError {
  const message = `cannot read ${path} to its end: it is no whole gzip file (${cause.message}); what could be read of it is counted`;
  return new SourceError('read', 'internal', message, { cause });
}
