// The kind `sftp`: files that wait in the directories of an SFTP server.

import type { SourceKind } from '../kind.js';
import { checkSftp, claimsOfSftp } from './check.js';
import { sftpErrors } from './errors.js';
import { sftpSchema, type SftpOptions } from './schema.js';

export const sftp: SourceKind<SftpOptions> = {
  kind: 'sftp',
  summary: 'Files that wait in the directories of an SFTP server, and how long.',
  schema: sftpSchema,
  errors: sftpErrors,
  check: checkSftp,
  claims: claimsOfSftp,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).createSftp(source, context),
};
