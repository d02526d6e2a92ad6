// The YAML of an sftp source. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import type { Secret } from '../../domain/secret.js';
import { exchangeProperties } from '../exchanges/index.js';
import { common, secret } from '../schema.js';
import { hostKeySchema } from '../ssh-trust/schema.js';

export const DEFAULT_PORT = 22;

export const sftpSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'host', 'user', 'host_key'],
  description: 'Files that are exchanged through the directories of an SFTP server.',
  properties: {
    ...common,
    kind: { const: 'sftp', description: 'Files that are exchanged through the directories of an SFTP server.' },
    host: { type: 'string', minLength: 1, description: 'Name or address of the server.', examples: ['sftp.example.org'] },
    port: { type: 'integer', minimum: 1, maximum: 65535, description: 'Its port. Default 22.' },
    user: { type: 'string', minLength: 1, description: 'The account; one that may only read is enough, except for a canary.' },
    key: { ...secret, description: 'The private key, in OpenSSH or PEM format: { file: path } or { env: NAME }.' },
    next_key: {
      ...secret,
      description:
        'The private key that comes after `key`, tried where the server refuses that one: for the time in which keys are changed.',
    },
    passphrase: { ...secret, description: 'What the private keys are encrypted with: { env: NAME } or { file: path }.' },
    password: { ...secret, description: 'The password, where the server takes no key, or wants both: { env: NAME } or { file: path }.' },
    host_key: hostKeySchema,
    ...exchangeProperties,
  },
} as const;

export type SftpOptions = FromSchema<typeof sftpSchema>;

/** The private keys, in the order in which they are tried. */
export function keysOf({ key, next_key: nextKey }: SftpOptions): Secret[] {
  return [key, nextKey].filter((one) => one !== undefined);
}
