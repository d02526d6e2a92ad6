// The YAML of a log source. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { OUTCOMES } from '../../domain/flow.js';
import { indicatorProperties } from '../indicator.js';
import { common, duration, LABEL_PATTERN, ownMetric } from '../schema.js';

/** Longest record in bytes, where the YAML says nothing. */
export const DEFAULT_MAX_LINE = 1024 * 1024;
/** Fields that are looked at for the time of a line, in this order, where the YAML names none. */
export const DEFAULT_TIME_FIELDS = ['time', 'ts', 'timestamp', '@timestamp'] as const;
/** How far ahead of now the time of a line may be, and how old it may be, before it is counted as implausible. */
export const DEFAULT_MAX_AHEAD = '5m';
export const DEFAULT_MAX_AGE = '30d';
/** A multi-line record is complete after so many lines, or when nothing has come for so long. */
export const DEFAULT_MAX_LINES = 500;
export const DEFAULT_RECORD_TIMEOUT = '5s';
/** What a correlation keeps. */
export const DEFAULT_CORRELATION_TIMEOUT = '1h';
export const DEFAULT_MAX_OPEN = 10_000;

/** What stands in a line: the fields of one that is read further are read the same way. */
const STRUCTURES = ['json', 'logfmt'] as const;

const FIELD = 'A field: a key of the line (a.b for a nested one), or a named group of a regular expression or of `file_name`';
const PATTERN = 'A regular expression, in which building blocks may stand: %{timestamp:at}, %{ip}, %{quoted:path}';

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
        properties: {
          matches: {
            type: 'string',
            minLength: 1,
            description: `${PATTERN}, that the field matches somewhere. Its named groups are fields for the rule.`,
          },
        },
      },
    ],
  },
  description: 'Conditions on fields, all of which must hold. Values are compared as text: 200 and "200" are the same.',
  examples: [{ event: 'received' }, { status: [500, 503] }, { path: { matches: '^/api/' } }, { error: true }],
} as const;

const match = {
  type: 'string',
  minLength: 1,
  description: `${PATTERN}, that the whole record matches somewhere, whatever its format. Its named groups are fields for the rule.`,
  examples: ['Accepted publickey for %{word:account} from %{ip}', 'status=(?<status>\\d+) took=(?<took>\\d+)ms'],
} as const;

/** Which lines a rule means. */
const meant = {
  match,
  when: { ...condition, description: `Which lines are meant. Default: every line. ${condition.description}` },
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
  description: `What values of the field mean: { value in the log: ${OUTCOMES.join(', ')} }.`,
} as const;

const field = { type: 'string', minLength: 1 } as const;

function identity<const T extends string>(description: T) {
  return {
    anyOf: [
      { type: 'string', minLength: 1, description: 'Its name, the same for every line.' },
      {
        type: 'object',
        additionalProperties: false,
        required: ['from'],
        properties: { from: { ...field, description: `${FIELD}.` }, map: valueMap },
        description: 'The field that tells it.',
      },
    ],
    description,
  } as const;
}

const flow = identity('The flow: its name, or { from: field }. Default: the field `flow`.');
const partner = identity('The partner: its name, or { from: field }. Default: the field `partner`.');
const flows = {
  type: 'array',
  items: { type: 'string' },
  minItems: 1,
  uniqueItems: true,
  description: 'The flows that the lines may name; others are counted as undeclared. Default: all flows.',
} as const;

const outcome = {
  anyOf: [
    { type: 'string', description: 'ok, error or rejected, the same for every line.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['from'],
      properties: {
        from: { ...field, description: `${FIELD}.` },
        map: outcomeMap,
        otherwise: { type: 'string', description: 'Outcome of all other values, and of lines without the field.' },
      },
      description: 'The field that tells it.',
    },
  ],
  description: 'What happened to the message: ok, error or rejected, or { from: field, map, otherwise }. Default ok.',
  examples: ['rejected', { from: 'status', map: { OK: 'ok', KO: 'error' }, otherwise: 'error' }],
} as const;

const id = {
  ...field,
  description:
    'The field with the correlation id of the message. It stands in exemplars (OpenMetrics), never in a label. Default: `id` of the source.',
} as const;

const event = {
  type: 'object',
  additionalProperties: false,
  description: 'A kind of line that says that a message passed a stage of a flow.',
  properties: {
    ...meant,
    flow,
    partner,
    stage: identity('The stage: its name, or { from: field }. Default: the field `stage`.'),
    flows,
    stages: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      uniqueItems: true,
      description: 'The stages that the lines may name; others are counted as undeclared. Default: all stages of the flows.',
    },
    outcome,
    bytes: {
      ...field,
      description: 'The field with the size of the message, and its unit where that is not bytes: B, kB, MB, GB, KiB, MiB, GiB.',
      examples: ['size', 'size KiB'],
    },
    duration: {
      ...field,
      description: 'The field with the time that the message took to pass the stage, and its unit: us, ms, s, m or h.',
      examples: ['duration_ms ms', 'elapsed s'],
    },
    id,
  },
} as const;

const correlation = {
  type: 'object',
  additionalProperties: false,
  required: ['stage', 'start', 'end'],
  description:
    'Two kinds of lines with the id of a message in common: the one with which it begins to wait for a stage, and the one with which it has passed it.',
  properties: {
    stage: { ...field, description: 'The stage that the message has passed with the end. What is open is its backlog.' },
    flow,
    partner,
    flows,
    id: { ...id, description: 'The field with the id. Default: `id` of the source.' },
    start: {
      type: 'object',
      additionalProperties: false,
      description: 'Lines with which a message begins to wait. They tell its flow and partner.',
      properties: { ...meant, id: { ...id, description: 'The field with the id in these lines. Default: `id` of the correlation.' } },
    },
    end: {
      type: 'object',
      additionalProperties: false,
      description: 'Lines with which it is done. They need not name flow or partner.',
      properties: {
        ...meant,
        id: { ...id, description: 'The field with the id in these lines. Default: `id` of the correlation.' },
        outcome: {
          ...outcome,
          description: `With it, the end counts a message of the stage. ${outcome.description}`,
        },
      },
    },
    timeout: {
      ...duration,
      description: `What has been open for longer is given up, and counted. Default ${DEFAULT_CORRELATION_TIMEOUT}.`,
    },
    max_open: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: `How many may be open at once; what begins beyond that is counted and not followed. Default ${DEFAULT_MAX_OPEN}.`,
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
    type: { enum: ['gauge', 'counter', 'histogram'], description: 'Default: counter when the name ends in _total, else gauge.' },
    buckets: {
      type: 'array',
      items: { type: 'number' },
      minItems: 1,
      uniqueItems: true,
      description: 'Upper bounds of a histogram, ascending, in base units. Default: 5 ms to a minute.',
      examples: [[0.1, 0.5, 1, 5]],
    },
    ...meant,
    value: {
      ...field,
      description:
        'The field with the value, and its unit where that is no base unit (us, ms, m, h, d; kB, KiB …; %): what a counter grows by (default 1), what a gauge is set to, what a histogram observes (required).',
      examples: ['took ms', 'size KiB', 'load %'],
    },
    labels: {
      type: 'array',
      uniqueItems: true,
      items: {
        anyOf: [
          { type: 'string', pattern: LABEL_PATTERN, description: 'The label, filled from the field of the same name.' },
          {
            type: 'object',
            additionalProperties: false,
            required: ['label'],
            properties: {
              label: { type: 'string', pattern: LABEL_PATTERN, description: 'The label.' },
              from: { ...field, description: `${FIELD}. Default: that of the same name.` },
              map: { ...valueMap, description: 'What values of the field become: { value in the log: value of the label }.' },
              otherwise: { type: 'string', description: 'The value of the label for all others. Default: they stay as they are.' },
            },
            description: 'The label, and where its values come from.',
          },
        ],
      },
      description: 'Labels, filled from fields. After 1000 different ones, the rest is counted as "other".',
      examples: [['level'], [{ label: 'method', from: 'verb', map: { GET: 'read' }, otherwise: 'write' }]],
    },
    id,
  },
} as const;

const indicator = {
  type: 'object',
  additionalProperties: false,
  required: ['indicator', 'flow', 'value'],
  description: 'An indicator of a flow, as the newest line tells it.',
  properties: {
    ...indicatorProperties,
    flow: { type: 'string', description: 'The flow.' },
    partner: identity('The partner: its name, or { from: field }. Default: the value is of all partners.'),
    ...meant,
    value: {
      ...field,
      description: 'The field with the value, and its unit where that is no base unit (us, ms, m, h, d; kB, KiB …; %).',
      examples: ['rating', 'load %'],
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
        'The files, as globs. Include the names that rotation gives (app.log*), so that nothing is lost. Compressed ones (.gz) are only read to catch up after the exporter was down.',
      examples: [['/var/log/exchange/*.log*']],
    },
    follow: {
      enum: ['descriptor', 'path'],
      description:
        'descriptor: each file through its open descriptor, so that no line is lost. path: by name, for named pipes, SMB shares and Windows, where lines may be lost at a rotation and positions do not outlast a restart. Default descriptor.',
    },
    encoding: {
      type: 'string',
      description: 'Encoding of the files. A byte order mark of UTF-16 is recognised by itself. Default utf-8.',
      examples: ['windows-1252', 'iso-8859-15', 'utf-16le'],
    },
    from: {
      enum: ['end', 'start'],
      description:
        'Where to begin in files that exist when the exporter first starts. Files that appear later are read from their start. Default end.',
    },
    max_line: {
      type: 'integer',
      minimum: 64,
      maximum: 16 * 1024 * 1024,
      description: 'Longest line or multi-line record in bytes; longer ones are skipped and counted. Default 1048576 (1 MiB).',
    },
    multiline: {
      type: 'object',
      additionalProperties: false,
      required: ['start'],
      description: 'Records of several lines, such as stack traces.',
      properties: {
        start: {
          type: 'string',
          minLength: 1,
          description: `${PATTERN}: lines that match it begin a record; all others belong to the one before.`,
          examples: ['^%{timestamp}'],
        },
        max_lines: {
          type: 'integer',
          minimum: 2,
          maximum: 100_000,
          description: `A record ends after so many lines. Default ${DEFAULT_MAX_LINES}.`,
        },
        timeout: { ...duration, description: `A record ends when nothing has come for so long. Default ${DEFAULT_RECORD_TIMEOUT}.` },
      },
    },
    file_name: {
      type: 'string',
      minLength: 1,
      description: `${PATTERN}, that the path of the file matches somewhere. Its named groups are fields of all lines of the file.`,
      examples: ['/(?<partner>[a-z]+)-\\d+\\.log'],
    },
    format: {
      anyOf: [
        { const: 'json', description: 'Each line is a JSON object.' },
        { const: 'logfmt', description: 'Each line is key=value pairs; values with blanks are quoted.' },
        { const: 'csv', description: 'Comma-separated values; the first line of each file names the columns.' },
        { const: 'text', description: 'Lines have no fields: rules find theirs with `match`.' },
        {
          type: 'object',
          required: ['regex'],
          additionalProperties: { enum: STRUCTURES, description: 'The field is read further, and its fields are those of the line.' },
          properties: {
            regex: {
              type: 'string',
              minLength: 1,
              description: `${PATTERN}; its named groups are the fields. Lines that it does not match are counted as unmatched.`,
              examples: ['^(?<time>\\S+) (?<level>\\w+) (?<message>.*)$'],
            },
          },
        },
        {
          type: 'object',
          additionalProperties: false,
          required: ['csv'],
          properties: {
            csv: { type: 'array', items: field, minItems: 1, uniqueItems: true, description: 'The names of the columns.' },
            separator: {
              type: 'string',
              minLength: 1,
              maxLength: 1,
              description: 'What stands between two values. Default: a comma.',
              examples: [';', '\t'],
            },
          },
        },
      ],
      description:
        'How a line is read: json, logfmt, csv, text, { regex: … } with named groups, or { csv: [columns] }. In { regex: …, message: logfmt } the field `message` is read further.',
    },
    time: {
      type: 'object',
      additionalProperties: false,
      required: ['field'],
      properties: {
        field: { ...field, description: `${FIELD}, that holds it.` },
        format: {
          type: 'string',
          minLength: 1,
          description:
            'iso: 2026-03-02T08:00:00.123+01:00 and its variants; unix, unix_ms, unix_us: since 1970; syslog: Mar  2 08:00:00; or strptime directives. Default iso.',
          examples: ['iso', 'unix_ms', 'syslog', '%d/%b/%Y:%H:%M:%S %Z'],
        },
        timezone: { type: 'string', description: 'IANA time zone of times that name no offset.', examples: ['Europe/Zurich'] },
        max_ahead: {
          ...duration,
          description: `A time further ahead than this is implausible: it is counted, and taken for now. Default ${DEFAULT_MAX_AHEAD}.`,
        },
        max_age: { ...duration, description: `A time longer ago than this is implausible, and counted. Default ${DEFAULT_MAX_AGE}.` },
      },
      description:
        'Where the time of a line stands. Default: the field time, ts, timestamp or @timestamp, in ISO 8601 with an offset, or as a Unix time. A line without a time counts with the time of reading.',
    },
    level: {
      anyOf: [
        { ...field, description: 'The field.' },
        {
          type: 'object',
          additionalProperties: false,
          required: ['from'],
          properties: {
            from: { ...field, description: `${FIELD}.` },
            map: { ...valueMap, description: 'What values mean: { value in the log: debug, info, warning, error, fatal or other }.' },
          },
        },
      ],
      description:
        'The field with the level. With it, lines are counted by level (debug, info, warning, error, fatal, other), whatever the log calls them.',
      examples: ['level', { from: 'severity', map: { 'E!': 'error' } }],
    },
    id: { ...id, description: 'The field with the correlation id of a message: it stands in exemplars (OpenMetrics), never in a label.' },
    trace_id: { ...field, description: 'The field with the trace id: it stands in exemplars as trace_id.' },
    ignore: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', additionalProperties: false, minProperties: 1, properties: meant },
      description: 'Noise: lines that no rule sees. They are counted as ignored.',
      examples: [[{ match: 'GET /health' }, { when: { level: 'DEBUG' } }]],
    },
    events: {
      type: 'array',
      items: event,
      minItems: 1,
      description: 'What lines say of flows. The first event that a line fulfils counts it; later ones do not see it.',
    },
    correlations: {
      type: 'array',
      items: correlation,
      minItems: 1,
      description:
        'Lines that belong together by an id: how long messages took, how many are open, since when. Each of them sees every line.',
    },
    metrics: { type: 'array', items: metric, minItems: 1, description: 'Metrics of your own naming. Each of them sees every line.' },
    indicators: {
      type: 'array',
      items: indicator,
      minItems: 1,
      description: 'Indicators of flows, set by lines. Each of them sees every line.',
      examples: [[{ indicator: 'csat', flow: 'enquetes', when: { event: 'survey' }, value: 'rating' }]],
    },
  },
} as const;

export type LogOptions = FromSchema<typeof logSchema>;
export type EventOptions = NonNullable<LogOptions['events']>[number];
export type CorrelationOptions = NonNullable<LogOptions['correlations']>[number];
export type MetricOptions = NonNullable<LogOptions['metrics']>[number];
export type IndicatorOptions = NonNullable<LogOptions['indicators']>[number];
export type LabelOptions = NonNullable<MetricOptions['labels']>[number];
export type ConditionOptions = NonNullable<EventOptions['when']>;
export type OutcomeOptions = NonNullable<EventOptions['outcome']>;
export type IdentityOptions = NonNullable<EventOptions['flow']>;
export type TimeOptions = NonNullable<LogOptions['time']>;
export type LevelOptions = NonNullable<LogOptions['level']>;
export type FormatOptions = LogOptions['format'];
/** Which lines a rule means. */
export interface Meant {
  readonly match?: string;
  readonly when?: ConditionOptions;
}
