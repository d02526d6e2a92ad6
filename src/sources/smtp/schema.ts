// The YAML of a source of kind smtp.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, sourceSchema, within } from '../endpoints/schema.js';
import { tlsSchema } from '../endpoints/tls.js';
import { secret } from '../schema.js';

/** RFC 5321, section 4.1.2: no spaces, no brackets, printable; the empty one is that of bounces. */
const ADDRESS_PATTERN = '^(?:[^\\s<>\\0-\\x1f\\x7f]+@[^\\s<>@\\0-\\x1f\\x7f]+)?$';

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['address'],
  description: 'A mail server that is asked on a schedule of its own.',
  properties: {
    address: {
      type: 'string',
      minLength: 1,
      description: 'Where it listens: host:port, an IPv6 address in brackets. Port 25 takes mail from servers, 587 and 465 from users.',
      examples: ['mail.example.org:25'],
    },
    ...commonEndpoint,
    encryption: {
      enum: ['starttls', 'optional', 'implicit', 'none'],
      description:
        'starttls: it must offer STARTTLS. optional: where it offers it. implicit: TLS from the start, as on port 465. none: in plain. Default starttls.',
    },
    tls: tlsSchema,
    ehlo: {
      type: 'string',
      pattern: '^[A-Za-z0-9\\[][A-Za-z0-9.:_\\]-]*$',
      description: 'The name by which we introduce ourselves. Default: our address in brackets.',
      examples: ['vigie.example.org'],
    },
    login: {
      type: 'object',
      additionalProperties: false,
      required: ['user', 'password'],
      description: 'Logs in, by AUTH PLAIN or LOGIN, over TLS only. After a refusal it waits, so that no account is locked.',
      examples: [{ user: 'vigie', password: { env: 'MAIL_PASSWORD' } }],
      properties: {
        user: { type: 'string', minLength: 1, description: 'The user.' },
        password: { ...secret, description: 'The password, by reference; it is read at each probe.' },
      },
    },
    envelope: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      description:
        'Asks whether a mail from here to there would be taken, with MAIL FROM and RCPT TO, and takes it back. No mail is ever sent.',
      examples: [{ from: 'vigie@example.org', to: 'postmaster@example.org' }],
      properties: {
        from: {
          type: 'string',
          pattern: ADDRESS_PATTERN,
          description: 'The sender; empty as of a bounce.',
          examples: ['vigie@example.org'],
        },
        to: { type: 'string', minLength: 3, pattern: ADDRESS_PATTERN, description: 'The recipient.', examples: ['postmaster@example.org'] },
      },
    },
    expect: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      description: 'What else the server must be like to be up.',
      examples: [{ extensions: ['SIZE', '8BITMIME'], size_at_least: 26_214_400 }],
      properties: {
        within,
        extensions: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9-]*$' },
          description: 'Keywords of extensions that it must offer, once the connection is secured where it is; STARTTLS before that.',
          examples: [['STARTTLS', 'SIZE']],
        },
        size_at_least: {
          type: 'integer',
          minimum: 1,
          description: 'It must take mails of so many bytes (RFC 1870). One that names no limit does.',
        },
      },
    },
  },
} as const;

export const schema = sourceSchema('smtp', 'Mail servers, asked over SMTP.', endpointSchema, 'The mail servers, by name.');

export type SmtpOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
