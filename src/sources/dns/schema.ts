// The YAML of a source of kind dns.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, sourceSchema } from '../endpoints/schema.js';
import { duration } from '../schema.js';

const expect = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'What the answer must be like for the endpoint to be up. Default: at least one record of the type.',
  examples: [{ answers: ['192.0.2.10'] }, { rcode: 'NXDOMAIN' }],
  properties: {
    answers: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      uniqueItems: true,
      description: 'Exactly these records, in any order, as `dig +short` prints them.',
      examples: [['10 mail.example.org']],
    },
    matches: {
      type: 'string',
      minLength: 1,
      description: 'Regular expression (JavaScript) that one of the records must match.',
      examples: ['^v=spf1 '],
    },
    at_least: { type: 'integer', minimum: 1, maximum: 10_000, description: 'At least so many records. Default 1.' },
    rcode: {
      enum: ['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED'],
      description: 'The status of the answer. NXDOMAIN where the name must not exist, as seen from here. Default NOERROR.',
    },
    within: { ...duration, description: 'The answer must be there within this time; it is `slow` otherwise, and measured all the same.' },
  },
} as const;

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  description: 'A question that is asked on a schedule of its own.',
  properties: {
    ...commonEndpoint,
    name: {
      type: 'string',
      minLength: 1,
      description: 'The name that is asked for, complete: no search list is used. With `type: PTR` also an address.',
      examples: ['api.partner.example.org'],
    },
    type: { enum: ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'], description: 'The type of record. Default A.' },
    server: {
      type: 'string',
      minLength: 1,
      description: 'The server that is asked: host or host:port. Default: those of the system.',
      examples: ['192.0.2.53', 'ns1.partner.example.org:53'],
    },
    expect,
  },
} as const;

export const schema = sourceSchema('dns', 'Questions to DNS servers.', endpointSchema, 'The questions, by name.');

export type DnsOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
export type RecordType = NonNullable<EndpointOptions['type']>;
export type Rcode = NonNullable<NonNullable<EndpointOptions['expect']>['rcode']>;
