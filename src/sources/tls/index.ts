// Kind tls: the certificates that endpoints show, and the TLS that they speak.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { schema, type TlsKindOptions } from './schema.js';

export const tls: SourceKind<TlsKindOptions> = {
  kind: 'tls',
  summary:
    'Looks at the certificates of endpoints, from the start or by STARTTLS: expiry of each, issuer, what is wrong with them, version of TLS.',
  schema,
  errors: { ...endpointErrors, prepare: ['not_found', 'permission', 'config'] },
  check,
  claims: () => [],
  endpoints: endpointNames,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
