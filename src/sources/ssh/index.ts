// Kind ssh: servers that speak SSH.

import { endpointNames } from '../endpoints/check.js';
import { endpointErrors } from '../endpoints/source.js';
import type { SourceKind } from '../kind.js';
import { check } from './check.js';
import { schema, type SshOptions } from './schema.js';

export const ssh: SourceKind<SshOptions> = {
  kind: 'ssh',
  summary: 'Visits SSH servers: greeting, host key, algorithms, login, and host keys that are announced before they are used.',
  schema,
  errors: { ...endpointErrors, connect: ['config'], login: [...(endpointErrors['login'] ?? []), 'secret'] },
  check,
  claims: () => [],
  endpoints: endpointNames,
  metrics: () => [],
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
