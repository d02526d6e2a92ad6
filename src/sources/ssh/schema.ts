// The YAML of a source of kind ssh.

import type { FromSchema } from 'json-schema-to-ts';
import { commonEndpoint, sourceSchema } from '../endpoints/schema.js';
import { duration, secret } from '../schema.js';
import { hostKeySchema } from '../ssh-trust/schema.js';

const expect = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'What the server must be like, beside its host key, for the endpoint to be up.',
  examples: [{ banner: 'OpenSSH_(9|1\\d)', no_algorithms: ['ssh-rsa', 'ssh-dss'], within: '2s' }],
  properties: {
    banner: {
      type: 'string',
      minLength: 1,
      description: 'Regular expression (JavaScript) that must match in the line by which the server greets: SSH-2.0-OpenSSH_9.2.',
      examples: ['OpenSSH_'],
    },
    no_algorithms: {
      type: 'array',
      items: { type: 'string', pattern: '^[^\\s,]+$' },
      minItems: 1,
      uniqueItems: true,
      description: 'Algorithms that the server must not offer, for key exchange, host key, cipher or MAC.',
      examples: [['ssh-rsa', 'diffie-hellman-group1-sha1', '3des-cbc']],
    },
    within: { ...duration, description: 'Everything must be done in this time; it is `slow` otherwise, and measured all the same.' },
  },
} as const;

const login = {
  type: 'object',
  additionalProperties: false,
  required: ['user'],
  description: 'Logs in, and out again without doing anything. With both a key and a password, the server must want both.',
  examples: [{ user: 'vigie', key: { file: '/run/secrets/vigie_ed25519' } }],
  properties: {
    user: { type: 'string', minLength: 1, description: 'The account; it needs no rights.' },
    key: { ...secret, description: 'The private key, in OpenSSH or PEM format: { file: path } or { env: NAME }.' },
    passphrase: { ...secret, description: 'What the private key is encrypted with: { env: NAME } or { file: path }.' },
    password: { ...secret, description: 'The password: { env: NAME } or { file: path }.' },
  },
} as const;

export const endpointSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['address', 'host_key'],
  description: 'A server that is visited on a schedule of its own.',
  properties: {
    ...commonEndpoint,
    address: {
      type: 'string',
      minLength: 1,
      description: 'host or host:port; port 22 by default.',
      examples: ['sftp.partner.example.org:22'],
    },
    host_key: hostKeySchema,
    login,
    expect,
  },
} as const;

export const schema = sourceSchema('ssh', 'Servers that speak SSH.', endpointSchema, 'The servers, by name.');

export type SshOptions = FromSchema<typeof schema>;
export type EndpointOptions = FromSchema<typeof endpointSchema>;
export type LoginOptions = NonNullable<EndpointOptions['login']>;
