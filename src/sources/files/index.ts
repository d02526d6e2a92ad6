// The kind `files`: files that wait in directories of this machine, or of another one that are mounted here.

import { checkExchange, claimsOfExchange, exchangeErrors } from '../exchanges/index.js';
import type { SourceKind } from '../kind.js';
import { filesSchema, type FilesOptions } from './schema.js';

export const files: SourceKind<FilesOptions> = {
  kind: 'files',
  summary: 'Files that wait in directories of this machine or mounted on it, and how long.',
  schema: filesSchema,
  errors: exchangeErrors,
  check: checkExchange,
  claims: claimsOfExchange,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).createFiles(source, context),
};
