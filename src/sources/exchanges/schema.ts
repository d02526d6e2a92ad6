// What all kinds of file exchanges have in common in the YAML. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { duration, NAME_PATTERN } from '../schema.js';

/** Globs of files that are still being written, where the YAML names none. */
export const DEFAULT_PARTIAL = ['*.filepart', '*.part', '*.tmp'] as const;

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
    timeout: { ...duration, description: 'How long a listing may take. Default: the timeout of the source.' },
  },
} as const;

/** Properties of a source of every kind, beside how its server is reached. `checkExchange` says what of it is required. */
export const exchangeProperties = {
  directories: { type: 'array', items: directory, minItems: 1, description: 'The directories to look at; each fails alone.' },
} as const;

const exchangeSchema = { type: 'object', properties: exchangeProperties } as const;

/** What the frame reads of the block of any kind. */
export type ExchangeOptions = FromSchema<typeof exchangeSchema> & { readonly max_staleness?: string };
export type DirectoryOptions = NonNullable<ExchangeOptions['directories']>[number];
