// What errors of the file system mean, in our own words.

import { SourceError, type ErrorClass } from '../kind.js';
import { errorCode } from '../system-errors.js';

/** What was asked of the file system. */
export type Phase = 'list' | 'read' | 'write' | 'space';

const CLASSES: Readonly<Record<string, readonly [ErrorClass, string]>> = {
  ENOENT: ['not_found', 'there is no such file or directory'],
  ENOTDIR: ['not_found', 'it is no directory'],
  EISDIR: ['not_found', 'it is a directory, no file'],
  ELOOP: ['not_found', 'it is a link, which is not followed'],
  EACCES: ['permission', 'the exporter may not'],
  EPERM: ['permission', 'the exporter may not'],
  ENOSPC: ['full', 'no room is left'],
  EDQUOT: ['full', 'the quota is used up'],
  EFBIG: ['full', 'the file would be larger than allowed'],
  EROFS: ['read_only', 'the file system is read-only'],
  ESTALE: ['lost', 'the server has forgotten it: mount it again'],
  EIO: ['lost', 'the device or the server behind the mount does not work'],
  EREMOTEIO: ['lost', 'the server behind the mount does not work'],
  ENOTCONN: ['lost', 'the server behind the mount is gone'],
  EHOSTDOWN: ['lost', 'the server behind the mount is down'],
  ETIMEDOUT: ['timeout', 'the server behind the mount does not answer'],
};

/** @param path as the YAML names it */
export function fileError(error: unknown, phase: Phase, path: string): SourceError {
  if (error instanceof SourceError) return error;
  const code = errorCode(error);
  const [errorClass, words] = CLASSES[code ?? ''] ?? (['protocol', `the system answered with ${code ?? 'an unknown error'}`] as const);
  return new SourceError(phase, errorClass, `${path}: ${words}`);
}
