// The YAML of a source of kind icmp.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, commonSource } from '../endpoints/schema.js';
import { common, duration, NAME_PATTERN } from '../schema.js';

/** Echo requests of a probe, one a second, where the YAML says nothing. */
export const DEFAULT_PACKETS = 3;

const expect = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'What the answers must be like for the endpoint to be up. Default: at least one came.',
  examples: [{ loss: 0, within: '50ms' }],
  properties: {
    loss: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'The greatest share of packets that may be lost, 0 to 1.' },
    within: {
      ...duration,
      description: 'The answers must come within this time on average, the resolving of the name included; it is `slow` otherwise.',
    },
  },
} as const;

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['host'],
  description: 'A host that is pinged on a schedule of its own.',
  properties: {
    ...commonEndpoint,
    host: { type: 'string', minLength: 1, description: 'Its name or address.', examples: ['gateway.partner.example.org'] },
    packets: {
      type: 'integer',
      minimum: 1,
      maximum: 20,
      description: `Echo requests of a probe, one a second. Default ${DEFAULT_PACKETS}.`,
    },
    expect,
  },
} as const;

export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'endpoints'],
  properties: {
    ...common,
    ...commonSource,
    kind: { const: 'icmp', description: 'Hosts that are pinged.' },
    endpoints: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: endpointSchema,
      description: 'The hosts, by name.',
    },
  },
} as const;

export type IcmpOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
