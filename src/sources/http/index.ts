// Kind http: endpoints asked over HTTP or HTTPS.

import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { schema, type HttpOptions } from './schema.js';

export const http: SourceKind<HttpOptions> = {
  kind: 'http',
  summary: 'Asks endpoints over HTTP or HTTPS: up or down and why, time by phase, status, expiry of the certificate.',
  schema,
  errors: { prepare: ['not_found', 'permission', 'config'], probe: ['timeout'] },
  check,
  claims: () => [],
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
