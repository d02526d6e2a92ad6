// Kind tcp: endpoints that listen on a TCP port, and say what a dialogue expects.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { schema, type TcpOptions } from './schema.js';

export const tcp: SourceKind<TcpOptions> = {
  kind: 'tcp',
  summary:
    'Asks endpoints over TCP, with a dialogue in text or bytes, over TLS from the start or on demand: up or down and why, time by phase.',
  schema,
  errors: { ...endpointErrors, prepare: ['not_found', 'permission', 'config'] },
  check,
  claims: () => [],
  endpoints: endpointNames,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
