// The YAML of an sftp source. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { common, duration, NAME_PATTERN, secret } from '../schema.js';
import { hostKeySchema } from '../ssh-trust/schema.js';

/** Globs of files that are still being written, where the YAML names none. */
export const DEFAULT_PARTIAL = ['*.filepart', '*.part', '*.tmp'] as const;
export const DEFAULT_PORT = 22;

const directory = {
  type: 'object',
  additionalProperties: false,
  required: ['path', 'flow', 'stage'],
  description: 'A directory whose files wait at a stage of a flow.',
  properties: {
    path: { type: 'string', minLength: 1, description: 'The directory as the server names it. Its subdirectories are not read.' },
    name: { type: 'string', pattern: NAME_PATTERN, description: 'Names the directory on pages and in metrics. Default: its path.' },
    flow: { type: 'string', description: 'The flow that its files belong to; one of `flows`.' },
    stage: { type: 'string', description: 'The stage at which its files wait; one of the stages of the flow.' },
    partner: {
      type: 'string',
      description:
        'The partner of all its files. Default: what the named group `partner` of `files` matches, or the only partner of the flow.',
    },
    files: {
      type: 'string',
      minLength: 1,
      description:
        'Regular expression that the whole name of a file must match to be counted; the group (?<partner>…) takes the partner from the name. Default: every file.',
      examples: ['(?<partner>[a-z]+)_\\d{8}_\\d+\\.xml'],
    },
    partial: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'Globs of files that are still being written: counted apart, never as waiting. Default: *.filepart, *.part, *.tmp.',
      examples: [['*.filepart']],
    },
    every: { ...duration, description: 'How often this directory is listed; 1s or more. Default: the interval of the source.' },
  },
} as const;

export const sftpSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'host', 'user', 'host_key', 'directories'],
  description: 'Files that wait in the directories of an SFTP server.',
  properties: {
    ...common,
    kind: { const: 'sftp', description: 'Files that wait in the directories of an SFTP server.' },
    host: { type: 'string', minLength: 1, description: 'Name or address of the server.', examples: ['sftp.example.org'] },
    port: { type: 'integer', minimum: 1, maximum: 65535, description: 'Its port. Default 22.' },
    user: { type: 'string', minLength: 1, description: 'The account; one that may only read is enough.' },
    key: { ...secret, description: 'The private key, in OpenSSH or PEM format: { file: path } or { env: NAME }.' },
    passphrase: { ...secret, description: 'What the private key is encrypted with: { env: NAME } or { file: path }.' },
    password: { ...secret, description: 'The password, where the server takes no key: { env: NAME } or { file: path }.' },
    host_key: hostKeySchema,
    directories: { type: 'array', items: directory, minItems: 1, description: 'The directories to look at; each fails alone.' },
  },
} as const;

export type SftpOptions = FromSchema<typeof sftpSchema>;
export type DirectoryOptions = SftpOptions['directories'][number];
