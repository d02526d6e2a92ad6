// What all kinds of file exchanges have in common in the YAML. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { duration, NAME_PATTERN } from '../schema.js';
import { acknowledgement } from './acknowledgements/schema.js';
import { delivery } from './deliveries/schema.js';
import { SIZE_PATTERN } from './size.js';

/** Globs of files that are still being written, where the YAML names none. */
export const DEFAULT_PARTIAL = ['*.filepart', '*.part', '*.tmp'] as const;
export const DEFAULT_STALLED_AFTER = '10m';

const size = {
  anyOf: [
    { type: 'integer', minimum: 0, description: 'Bytes.' },
    { type: 'string', pattern: SIZE_PATTERN, description: 'A number and its unit: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB.' },
  ],
  examples: ['10 KiB', '50MB', 1],
} as const;

const day = { enum: ['today', 'yesterday', 'previous working day'] } as const;

const expectation = {
  type: 'object',
  additionalProperties: false,
  required: ['file'],
  description: 'A file that comes each day under a name with the date in it.',
  examples: [{ file: 'FACT_{yyyyMMdd}_\\d+\\.xml', name: 'daily', by: '08:30' }],
  properties: {
    file: {
      type: 'string',
      minLength: 1,
      description:
        'Regular expression that the whole name matches, with the date in braces: {yyyyMMdd}, {yyyy-MM-dd}, {yyMMdd}, {yyyyDDD}. The group (?<partner>…) takes the partner from the name.',
      examples: ['FACT_{yyyyMMdd}_\\d+\\.xml'],
    },
    name: { type: 'string', pattern: NAME_PATTERN, description: 'Its name in the label `file`. Default: `file` as written.' },
    day: { ...day, description: 'The day whose date is in the name. Default today.' },
    by: {
      type: 'string',
      pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$',
      description: 'When it should be there at the latest, by the clock on the wall; exported as a time, for a rule to compare.',
      examples: ['08:30'],
    },
    timezone: { type: 'string', description: 'Whose date it is: an IANA time zone. Default: that of the calendar of the flow.' },
  },
} as const;

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
    stalled_after: {
      ...duration,
      description: `How long a file that is being written may stay as large as it is before it counts as stalled. Default ${DEFAULT_STALLED_AFTER}.`,
    },
    size: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      description: 'How large its files should be; those outside are counted apart too.',
      examples: [{ min: 1, max: '50MB' }],
      properties: {
        min: {
          ...size,
          description: 'The least size: bytes, or a number and its unit, e.g. 10 KiB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB).',
        },
        max: {
          ...size,
          description: 'The greatest size: bytes, or a number and its unit, e.g. 50MB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB).',
        },
      },
    },
    messages: {
      enum: ['arrived', 'departed'],
      description:
        'Which files count as messages that passed the stage: those that came since the look before, or those that are gone. Default: none; `flow_files_arrived_total` and `flow_files_departed_total` tell both.',
    },
    expect: { type: 'array', items: expectation, minItems: 1, description: 'Files that should be there each day.' },
    every: { ...duration, description: 'How often this directory is listed; 1s or more. Default: the interval of the source.' },
    timeout: { ...duration, description: 'How long a listing may take. Default: the timeout of the source.' },
  },
} as const;

const canary = {
  type: 'object',
  additionalProperties: false,
  required: ['directory'],
  description:
    'A round trip of a small file of our own: it is written, renamed, read, compared and removed. Only this needs the right to write.',
  examples: [{ directory: '/canary', every: '5m' }],
  properties: {
    directory: { type: 'string', minLength: 1, description: 'Where the file is written, and nowhere else.' },
    every: { ...duration, description: 'How often; 1s or more. Default: the interval of the source.' },
    timeout: { ...duration, description: 'How long a round trip may take. Default: the timeout of the source.' },
    keep_name: { type: 'boolean', description: 'true leaves out the step rename, where the account may not. Default false.' },
  },
} as const;

const date = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  examples: ['2027-03-01'],
} as const;

/** Properties of a source of every kind, beside how its server is reached. `checkExchange` says what of it is required. */
export const exchangeProperties = {
  directories: { type: 'array', items: directory, minItems: 1, description: 'The directories to look at; each fails alone.' },
  acknowledgements: {
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: NAME_PATTERN },
    additionalProperties: acknowledgement,
    description: 'Outgoing files and the answers to them, by name.',
  },
  deliveries: {
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: NAME_PATTERN },
    additionalProperties: delivery,
    description: 'Deliveries whose manifests say how many packages belong to them, by name.',
  },
  canary,
  space: {
    type: 'boolean',
    description: 'Whether the room on the file systems of `directories` is asked for, where the server tells it. Default true.',
  },
  credential_expires: {
    anyOf: [
      { ...date, description: 'The day on which it expires (at its beginning, UTC).' },
      {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        properties: {
          key: { ...date, description: 'The day on which the key expires.' },
          password: { ...date, description: 'The day on which the password expires.' },
          certificate: { ...date, description: 'The day on which our certificate expires.' },
        },
      },
    ],
    description: 'When the credential of the account expires, as the partner has announced it; exported, so that a rule can warn in time.',
    examples: ['2027-03-01', { key: '2027-03-01' }],
  },
} as const;

const exchangeSchema = { type: 'object', properties: exchangeProperties } as const;

/** What the frame reads of the block of any kind. */
export type ExchangeOptions = FromSchema<typeof exchangeSchema> & { readonly max_staleness?: string };
export type DirectoryOptions = NonNullable<ExchangeOptions['directories']>[number];
export type ExpectationOptions = NonNullable<DirectoryOptions['expect']>[number];
export type CanaryOptions = NonNullable<ExchangeOptions['canary']>;
export type CredentialDates = ExchangeOptions['credential_expires'];
