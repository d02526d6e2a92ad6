// The YAML of a log source. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { common, ownMetric } from '../schema.js';

/** Longest line in bytes, where the YAML says nothing. */
export const DEFAULT_MAX_LINE = 1024 * 1024;
/** Fields that are looked at for the time of a line, in this order, where the YAML names none. */
export const DEFAULT_TIME_FIELDS = ['time', 'ts', 'timestamp', '@timestamp'] as const;

const FIELD = 'A key of the JSON object (a.b for a nested one) or a named group of the regular expression';

const scalar = { type: ['string', 'number'] } as const;

const condition = {
  type: 'object',
  minProperties: 1,
  additionalProperties: {
    anyOf: [
      { type: ['string', 'number'], description: 'The field has this value.' },
      { type: 'boolean', description: 'true: the field is there, and neither null nor false; false: it is not.' },
      { type: 'array', items: scalar, minItems: 1, description: 'The field has one of these values.' },
      {
        type: 'object',
        additionalProperties: false,
        required: ['matches'],
        properties: { matches: { type: 'string', minLength: 1, description: 'A regular expression that the field matches somewhere.' } },
      },
    ],
  },
  description: 'Conditions on fields, all of which must hold. Values are compared as text: 200 and "200" are the same.',
  examples: [{ event: 'received' }, { status: [500, 503] }, { path: { matches: '^/api/' } }, { error: true }],
} as const;

const valueMap = {
  type: 'object',
  additionalProperties: { type: 'string' },
  minProperties: 1,
  description: 'What values of the field mean: { value in the log: name in the YAML }. Other values stay as they are.',
} as const;

const outcomeMap = {
  type: 'object',
  additionalProperties: { type: 'string' },
  minProperties: 1,
  description: 'What values of the field mean: { value in the log: ok, error or rejected }.',
} as const;

function identity<const T extends string>(description: T) {
  return {
    anyOf: [
      { type: 'string', minLength: 1, description: 'Its name, the same for every line.' },
      {
        type: 'object',
        additionalProperties: false,
        required: ['from'],
        properties: { from: { type: 'string', minLength: 1, description: `${FIELD}.` }, map: valueMap },
        description: 'The field that tells it.',
      },
    ],
    description,
  } as const;
}

const event = {
  type: 'object',
  additionalProperties: false,
  description: 'A kind of line that says that a message passed a stage of a flow.',
  properties: {
    when: { ...condition, description: `Which lines are meant. Default: every line. ${condition.description}` },
    flow: identity('The flow: its name, or { from: field }. Default: the field `flow`.'),
    partner: identity('The partner: its name, or { from: field }. Default: the field `partner`.'),
    stage: identity('The stage: its name, or { from: field }. Default: the field `stage`.'),
    flows: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      uniqueItems: true,
      description: 'The flows that the lines may name; others are counted as undeclared. Default: all flows.',
    },
    stages: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      uniqueItems: true,
      description: 'The stages that the lines may name; others are counted as undeclared. Default: all stages of the flows.',
    },
    outcome: {
      anyOf: [
        { type: 'string', description: 'ok, error or rejected, the same for every line.' },
        {
          type: 'object',
          additionalProperties: false,
          required: ['from'],
          properties: {
            from: { type: 'string', minLength: 1, description: `${FIELD}.` },
            map: outcomeMap,
            otherwise: { type: 'string', description: 'Outcome of all other values, and of lines without the field.' },
          },
          description: 'The field that tells it.',
        },
      ],
      description: 'What happened to the message: ok, error or rejected, or { from: field, map, otherwise }. Default ok.',
      examples: ['rejected', { from: 'status', map: { OK: 'ok', KO: 'error' }, otherwise: 'error' }],
    },
    bytes: { type: 'string', minLength: 1, description: 'The field with the size of the message in bytes.' },
    duration: {
      type: 'string',
      minLength: 1,
      description: 'The field with the time that the message took to pass the stage, and its unit: us, ms, s or m.',
      examples: ['duration_ms ms', 'elapsed s'],
    },
  },
} as const;

const metric = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'help'],
  description: 'A metric of your own naming.',
  properties: {
    ...ownMetric,
    when: { ...condition, description: `Which lines are meant. Default: every line. ${condition.description}` },
    value: {
      type: 'string',
      minLength: 1,
      description: 'The field with the value: what a counter grows by (default 1), or what a gauge is set to (required).',
    },
    labels: {
      ...ownMetric.labels,
      description: 'Label names, filled from the fields of the same names. After 1000 different ones, the rest is counted as "other".',
    },
  },
} as const;

export const logSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'files', 'format'],
  description: 'Lines of log files, followed as they are written.',
  properties: {
    ...common,
    kind: { const: 'log', description: 'Lines of log files, followed as they are written.' },
    interval: { ...common.interval, description: 'How often it looks for new lines; 1s is right. Default: `defaults.interval`, else 60s.' },
    files: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      uniqueItems: true,
      description:
        'The files, as globs. Include the names that rotation gives (app.log*), so that nothing is lost; compressed files are left out.',
      examples: [['/var/log/exchange/*.log*']],
    },
    format: {
      anyOf: [
        { const: 'json', description: 'Each line is a JSON object.' },
        {
          type: 'object',
          additionalProperties: false,
          required: ['regex'],
          properties: {
            regex: {
              type: 'string',
              minLength: 1,
              description: 'A JavaScript regular expression; its named groups are the fields. Lines that it does not match are left out.',
              examples: ['^(?<time>\\S+) (?<level>\\w+) (?<message>.*)$'],
            },
          },
        },
      ],
      description: 'How a line is read: json, or { regex: … } with named groups.',
    },
    from: {
      enum: ['end', 'start'],
      description:
        'Where to begin in files that exist when the exporter first starts. Files that appear later are read from their start. Default end.',
    },
    time: {
      type: 'object',
      additionalProperties: false,
      required: ['field'],
      properties: {
        field: { type: 'string', minLength: 1, description: `${FIELD} that holds it.` },
        format: {
          enum: ['iso', 'unix', 'unix_ms'],
          description:
            'iso: 2026-03-02T08:00:00.123+01:00 and its variants; unix, unix_ms: seconds or milliseconds since 1970. Default iso.',
        },
        timezone: { type: 'string', description: 'IANA time zone of times that name no offset.', examples: ['Europe/Zurich'] },
      },
      description:
        'Where the time of a line stands. Default: the field time, ts, timestamp or @timestamp, in ISO 8601 with an offset, or as a Unix time. A line without a time counts with the time of reading.',
    },
    max_line: {
      type: 'integer',
      minimum: 64,
      maximum: 67108864,
      description: 'Longest line in bytes; longer ones are skipped and counted. Default 1048576 (1 MiB).',
    },
    events: {
      type: 'array',
      items: event,
      minItems: 1,
      description: 'What lines say of flows. The first event that a line fulfils counts it; later ones do not see it.',
    },
    metrics: { type: 'array', items: metric, minItems: 1, description: 'Metrics of your own naming. Each of them sees every line.' },
  },
} as const;

export type LogOptions = FromSchema<typeof logSchema>;
export type EventOptions = NonNullable<LogOptions['events']>[number];
export type MetricOptions = NonNullable<LogOptions['metrics']>[number];
export type ConditionOptions = NonNullable<EventOptions['when']>;
export type TimeOptions = NonNullable<LogOptions['time']>;
