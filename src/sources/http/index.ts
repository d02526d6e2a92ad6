// Kind http: endpoints asked over HTTP or HTTPS.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import { indicatorClaim } from '../indicator.js';
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
  claims: ({ options }, context) =>
    Object.entries(options.endpoints).flatMap(([name, { indicators = [], flow, partner }]) =>
      indicators.flatMap((one, index) => indicatorClaim(one, { flow, partner, at: ['endpoints', name, 'indicators', index] }, context)),
    ),
  endpoints: endpointNames,
  metrics: ({ options }) => Object.values(options.endpoints).flatMap(({ metrics = [] }) => metrics.map(ownDefinition)),
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
