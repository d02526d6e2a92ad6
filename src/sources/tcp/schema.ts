// The YAML of a source of kind tcp.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, sourceSchema, within } from '../endpoints/schema.js';
import { tlsSchema } from '../endpoints/tls.js';
import { secret } from '../schema.js';

/** So much may come for one expectation unless the YAML says otherwise. */
export const DEFAULT_MAX_BYTES = 65_536;

const [, byVariable, byFile] = secret.anyOf;
const text = { type: 'string', description: 'A text; ${name} is what the group of this name in an earlier `expect` matched.' } as const;

const step = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'One step: expect, send, send_hex or starttls.',
  properties: {
    expect: {
      type: 'string',
      minLength: 1,
      description:
        'Regular expression (JavaScript, ^ and $ at each line) that must match what comes. Its named groups may be sent later, as ${name}.',
      examples: ['^220 '],
    },
    unless: {
      type: 'string',
      minLength: 1,
      description: 'Beside `expect`: what comes when the other side refuses; where it comes first, nothing is waited for any longer.',
      examples: ['^[45]\\d\\d '],
    },
    send: {
      anyOf: [
        text,
        byVariable,
        byFile,
        {
          type: 'array',
          minItems: 1,
          items: { anyOf: [text, byVariable, byFile], description: 'A text, or a secret by reference.' },
          description: 'Several texts and secrets, one after the other without anything in between.',
        },
      ],
      description: 'What is sent, as a line of its own: a text, a secret by reference, or a list of both.',
      examples: [['PASS ', { env: 'FTP_PASSWORD' }]],
    },
    send_hex: {
      type: 'string',
      pattern: '^\\s*(?:[0-9A-Fa-f]{2}\\s*)+$',
      description: 'Bytes to send, in hexadecimal digits; spaces are left out. Nothing is added.',
      examples: ['00000008 04d2162f'],
    },
    starttls: { const: true, description: 'true: goes on over TLS, with the settings of `tls`.' },
  },
} as const;

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['address'],
  description: 'An endpoint that is asked on a schedule of its own.',
  properties: {
    address: {
      type: 'string',
      minLength: 1,
      description: 'Where it listens: host:port, an IPv6 address in brackets.',
      examples: ['hl7.example.org:2575'],
    },
    ...commonEndpoint,
    tls: {
      anyOf: [{ const: true, description: 'With the authorities of the system.' }, tlsSchema],
      description: 'TLS from the start, or from the step `starttls` on where the dialogue has one. Default: none.',
      examples: [true, { ca: 'tls/partners-ca.pem' }],
    },
    dialogue: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: step,
      description: 'What is expected and sent once the connection stands, in this order. Default: nothing; it is enough that it stands.',
      examples: [[{ expect: '^220 ' }, { send: 'QUIT' }]],
    },
    lines: {
      enum: ['crlf', 'lf', 'none'],
      description:
        'How the lines that are sent end. What comes counts by whole lines, however they end. none: nothing is added, and every byte counts as it comes (prompts, binary protocols). Default crlf.',
    },
    encoding: {
      enum: ['utf8', 'latin1'],
      description: 'How text is sent and read; latin1 has one character for each byte, for binary protocols. Default utf8.',
    },
    max_bytes: {
      type: 'integer',
      minimum: 1,
      maximum: 16_777_216,
      description: `How much may come for one expectation before it is \`too_large\`. Default ${DEFAULT_MAX_BYTES} (64 KiB).`,
    },
    expect: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      description: 'What else the endpoint must be like to be up.',
      examples: [{ within: '2s' }],
      properties: {
        within,
      },
    },
  },
} as const;

export const schema = sourceSchema(
  'tcp',
  'Endpoints asked over TCP, with a dialogue of their own.',
  endpointSchema,
  'The endpoints, by name.',
);

export type TcpOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
export type StepOptions = FromSchema<typeof step>;
