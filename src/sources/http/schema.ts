// The YAML of a source of kind http.

import type { FromSchema } from 'json-schema-to-ts';
import { common, duration, NAME_PATTERN, secret } from '../schema.js';

/** Answers are read up to here unless the YAML says otherwise. */
export const DEFAULT_MAX_BYTES = 1_048_576;

const status = { type: 'integer', minimum: 100, maximum: 599 } as const;

const expect = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'What the answer must be like for the endpoint to be up. Default: any status from 200 to 299.',
  examples: [{ status: 200, within: '2s' }],
  properties: {
    status: {
      anyOf: [
        { ...status, description: 'This status.' },
        { type: 'array', items: status, minItems: 1, uniqueItems: true, description: 'One of these.' },
        { type: 'string', pattern: '^[1-5]xx$', description: 'One of a hundred: 2xx.' },
      ],
      description: 'The status of the answer: 200, [200, 204] or "2xx". Default 2xx.',
    },
    within: {
      ...duration,
      description: 'The whole answer must be there within this time; it is `slow` otherwise, and measured all the same.',
    },
    body: {
      type: 'string',
      minLength: 1,
      description: 'Regular expression (JavaScript) that must match somewhere in the body of the answer.',
      examples: ['"status"\\s*:\\s*"UP"'],
    },
    max_bytes: {
      type: 'integer',
      minimum: 0,
      maximum: 67_108_864,
      description: `Longest body that is accepted; what is longer is not read to its end and is \`too_large\`. Default ${DEFAULT_MAX_BYTES} (1 MiB).`,
    },
  },
} as const;

const tls = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'How the certificate of the endpoint is checked.',
  examples: [{ ca: 'tls/partners-ca.pem' }],
  properties: {
    ca: {
      type: 'string',
      minLength: 1,
      description: 'PEM file of the authorities to trust instead of those of the system; relative to this YAML file, read at each probe.',
    },
    server_name: {
      type: 'string',
      minLength: 1,
      description: 'The name to ask for and that the certificate must bear. Default: the host of `url`.',
    },
    insecure: { type: 'boolean', description: 'true accepts any certificate. Its expiry is still exported. Default false.' },
  },
} as const;

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  description: 'An endpoint that is asked on a schedule of its own.',
  properties: {
    url: {
      type: 'string',
      pattern: '^https?://',
      description: 'What is asked. No user or password in it: that is `auth`.',
      examples: ['https://partner.example.org/health'],
    },
    partner: { type: 'string', description: 'The partner whose endpoint it is; from `partners`.' },
    flow: { type: 'string', description: 'The flow that needs it; from `flows`.' },
    origin: {
      enum: ['internal', 'partner', 'network', 'platform'],
      description: 'Whose fault it is when it is down. Default: partner where one is named, else internal.',
    },
    method: { enum: ['GET', 'HEAD', 'POST'], description: 'Default GET.' },
    headers: {
      type: 'object',
      additionalProperties: secret,
      description: 'Headers to send: a text, or a secret by reference.',
      examples: [{ accept: 'application/json', 'x-api-key': { env: 'PARTNER_API_KEY' } }],
    },
    body: { type: 'string', description: 'What is sent with POST.' },
    auth: {
      type: 'object',
      additionalProperties: false,
      required: ['user', 'password'],
      properties: {
        user: { type: 'string', minLength: 1, description: 'The user.' },
        password: { ...secret, description: 'The password, by reference; it is read at each probe.' },
      },
      description: 'Basic authentication (RFC 7617).',
    },
    every: { ...duration, description: 'How often it is asked; 1s or more. Default: the interval of the source.' },
    timeout: { ...duration, description: 'How long a probe may take in all. Default: the timeout of the source.' },
    expect,
    tls,
    redirects: {
      type: 'boolean',
      description: 'Follow up to five redirects and judge the last answer. Default false: a redirect is an answer.',
    },
  },
} as const;

export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'endpoints'],
  properties: {
    ...common,
    kind: { const: 'http', description: 'Endpoints asked over HTTP or HTTPS.' },
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
