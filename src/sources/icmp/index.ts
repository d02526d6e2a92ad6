// Kind icmp: hosts that are pinged.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { schema, type IcmpOptions } from './schema.js';

export const icmp: SourceKind<IcmpOptions> = {
  kind: 'icmp',
  summary: 'Pings hosts, by the program of the system: packets sent and received, shortest and longest time of travel.',
  schema,
  errors: { ...endpointErrors, ping: ['config', 'permission', 'protocol'] },
  check,
  claims: () => [],
  endpoints: endpointNames,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
