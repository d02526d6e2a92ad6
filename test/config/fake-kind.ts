// A kind of source for tests of the loader: it claims what its block says.

import type { Claim, SourceKind } from '../../src/sources/kind.js';
import type { Signal } from '../../src/conventions.js';
import { common, ownMetric, secret } from '../../src/sources/schema.js';

export interface FakeOptions {
  readonly feeds?: readonly { readonly signal: Signal; readonly flow: string; readonly stage: string; readonly partner?: string }[];
  readonly metrics?: readonly {
    readonly name: string;
    readonly help: string;
    readonly type?: 'gauge' | 'counter';
    readonly labels?: readonly string[];
  }[];
}

export const fake: SourceKind<FakeOptions> = {
  kind: 'fake',
  summary: 'Claims what its block says.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['kind'],
    properties: {
      ...common,
      kind: { const: 'fake' },
      password: { ...secret, description: 'A secret.' },
      headers: { type: 'object', additionalProperties: secret },
      feeds: { type: 'array', items: { type: 'object' } },
      metrics: { type: 'array', items: { type: 'object', required: ['name', 'help'], properties: ownMetric } },
    },
  },
  errors: {},
  check: () => [],
  claims: ({ options }) => (options.feeds ?? []).map((feed, index): Claim => ({ ...feed, at: ['feeds', index] })),
  metrics: ({ options }) =>
    (options.metrics ?? []).map(({ name, help, type, labels }) => ({
      name,
      help,
      type: type ?? (name.endsWith('_total') ? 'counter' : 'gauge'),
      labels: labels ?? [],
    })),
  create: () => Promise.reject(new Error('never created')),
};
