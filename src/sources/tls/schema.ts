// The YAML of a source of kind tls.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, sourceSchema, within } from '../endpoints/schema.js';
import { TLS_VERSIONS, tlsSchema } from '../endpoints/tls.js';
import { duration } from '../schema.js';

const version = { enum: TLS_VERSIONS } as const;

/** With or without colons, as openssl and browsers show it. */
export const FINGERPRINT_PATTERN = '^(?:[Ss][Hh][Aa]-?256[:= ])?[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){31}$';
const fingerprint = { type: 'string', pattern: FINGERPRINT_PATTERN, description: 'SHA-256 in hexadecimal digits.' } as const;

const expect = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'What else must be so for the endpoint to be up.',
  examples: [{ valid_for: '21d', issuer: 'SwissSign' }],
  properties: {
    within,
    valid_for: {
      ...duration,
      description: 'Every certificate that it shows must be valid for as long as this still.',
      examples: ['21d'],
    },
    issuer: {
      type: 'string',
      minLength: 1,
      description: 'Regular expression (JavaScript) that must match the issuer of its certificate, written as C=CH, O=SwissSign AG, CN=…',
      examples: ['O=SwissSign AG'],
    },
    fingerprint: {
      anyOf: [
        fingerprint,
        { type: 'array', items: fingerprint, minItems: 1, description: 'One of these, while certificates are exchanged.' },
      ],
      description: 'Fingerprint of its certificate: SHA-256 in hexadecimal digits, as `openssl x509 -fingerprint -sha256` prints it.',
    },
    version: {
      anyOf: [version, { type: 'array', items: version, minItems: 1, description: 'One of these.' }],
      description: 'The version of TLS that the two sides agree on: TLSv1.3, TLSv1.2, …',
    },
    alpn: { type: 'string', minLength: 1, description: 'The protocol of `alpn` that it must choose.', examples: ['h2'] },
  },
} as const;

export const STARTTLS = ['smtp', 'imap', 'pop3', 'ftp', 'ldap', 'postgres'] as const;

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['address'],
  description: 'An endpoint whose certificate is looked at on a schedule of its own.',
  properties: {
    address: {
      type: 'string',
      minLength: 1,
      description: 'Where it listens: host:port, an IPv6 address in brackets.',
      examples: ['api.example.org:443'],
    },
    ...commonEndpoint,
    starttls: { enum: STARTTLS, description: 'The protocol that is spoken in plain until TLS is asked for. Default: TLS from the start.' },
    ...tlsSchema.properties,
    versions: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      description: 'The versions of TLS that are offered. Default: from TLSv1.2 on.',
      examples: [{ min: 'TLSv1.3' }],
      properties: {
        min: { ...version, description: 'The oldest one. With TLSv1 and TLSv1.1, old ciphers are offered too.' },
        max: { ...version, description: 'The newest one.' },
      },
    },
    alpn: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 255 },
      description: 'Application protocols to offer, by their names in RFC 7301, e.g. h2. Default: none.',
      examples: [['h2', 'http/1.1']],
    },
    expect,
  },
} as const;

export const schema = sourceSchema('tls', 'Certificates and TLS of endpoints.', endpointSchema, 'The endpoints, by name.');

export type TlsKindOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
