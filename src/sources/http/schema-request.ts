// The YAML of one request: what is sent, how it gets there, and what the answer must be like.

import type { FromSchema } from 'json-schema-to-ts';
import { tlsSchema } from '../endpoints/tls.js';
import { duration, secret, TEMPLATED } from '../schema.js';
import { condition } from './schema-values.js';

/** Answers are read up to here unless the YAML says otherwise. */
export const DEFAULT_MAX_BYTES = 1_048_576;
export const DEFAULT_REDIRECTS = 5;

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

/** A text with `${names}` in it, or a secret. */
const templated = { ...secret, $comment: TEMPLATED } as const;

const oneStatus = {
  anyOf: [
    { type: 'integer', minimum: 100, maximum: 599, description: 'This status.' },
    { type: 'string', pattern: '^(?:[1-5]xx|[1-5]\\d\\d-[1-5]\\d\\d)$', description: 'One of a hundred, 2xx, or of a range, 200-204.' },
  ],
} as const;

const status = {
  anyOf: [...oneStatus.anyOf, { type: 'array', items: oneStatus, minItems: 1, uniqueItems: true, description: 'One of these.' }],
  description: 'The status of the answer: 200, "2xx", "200-204" or a list of those. Default 2xx.',
  examples: [200, '2xx', [200, '400-404']],
} as const;

/** Within steps there is no `within`: it is of the whole. */
export const stepExpectProperties = {
  status,
  headers: {
    type: 'object',
    minProperties: 1,
    additionalProperties: condition,
    description: 'Headers that the answer must have, each with its value or { matches: pattern } or { exists: true }.',
    examples: [{ 'content-type': { matches: '^application/json' } }],
  },
  body: {
    type: 'string',
    minLength: 1,
    description: 'Regular expression (JavaScript) that must match somewhere in the body of the answer.',
    examples: ['"status"\\s*:\\s*"UP"'],
  },
  not_body: {
    type: 'string',
    minLength: 1,
    description: 'Regular expression (JavaScript) that must match nowhere in the body of the answer.',
    examples: ['maintenance'],
  },
  json: {
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: '^\\$' },
    additionalProperties: condition,
    description: 'JSONPath (RFC 9535) and what every value found there must be: equal to a value, or { above, below, matches, exists }.',
    examples: [{ '$.status': 'UP', '$.queue.depth': { below: 1000 } }],
  },
  max_bytes: {
    type: 'integer',
    minimum: 0,
    maximum: 67_108_864,
    description: `Longest body that is accepted, unpacked; what is longer is not read to its end and is \`too_large\`. Default ${DEFAULT_MAX_BYTES} (1 MiB).`,
  },
} as const;

const described = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'What the answer must be like for the endpoint to be up. Default: any status from 200 to 299.',
  examples: [{ status: 200, within: '2s' }],
} as const;

export const stepExpect = { ...described, properties: stepExpectProperties } as const;

export const expect = {
  ...described,
  properties: {
    ...stepExpectProperties,
    within: {
      ...duration,
      description:
        'The whole answer, all steps included, must be there within this time; it is `slow` otherwise, and measured all the same.',
    },
  },
} as const;

const oauth2 = {
  type: 'object',
  additionalProperties: false,
  required: ['token_url', 'client_id', 'client_secret'],
  description:
    'OAuth2 client credentials (RFC 6749, section 4.4). The token is kept until it expires, for all endpoints of the same client.',
  properties: {
    token_url: { type: 'string', pattern: '^https?://', description: 'Where tokens are issued.' },
    client_id: { type: 'string', minLength: 1, description: 'Who asks.' },
    client_secret: { ...secret, description: 'The secret of the client, by reference.' },
    method: {
      enum: ['client_secret_basic', 'client_secret_post'],
      description: 'How the client proves itself: in the header (default) or in the body.',
    },
    scope: { type: 'string', minLength: 1, description: 'Scopes to ask for, separated by blanks.' },
    audience: { type: 'string', minLength: 1, description: 'For whom the token is to be.' },
    tls: { ...tlsSchema, description: 'As `tls`, for `token_url`. Default: `ca` of the endpoint.' },
  },
} as const;

const auth = {
  anyOf: [
    {
      type: 'object',
      additionalProperties: false,
      required: ['user', 'password'],
      description: 'Basic authentication (RFC 7617).',
      properties: {
        user: { type: 'string', minLength: 1, description: 'The user.' },
        password: { ...secret, description: 'The password, by reference; it is read at each probe.' },
      },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['bearer'],
      description: 'A bearer token (RFC 6750).',
      properties: { bearer: { ...secret, description: 'The token, by reference; it is read at each probe.' } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['oauth2'],
      description: 'A token that is fetched.',
      properties: { oauth2 },
    },
  ],
  description: 'How we log in: { user, password }, { bearer } or { oauth2 }. After a 401 no login is tried for a while.',
  examples: [{ user: 'vigie', password: { env: 'PARTNER_PASSWORD' } }],
} as const;

export const proxy = {
  anyOf: [
    { const: false, description: 'No proxy, where the source has one.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      description: 'The proxy to go through.',
      properties: {
        url: { type: 'string', pattern: '^http://', description: 'The proxy, e.g. http://proxy.example.org:3128.' },
        user: { type: 'string', minLength: 1, description: 'User of the proxy.' },
        password: { ...secret, description: 'Password of that user, by reference.' },
      },
    },
  ],
  description:
    'An HTTP proxy to go through: CONNECT for https, the whole URL for http. Variables such as HTTPS_PROXY are not looked at. false: none.',
  examples: [{ url: 'http://proxy.example.org:3128' }],
} as const;

const body = {
  anyOf: [
    { type: 'string', description: 'This text.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['json'],
      description: 'Sent as application/json.',
      properties: { json: { description: 'Anything; texts in it may hold ${names} of `values` and kept values.' } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['form'],
      description: 'Sent as application/x-www-form-urlencoded.',
      properties: {
        form: {
          type: 'object',
          minProperties: 1,
          additionalProperties: templated,
          description: 'The fields: a text, or a secret by reference.',
        },
      },
    },
  ],
  description: 'What is sent: a text, { json: … } or { form: { field: value } }.',
  examples: ['ping', { json: { ping: true } }, { form: { user: 'vigie', password: { env: 'PARTNER_PASSWORD' } } }],
} as const;

/** How a request gets there; said at the endpoint, it holds for all its steps. */
export const wayProperties = {
  redirects: {
    anyOf: [
      { type: 'boolean', description: `true: up to ${DEFAULT_REDIRECTS}.` },
      { type: 'integer', minimum: 0, maximum: 20, description: 'Up to so many.' },
    ],
    description: `Follow redirects and judge the last answer: true for up to ${DEFAULT_REDIRECTS}, or how many. Default false: a redirect is an answer.`,
  },
  http: {
    enum: [1, 2, 'auto'],
    description:
      'Version of HTTP. auto (default): over https the one that the endpoint prefers, else 1. 2 over http: without asking first (h2c).',
  },
  proxy,
  tls: tlsSchema,
} as const;

export const requestProperties = {
  url: {
    type: 'string',
    pattern: '^https?://',
    description: 'What is asked. No user or password in it: that is `auth`.',
    examples: ['https://partner.example.org/health'],
  },
  method: { enum: METHODS, description: 'Default GET.' },
  headers: {
    type: 'object',
    additionalProperties: templated,
    description: 'Headers to send: a text, or a secret by reference.',
    examples: [{ accept: 'application/json', 'x-api-key': { env: 'PARTNER_API_KEY' } }],
  },
  body,
  auth,
  ...wayProperties,
} as const;

export type AuthOptions = FromSchema<typeof auth>;
export type OAuth2Options = FromSchema<typeof oauth2>;
export type ProxyOptions = FromSchema<typeof proxy>;
export type BodyOptions = FromSchema<typeof body>;
export type ExpectOptions = FromSchema<typeof stepExpect>;
export type StatusOptions = FromSchema<typeof status>;
