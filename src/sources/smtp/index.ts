// Kind smtp: mail servers, asked as far as to what they would take.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { schema, type SmtpOptions } from './schema.js';

export const smtp: SourceKind<SmtpOptions> = {
  kind: 'smtp',
  summary: 'Asks mail servers over SMTP: greeting, STARTTLS and certificate, extensions, login, whether a mail would be taken; sends none.',
  schema,
  errors: { ...endpointErrors, prepare: ['not_found', 'permission', 'config'] },
  check,
  claims: () => [],
  endpoints: endpointNames,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
