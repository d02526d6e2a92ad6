// The YAML of a source of kind icmp.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, sourceSchema } from '../endpoints/schema.js';
import { duration } from '../schema.js';

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

export const schema = sourceSchema('icmp', 'Hosts that are pinged.', endpointSchema, 'The hosts, by name.');

export type IcmpOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
