// JSON Schema fragments that all kinds share. Descriptions are the reference documentation and what editors show.

import { DURATION_PATTERN } from '../domain/duration.js';

/** Letters, digits, dots, dashes and underscores: names become label values and parts of URLs. */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]*$';

/** https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels; names with two underscores in front are Prometheus's own. */
export const LABEL_PATTERN = '^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$';

export const duration = {
  type: 'string',
  pattern: DURATION_PATTERN,
  minLength: 2,
  description: 'A duration as Prometheus writes it: 500ms, 30s, 5m, 1h30m, 1d.',
  examples: ['30s', '5m', '1h30m'],
} as const;

export const secret = {
  anyOf: [
    { type: 'string', description: 'The secret itself. For a first try only: `vigie check` warns about it.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['env'],
      properties: { env: { type: 'string', minLength: 1, description: 'Name of the environment variable that holds the secret.' } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['file'],
      properties: { file: { type: 'string', minLength: 1, description: 'File that holds the secret; a trailing newline is left out.' } },
    },
  ],
  description: 'A secret by reference, read when it is used: { env: NAME } or { file: path }.',
  examples: [{ env: 'EXCHANGE_DB_PASSWORD' }, { file: '/run/secrets/exchange_db' }],
} as const;

/** As `$comment` of a secret, where a text is a secret only if it holds no `${name}` that something else stands in for. */
export const TEMPLATED = 'texts may hold ${names}';

/** Properties that the block of every kind has. */
export const common = {
  kind: { type: 'string', description: 'What kind of source this is.' },
  title: { type: 'string', description: 'A name for people; shown on pages.' },
  team: { type: 'string', description: 'The team that hears of it when the source fails. Default: the team of the flows it observes.' },
  env: { type: 'string', description: 'The environment it watches. Default: `environment` at the top of the file.' },
  path: {
    type: 'string',
    pattern: NAME_PATTERN,
    description: 'Tells this source apart from another one that feeds the same signals of the same stages, e.g. batch and streaming.',
  },
  interval: { ...duration, description: 'How often it looks; 1s or more. Default: `defaults.interval`, else 60s.' },
  timeout: {
    ...duration,
    description: 'How long one look may take; at most the interval. Default: `defaults.timeout`, else 10s or the interval, if shorter.',
  },
  max_staleness: { ...duration, description: 'Age at which gauges are withdrawn. Default: three intervals.' },
  max_series: {
    type: 'integer',
    minimum: 1,
    description: 'Series budget; what is over it is dropped and counted. Metrics of Vigie about itself are not. Default 10000.',
  },
  exporter_port: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    description: 'Fixed port of its exporter. Default: the next free one after the fleet.',
  },
} as const;

/** A metric of the user's own naming: name, help and labels; kinds add where the value comes from. */
export const ownMetric = {
  name: {
    type: 'string',
    description: 'Name of the metric, after the Prometheus naming rules: base unit at the end, `_total` on counters only.',
  },
  help: { type: 'string', minLength: 1, description: 'What it means; shown as HELP.' },
  type: { enum: ['gauge', 'counter'], description: 'Default: counter when the name ends in _total, else gauge.' },
  labels: {
    type: 'array',
    items: { type: 'string' },
    uniqueItems: true,
    description: 'Label names, filled from what the source finds under the same names.',
  },
} as const;
