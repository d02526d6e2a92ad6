// The kind `sftp`: files that are exchanged through the directories of an SFTP server.

import { claimsOfExchange } from '../exchanges/index.js';
import type { SourceKind } from '../kind.js';
import { checkSftp } from './check.js';
import { sftpErrors } from './errors.js';
import { sftpSchema, type SftpOptions } from './schema.js';

export const sftp: SourceKind<SftpOptions> = {
  kind: 'sftp',
  summary: 'Files that are exchanged through the directories of an SFTP server: what waits, since when, and whether it may be written.',
  schema: sftpSchema,
  errors: sftpErrors,
  check: checkSftp,
  claims: claimsOfExchange,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).createSftp(source, context),
};
