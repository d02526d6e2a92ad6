// How the YAML says what an answer must hold and what is read from it: conditions, places, metrics of the user's own naming.

import type { FromSchema } from 'json-schema-to-ts';
import { indicatorProperties } from '../indicator.js';
import { LABEL_PATTERN, ownMetric } from '../schema.js';

const value = { type: ['string', 'number', 'boolean'] } as const;

/** What a value must be like: the value itself, or what must hold of it. */
export const condition = {
  anyOf: [
    { ...value, description: 'It must be equal to this.' },
    {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      description: 'All of these must hold.',
      properties: {
        equals: { ...value, description: 'It must be equal to this.' },
        matches: { type: 'string', minLength: 1, description: 'Regular expression (JavaScript) that must match somewhere in it.' },
        above: { type: 'number', description: 'It must be a number above this.' },
        below: { type: 'number', description: 'It must be a number below this.' },
        exists: { type: 'boolean', description: 'true: it must be there, whatever it is. false: it must not be there.' },
      },
    },
  ],
  description: 'A value that it must be equal to, or { above, below, matches, equals, exists }.',
  examples: ['UP', { above: 0 }],
} as const;

export type WrittenCondition = FromSchema<typeof condition>;

/** Where in an answer something stands. */
export const placeProperties = {
  json: {
    type: 'string',
    pattern: '^\\$',
    description: 'JSONPath (RFC 9535) into the body, e.g. $.access_token; the first value found counts.',
    examples: ['$.access_token'],
  },
  header: { type: 'string', minLength: 1, description: 'Name of a header of the answer.', examples: ['x-session'] },
  regex: {
    type: 'string',
    minLength: 1,
    description: 'Regular expression (JavaScript) on the body; its first group, or its whole match where it has none.',
    examples: ['name="csrf" value="([^"]+)"'],
  },
} as const;

export const place = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: placeProperties,
  description: 'Where it stands in the answer: { json: $.path }, { header: name } or { regex: pattern }.',
  examples: [{ json: '$.access_token' }],
} as const;

export type WrittenPlace = FromSchema<typeof place>;

const mapped = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    ...placeProperties,
    map: {
      type: 'object',
      minProperties: 1,
      additionalProperties: { type: 'number' },
      description: 'What texts count as: { UP: 1, DOWN: 0 }.',
    },
    otherwise: { type: 'number', description: 'What all other texts count as. Default: they are left out.' },
  },
  description: 'Where the value stands: a number, true (1), false (0), or a text that `map` makes a number of.',
  examples: [{ json: '$.queue.depth' }],
} as const;

const label = {
  type: 'object',
  additionalProperties: false,
  required: ['label'],
  properties: {
    label: { type: 'string', pattern: LABEL_PATTERN, description: 'Name of the label.' },
    value: { type: 'string', minLength: 1, description: 'Its value, where it is always the same.' },
    ...placeProperties,
  },
} as const;

export const metric = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'help', 'value'],
  properties: {
    ...ownMetric,
    type: { enum: ['gauge'], description: 'What is read from an answer is what is so now: a gauge.' },
    value: mapped,
    each: {
      type: 'string',
      pattern: '^\\$',
      description: 'JSONPath to several parts of the body: one series for each; then `$` is the part in the paths of `value` and `labels`.',
      examples: ['$.queues[*]'],
    },
    labels: {
      type: 'array',
      items: label,
      description:
        'Labels, each { label, value } or { label, json | header | regex }. `endpoint`, `partner`, `flow`, `env`, `site` are added.',
      examples: [[{ label: 'queue', json: '$.name' }]],
    },
  },
} as const;

export const indicator = {
  type: 'object',
  additionalProperties: false,
  required: ['indicator', 'value'],
  properties: { ...indicatorProperties, value: mapped },
  description: 'An indicator of the flow of the endpoint, read from the last answer; with the partner of the endpoint, where it has one.',
  examples: [{ indicator: 'csat', value: { json: '$.rating' } }],
} as const;

export type WrittenIndicatorValue = FromSchema<typeof indicator>;

export type WrittenOwnMetric = FromSchema<typeof metric>;

export const fallback = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: { ...placeProperties, equals: { ...value, description: 'The value that means that the fallback is active. Default true.' } },
  description: 'Where the answer says that the internal fallback of the flow is active; exported as flow_fallback_active (1) or not (0).',
  examples: [{ json: '$.mode', equals: 'internal' }],
} as const;

export type WrittenFallback = FromSchema<typeof fallback>;
