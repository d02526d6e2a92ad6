// What all kinds of endpoints have in common in the YAML. Descriptions are the reference documentation.

import { SLOW_WINDOWS } from '../../conventions.js';
import { common, duration, NAME_PATTERN } from '../schema.js';

/** Probes at once where the YAML says nothing: in all, and against one host. */
export const DEFAULT_AT_ONCE = 200;
export const DEFAULT_AT_ONCE_PER_HOST = 4;

/** Over which the mean time is taken where the YAML does not say. */
export const DEFAULT_SLOW_WINDOW = '5m' satisfies (typeof SLOW_WINDOWS)[number];

const confirm = {
  type: 'integer',
  minimum: 1,
  maximum: 10,
} as const;

const ip = { enum: [4, 6] } as const;

/** Properties of an endpoint of every kind. */
export const commonEndpoint = {
  partner: { type: 'string', description: 'The partner whose endpoint it is; from `partners`.' },
  flow: { type: 'string', description: 'The flow that needs it; from `flows`.' },
  origin: {
    enum: ['internal', 'partner', 'network', 'platform'],
    description: 'Whose fault it is when it is down. Default: partner where one is named, network for a `reference`, else internal.',
  },
  every: { ...duration, description: 'How often it is asked; 1s or more. Default: the interval of the source.' },
  timeout: { ...duration, description: 'How long a probe may take in all. Default: the timeout of the source.' },
  confirm: {
    ...confirm,
    description:
      'How many probes must fail in a row before it counts as down; each failure is counted all the same. Default: that of the source.',
  },
  reference: {
    type: 'string',
    description:
      'A neutral endpoint of this source, reached by the same way: where it is down too, the network is to blame. Default: that of the source.',
  },
  slow: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      warning: { ...duration, description: 'Mean time of a probe above which there is a warning.' },
      critical: { ...duration, description: 'Mean time of a probe above which there is a critical alert.' },
      over: { enum: SLOW_WINDOWS, description: `The time over which the mean is taken. Default ${DEFAULT_SLOW_WINDOW}.` },
    },
    description: 'How long probes may take on average; beyond it the endpoint is slow, and up all the same.',
    examples: [{ warning: '200ms', critical: '500ms', over: '1m' }],
  },
  ip: { ...ip, description: 'Over IPv4 or IPv6 only. Default: that of the source, else both.' },
} as const;

/** Properties of a source of endpoints of every kind, beside `endpoints`. */
export const commonSource = {
  site: {
    type: 'string',
    pattern: NAME_PATTERN,
    description: 'The place from which it looks, as a label. Default: --site or VIGIE_SITE of the exporter, else none.',
  },
  confirm: { ...confirm, description: 'How many probes of an endpoint must fail in a row before it counts as down. Default 1.' },
  reference: { type: 'string', description: 'The neutral endpoint that the others are compared with, one of `endpoints`.' },
  ip: { ...ip, description: 'Over IPv4 or IPv6 only. Default: both, in the order that the system prefers.' },
  at_once: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    description: `How many probes may run at once. Default ${DEFAULT_AT_ONCE}.`,
  },
  at_once_per_host: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    description: `How many probes may run at once against one host. Default ${DEFAULT_AT_ONCE_PER_HOST}.`,
  },
} as const;

/** In `expect`, for kinds that can be slow. */
export const within = {
  ...duration,
  description: 'All of it must be done within this time; it is `slow` otherwise, and measured all the same.',
} as const;

/**
 * The block of a source of endpoints.
 * @param about what the kind is, in a sentence @param list what its endpoints are called: "The hosts, by name."
 */
export function sourceSchema<const Kind extends string, const Endpoint extends object>(
  kind: Kind,
  about: string,
  endpoint: Endpoint,
  list: string,
) {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['kind', 'endpoints'],
    properties: {
      ...common,
      ...commonSource,
      kind: { const: kind, description: about },
      endpoints: {
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: NAME_PATTERN },
        additionalProperties: endpoint,
        description: list,
      },
    },
  } as const;
}

/** The common part of an endpoint, as the frame reads it. */
export interface CommonEndpoint {
  readonly partner?: string;
  readonly flow?: string;
  readonly origin?: 'internal' | 'partner' | 'network' | 'platform';
  readonly every?: string;
  readonly timeout?: string;
  readonly confirm?: number;
  readonly reference?: string;
  readonly slow?: { readonly warning?: string; readonly critical?: string; readonly over?: (typeof SLOW_WINDOWS)[number] };
  readonly ip?: 4 | 6;
  /** Kinds that can be slow have `within` in their `expect`. */
  readonly expect?: { readonly within?: string };
}

/** The common part of a source of endpoints. */
export interface CommonSource<Endpoint extends CommonEndpoint> {
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly site?: string;
  readonly confirm?: number;
  readonly reference?: string;
  readonly ip?: 4 | 6;
  readonly at_once?: number;
  readonly at_once_per_host?: number;
  readonly max_staleness?: string;
}
