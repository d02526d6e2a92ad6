// The YAML of a ledger of acknowledgements. Descriptions are the reference documentation.

import { duration } from '../../schema.js';
import { insideProperties, maxBytes } from '../inside-schema.js';

export const DEFAULT_GIVE_UP_AFTER = '30d';

const sent = {
  type: 'object',
  additionalProperties: false,
  required: ['directory', 'files'],
  description: 'Where outgoing files are. One that the partner has taken away still waits for its answer.',
  properties: {
    directory: { type: 'string', minLength: 1, description: 'The directory as the server names it.' },
    files: {
      type: 'string',
      minLength: 1,
      description:
        'Regular expression that the whole name matches; the group (?<key>…) is what the answer refers to, (?<partner>…) the partner.',
      examples: ['(?<partner>[a-z]+)_(?<key>\\d+)\\.xml'],
    },
  },
} as const;

const answers = {
  type: 'object',
  additionalProperties: false,
  required: ['directory', 'files'],
  description: 'Where answers are.',
  properties: {
    directory: { type: 'string', minLength: 1, description: 'The directory as the server names it.' },
    files: {
      type: 'string',
      minLength: 1,
      description:
        'Regular expression that the whole name matches. The group (?<key>…) is the key of what is answered, unless `key` finds it inside; (?<outcome>…) may tell the outcome.',
      examples: ['ACK_(?<key>\\d+)\\.xml', '(?<outcome>ACK|NAK)_(?<key>\\d+)\\.txt'],
    },
    key: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      description: 'Where the key stands inside the answer. Default: in its name.',
      examples: [{ xml: 'Acknowledgement/Reference' }, { json: '$.reference' }],
      properties: insideProperties('key'),
    },
    outcome: {
      anyOf: [
        { type: 'string', description: 'The same for all: ok, error or rejected.' },
        {
          type: 'object',
          additionalProperties: false,
          minProperties: 1,
          properties: {
            ...insideProperties('outcome'),
            map: {
              type: 'object',
              additionalProperties: { type: 'string' },
              description: 'Outcomes (ok, error, rejected) by what stands there.',
              examples: [{ OK: 'ok', KO: 'rejected' }],
            },
            otherwise: { type: 'string', description: 'What everything else means, nothing at all included. Default error.' },
          },
        },
      ],
      description: 'What the answer says. Default: ok for all; with the group (?<outcome>…) in `files`, what it matches.',
      examples: ['ok', { xml: 'Acknowledgement/Status', map: { OK: 'ok', KO: 'rejected' }, otherwise: 'error' }],
    },
    max_bytes: maxBytes,
  },
} as const;

export const acknowledgement = {
  type: 'object',
  additionalProperties: false,
  required: ['flow', 'stage', 'sent', 'answers'],
  description: 'Outgoing files of a flow, and the answers to them.',
  properties: {
    flow: { type: 'string', description: 'The flow; one of `flows`.' },
    stage: { type: 'string', description: 'The stage at which answers count, e.g. acknowledged; one of the stages of the flow.' },
    partner: {
      type: 'string',
      description: 'The partner of all of them. Default: the group `partner` of `sent.files`, or the only partner of the flow.',
    },
    sent,
    answers,
    within: { ...duration, description: 'Answers that take longer are counted as late too. Default: none is late.' },
    give_up_after: {
      ...duration,
      description: `Age at which an outgoing file is not waited for any more, and counted as forgotten. Default ${DEFAULT_GIVE_UP_AFTER}.`,
    },
    every: { ...duration, description: 'How often both directories are listed; 1s or more. Default: the interval of the source.' },
    timeout: { ...duration, description: 'How long a look may take. Default: the timeout of the source.' },
  },
} as const;
