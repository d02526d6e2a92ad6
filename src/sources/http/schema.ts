// The YAML of a source of kind http.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, commonSource } from '../endpoints/schema.js';
import { common, NAME_PATTERN, secret } from '../schema.js';
import { expect, proxy, requestProperties, stepExpect, type wayProperties } from './schema-request.js';
import { fallback, indicator, metric, place } from './schema-values.js';

/** Names of values, as they stand in `${name}`. */
export const VALUE_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';

const step = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  description: 'One request of several.',
  properties: {
    name: {
      type: 'string',
      pattern: NAME_PATTERN,
      description: 'Its name, for people and as the label `step`. Default: its position, from 1.',
    },
    ...requestProperties,
    expect: {
      ...stepExpect,
      description: 'What the answer must be like for the next step to be taken. Default: any status from 200 to 299.',
    },
    keep: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: VALUE_PATTERN },
      additionalProperties: place,
      description: 'What to keep of the answer for later steps, by name: there it is ${name} in url, headers and body.',
      examples: [{ token: { json: '$.access_token' } }],
    },
  },
} as const;

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'An endpoint that is asked on a schedule of its own: one request (`url`), or several in order (`steps`).',
  properties: {
    ...requestProperties,
    expect,
    steps: {
      type: 'array',
      items: step,
      minItems: 1,
      maxItems: 20,
      description: 'Several requests in order (log in, then ask), in place of `url`. Cookies are kept from one to the next.',
      examples: [
        [
          {
            url: 'https://partner.example.org/login',
            method: 'POST',
            body: { form: { user: 'vigie', password: { env: 'PARTNER_PASSWORD' } } },
            keep: { token: { json: '$.token' } },
          },
          { url: 'https://partner.example.org/health', headers: { authorization: 'Bearer ${token}' } },
        ],
      ],
    },
    values: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: VALUE_PATTERN },
      additionalProperties: secret,
      description: 'Values by name, each a text or a secret by reference: they are ${name} in url, headers and body.',
      examples: [{ password: { env: 'PARTNER_PASSWORD' } }],
    },
    metrics: {
      type: 'array',
      items: metric,
      minItems: 1,
      description: 'Metrics of your own naming, read from the last answer.',
      examples: [[{ name: 'partner_queue_messages', help: 'Messages that wait at the partner.', value: { json: '$.queue.depth' } }]],
    },
    indicators: {
      type: 'array',
      items: indicator,
      minItems: 1,
      description: 'Indicators of the flow of the endpoint, read from the last answer.',
      examples: [[{ indicator: 'csat', value: { json: '$.rating' } }]],
    },
    fallback,
    ...commonEndpoint,
  },
} as const;

export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'endpoints'],
  properties: {
    ...common,
    kind: { const: 'http', description: 'Endpoints asked over HTTP or HTTPS.' },
    ...commonSource,
    proxy: { ...proxy, description: `${proxy.description} For all endpoints that do not say otherwise.` },
    endpoints: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: endpointSchema,
      description: 'The endpoints, by name.',
    },
  },
} as const;

export type HttpOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
export type StepOptions = FromSchema<typeof step>;
export type WayOptions = Pick<EndpointOptions, keyof typeof wayProperties>;
