// Kind dns: names asked of DNS servers.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { schema, type DnsOptions } from './schema.js';

export const dns: SourceKind<DnsOptions> = {
  kind: 'dns',
  summary: 'Asks DNS servers: whether names exist and lead where they should, number of records, time to live, serial of the zone.',
  schema,
  errors: endpointErrors,
  check,
  claims: () => [],
  endpoints: endpointNames,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
