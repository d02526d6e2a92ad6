// The kind `ftp`: files that wait in the directories of an FTP or FTPS server.

import { claimsOfExchange } from '../exchanges/index.js';
import type { SourceKind } from '../kind.js';
import { checkFtp } from './check.js';
import { ftpErrors } from './errors.js';
import { ftpSchema, type FtpOptions } from './schema.js';

export const ftp: SourceKind<FtpOptions> = {
  kind: 'ftp',
  summary: 'Files that wait in the directories of an FTP or FTPS server, and how long.',
  schema: ftpSchema,
  errors: ftpErrors,
  check: checkFtp,
  claims: claimsOfExchange,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).createFtp(source, context),
};
