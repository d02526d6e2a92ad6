// Kind http: endpoints asked over HTTP or HTTPS.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { ownDefinition } from './own-definition.js';
import { schema, type HttpOptions } from './schema.js';

export const http: SourceKind<HttpOptions> = {
  kind: 'http',
  summary: 'Asks endpoints over HTTP or HTTPS: up or down and why, time by phase, status, expiry of certificates, values of the answer.',
  schema,
  errors: { prepare: ['not_found', 'permission', 'config'], ...endpointErrors },
  check,
  claims: () => [],
  endpoints: endpointNames,
  metrics: ({ options }) => Object.values(options.endpoints).flatMap(({ metrics = [] }) => metrics.map(ownDefinition)),
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
