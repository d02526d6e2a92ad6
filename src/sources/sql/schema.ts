// The YAML of a source of kind sql. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { common, duration, LABEL_PATTERN, NAME_PATTERN, ownMetric, secret } from '../schema.js';

export const DEFAULT_MAX_ROWS = 10_000;
/** Targets that are asked at once, where the YAML says nothing. */
export const DEFAULT_PARALLEL = 4;
/** How long a row waits before it is counted, where the YAML says nothing and the engine commits side by side. */
export const DEFAULT_LAG = '10s';

const column = { type: 'string', minLength: 1 } as const;

const names = { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true } as const;

const constants = {
  type: 'object',
  additionalProperties: { type: 'string' },
  propertyNames: { pattern: LABEL_PATTERN },
} as const;

/** What values of a column mean. */
const valueMap = {
  type: 'object',
  additionalProperties: { type: 'string' },
  minProperties: 1,
  description: 'What values of the column mean: { value in the database: text in the label }. Other values stay as they are.',
} as const;

function identity<const T extends string>(description: T) {
  return {
    anyOf: [
      { type: 'string', minLength: 1, description: 'Its name, the same for all rows.' },
      {
        type: 'object',
        additionalProperties: false,
        required: ['from'],
        properties: { from: { ...column, description: 'The column.' }, map: valueMap },
        description: 'The column that tells it.',
      },
    ],
    description,
  } as const;
}

const connection = {
  type: 'object',
  additionalProperties: false,
  description:
    'Where the database is, and who asks. sqlite needs `file`; postgres, mysql and oracle need `server`, `database`, `user` and `password`; mssql needs `server` and either `user` and `password` or `entra`; odbc needs `dsn`.',
  examples: [
    { file: 'exchange.db' },
    { server: 'db.example.org', database: 'exchange', user: 'vigie', password: { env: 'EXCHANGE_DB_PASSWORD' } },
  ],
  properties: {
    file: { type: 'string', minLength: 1, description: 'The database file; a relative path starts at the folder of this YAML file.' },
    server: {
      type: 'string',
      minLength: 1,
      description: 'Host name, address, or Unix socket (it starts with /; postgres takes its folder, mysql the socket itself).',
    },
    instance: {
      type: 'string',
      minLength: 1,
      description: 'Named instance of SQL Server, found through SQL Server Browser; or give its `port`.',
    },
    port: { type: 'integer', minimum: 1, maximum: 65535, description: 'Default: the usual port of the engine.' },
    database: { type: 'string', minLength: 1, description: 'Name of the database on the server; of the service, for oracle.' },
    dsn: {
      type: 'string',
      minLength: 1,
      description: 'Name of the data source in odbc.ini (odbc); it says which database, and by which ODBC driver.',
    },
    user: { type: 'string', minLength: 1, description: 'The login; one that may only read, please.' },
    password: { ...secret, description: 'Password of the login, by reference; it is read at each connect.' },
    domain: { type: 'string', minLength: 1, description: 'Windows domain of the login (mssql): it then logs in by NTLM.' },
    entra: {
      type: 'object',
      additionalProperties: false,
      properties: {
        tenant: { type: 'string', minLength: 1, description: 'ID of the tenant (directory) of the application.' },
        client_id: {
          type: 'string',
          minLength: 1,
          description: 'ID of the application, or of a managed identity that is not the only one.',
        },
        client_secret: { ...secret, description: 'Secret of the application, by reference; it is read at each connect.' },
        token: { ...secret, description: 'An access token that somebody else keeps fresh, by reference; it is read at each connect.' },
        managed_identity: { const: true, description: 'The identity that Azure gives the machine or container.' },
      },
      description:
        'Login by Entra ID instead of user and password (mssql): { tenant, client_id, client_secret } for an application, { managed_identity: true }, or { token }.',
      examples: [{ managed_identity: true }, { token: { file: '/run/secrets/sql_token' } }],
    },
    encrypt: {
      enum: [true, false, 'strict'],
      description:
        'Encryption of mssql. true (default): TLS, the certificate checked. strict: TLS before anything else (TDS 8.0, SQL Server 2022). false: unencrypted.',
    },
    tls: {
      anyOf: [
        {
          type: 'boolean',
          description: 'false: unencrypted. true: encrypted, the certificate checked against the authorities of the system.',
        },
        {
          type: 'object',
          additionalProperties: false,
          properties: {
            ca: { type: 'string', minLength: 1, description: 'PEM file of the authorities to trust instead of those of the system.' },
            server_name: { type: 'string', minLength: 1, description: 'The name the certificate must bear. Default: `server`.' },
          },
        },
      ],
      description:
        'Encryption of the connection. Default: true, but false on loopback addresses and Unix sockets. mssql: only whom to trust, e.g. { ca }; see `encrypt`.',
      examples: [{ ca: 'tls/database-ca.pem' }],
    },
    application_intent: {
      enum: ['readonly', 'readwrite'],
      description:
        'What the session tells an availability group (mssql); readonly is routed to a readable replica. Default: readonly where `database` is given, else readwrite.',
    },
    multi_subnet_failover: {
      type: 'boolean',
      description: 'Tries all addresses of an availability group listener at once (mssql). Default: false.',
    },
  },
} as const;

const observe = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description:
    'Which signals the query feeds, and the column that holds each. Flow, partner and stage come from columns of these names or from constants of the query.',
  examples: [
    { backlog: 'messages', backlog_oldest: 'oldest' },
    { messages: 'rows', bytes: 'bytes', duration: 'duration_ms ms' },
  ],
  properties: {
    backlog: { ...column, description: 'Column with the number of messages waiting now.' },
    backlog_oldest: {
      ...column,
      description: 'Column with the arrival of the oldest message waiting: Unix seconds, or a time with its zone.',
    },
    messages: {
      ...column,
      description:
        'Column with the number of messages that ever passed the stage, by outcome. Without `incremental` only for tables that are never purged. With it the number in each row, or `rows`: each row is one message.',
    },
    bytes: { ...column, description: 'Column with the size in bytes; only with `incremental`, which adds them up.' },
    duration: {
      ...column,
      description: 'Column with the time that the message took to pass the stage, and its unit (us, ms, s or m); only with `incremental`.',
      examples: ['duration_ms ms', 'elapsed s'],
    },
    last_message: { ...column, description: 'Column with the time of the newest message: Unix seconds, or a time with its zone.' },
    indicators: {
      type: 'object',
      minProperties: 1,
      additionalProperties: column,
      description:
        'Columns with indicators of the flow, by their names. For them partner and stage may be missing: the value is then of all partners, of the flow as a whole.',
      examples: [{ csat: 'rating' }],
    },
  },
} as const;

const label = {
  anyOf: [
    { type: 'string', description: 'The label, and the column that it is filled from.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['label'],
      properties: {
        label: { type: 'string', description: 'Name of the label.' },
        from: { ...column, description: 'The column it is filled from. Default: the one of the same name.' },
        map: valueMap,
        otherwise: { type: 'string', description: 'The text for all values that `map` does not name.' },
      },
      description: 'A label whose column has another name or holds codes.',
    },
  ],
} as const;

const metric = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'help', 'value'],
  properties: {
    ...ownMetric,
    type: {
      enum: ['gauge', 'counter', 'histogram'],
      description: 'Default: counter when the name ends in _total, else gauge. histogram: only with `incremental`.',
    },
    labels: {
      type: 'array',
      items: label,
      description: 'Labels, filled from columns of the same name, or { label, from, map, otherwise }. `env` is always added.',
      examples: [['code', { label: 'state', from: 'status', map: { '0': 'ok', '9': 'error' } }]],
    },
    value: {
      anyOf: [
        { ...column, description: 'The column.' },
        {
          type: 'object',
          additionalProperties: false,
          required: ['from', 'map'],
          properties: {
            from: { ...column, description: 'The column.' },
            map: { type: 'object', additionalProperties: { type: 'number' }, minProperties: 1, description: 'Numbers for its values.' },
            otherwise: { type: 'number', description: 'The number for all values that `map` does not name. Default: they are an error.' },
          },
          description: 'A column of codes or words, as numbers.',
        },
      ],
      description: 'Column with the value, or { from, map, otherwise }. With `incremental`: what each row adds, or `rows` for 1.',
      examples: ['messages', { from: 'state', map: { RUNNING: 1, STOPPED: 0 } }],
    },
    buckets: {
      type: 'array',
      items: { type: 'number' },
      minItems: 1,
      description: 'Upper bounds of the buckets of a histogram, ascending, in the unit of the metric. Default: those of stage durations.',
    },
  },
} as const;

const start = {
  anyOf: [
    { type: 'integer', description: 'Rows with a greater id are counted.' },
    { type: 'string', minLength: 1, description: 'Rows with a later time are counted; written as the engine writes it.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['sql'],
      properties: { sql: { type: 'string', minLength: 1, description: 'One SELECT of one row and column.' } },
      description: 'A query that tells it, when the exporter starts for the first time.',
    },
  ],
  description: 'Where to begin when there is no record of an earlier run. Default: at the first row there is.',
  examples: [0, { sql: 'SELECT MAX(id) FROM exchange.history' }],
} as const;

const incremental = {
  anyOf: [
    { ...column, description: 'The column that only grows.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['column'],
      properties: {
        column: { ...column, description: 'The column that only grows: an id or a time.' },
        lag: {
          ...duration,
          description: `How long a row must have been visible before it and those before it are counted, so that transactions that commit late are not missed. Default ${DEFAULT_LAG}; 0s for sqlite, which commits in order.`,
        },
        start,
      },
      description: 'The column, and how it is followed.',
    },
  ],
  description:
    'The column by which rows are followed, an id or a time; each row is then counted once, over restarts too. The statement selects it, says `WHERE column > :watermark` and `ORDER BY column`.',
  examples: ['id', { column: 'finished_at', lag: '30s', start: { sql: 'SELECT MAX(finished_at) FROM exchange.history' } }],
} as const;

export const querySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['sql'],
  description: 'A query with a schedule of its own; it fails alone.',
  properties: {
    sql: {
      type: 'string',
      minLength: 1,
      description: 'One SELECT (or WITH … SELECT). It runs read-only.',
      examples: ['SELECT flow, partner, stage, COUNT(*) AS messages FROM pending GROUP BY flow, partner, stage'],
    },
    every: { ...duration, description: 'How often it runs; 1s or more. Default: the interval of the source.' },
    timeout: {
      ...duration,
      description:
        'How long it may run, then it is cancelled on the server. Default: the timeout of the source, or the shortest `every` of its queries, if that is less: so a query that hangs does not cost its neighbours a turn.',
    },
    max_rows: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: `Rows beyond this many are dropped and counted. With \`incremental\`: rows that are read at a time. Default ${DEFAULT_MAX_ROWS}.`,
    },
    max_staleness: {
      ...duration,
      description: 'Age at which its gauges are withdrawn. Default: that of the source, else three times `every`.',
    },
    incremental,
    flow: identity('The flow of all rows, or { from: column, map }. Default: the column `flow`.'),
    partner: identity('The partner of all rows, or { from: column, map }. Default: the column `partner`, or the only partner of the flow.'),
    stage: identity('The stage of all rows, or { from: column, map }. Default: the column `stage`.'),
    outcome: {
      anyOf: [
        { type: 'string', description: 'ok, error or rejected, the same for all rows.' },
        {
          type: 'object',
          additionalProperties: false,
          required: ['from'],
          properties: {
            from: { ...column, description: 'The column.' },
            map: {
              type: 'object',
              additionalProperties: { type: 'string' },
              minProperties: 1,
              description: 'What values of the column mean: { value in the database: ok, error or rejected }.',
            },
            otherwise: { type: 'string', description: 'Outcome of all other values, and of NULL.' },
          },
          description: 'The column that tells it.',
        },
      ],
      description:
        'What happened to the messages: ok, error or rejected, or { from: column, map, otherwise }. Default: the column `outcome`, else ok.',
      examples: ['rejected', { from: 'status', map: { '0': 'ok', '9': 'error' } }],
    },
    flows: { ...names, description: 'The flows this query speaks of. Default: all. Rows of others are counted as undeclared.' },
    stages: { ...names, description: 'The stages this query speaks of. Default: all. Rows of others are counted as undeclared.' },
    undeclared: {
      enum: ['count', 'allow'],
      description:
        'What becomes of rows whose flow, partner or stage is not declared. count (default): they are counted and shown, and make no series. allow: they make series too.',
    },
    nulls: {
      enum: ['skip', 'zero', 'error'],
      description: 'What NULL means where a value is due: no series (skip, the default), 0 (zero), or a failed query (error).',
    },
    duplicates: {
      enum: ['error', 'sum', 'max', 'min'],
      description: 'What becomes of several rows with the same labels. error (default): the query fails and names both; else they are one.',
    },
    timezone: {
      anyOf: [
        { type: 'string', description: 'The zone of all of them.' },
        { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1, description: 'The zone by column.' },
      ],
      description:
        'IANA time zone of times that have none of their own, or { column: zone }. The hour that a change of clock repeats is taken as its first one. Without it such times are refused.',
      examples: ['Europe/Zurich', { arrived_at: 'Europe/Zurich', sent_at: 'UTC' }],
    },
    labels: {
      ...constants,
      description: 'Constant labels of the metrics of your own naming.',
      examples: [{ system: 'sap' }],
    },
    observe,
    metrics: { type: 'array', minItems: 1, items: metric, description: 'Metrics of your own naming.' },
  },
} as const;

const target = {
  type: 'object',
  additionalProperties: false,
  description: 'One of several databases that answer the same queries; it fails alone.',
  properties: {
    connection: { ...connection, description: 'What differs from `connection` of the source.' },
    labels: {
      ...constants,
      description: 'Labels of all its series. `flow`, `partner` and `stage` here are those of all its rows.',
      examples: [{ site: 'lausanne' }, { partner: 'chuv' }],
    },
  },
} as const;

export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'driver', 'queries'],
  properties: {
    ...common,
    kind: { const: 'sql', description: 'Rows of a database.' },
    driver: { enum: ['sqlite', 'mssql', 'mysql', 'postgres', 'oracle', 'odbc'], description: 'The engine of the database.' },
    connection,
    role: {
      enum: ['replica'],
      description:
        'replica: at each connect, and from then on at each interval, the server must prove to be one; a primary is refused. Its lag is a metric.',
    },
    allow_primary: {
      type: 'boolean',
      description:
        'With `role: replica`: a primary is taken too, for the time of a failover, say; the metrics tell which one it is. Default false.',
    },
    targets: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: target,
      description:
        'Several databases that are asked the same queries, by name: { connection: what differs, labels }. Flow signals bear the name as `path`, metrics of your own naming as `target`.',
      examples: [{ lausanne: { connection: { server: 'db-vd.example.org' }, labels: { site: 'lausanne' } } }],
    },
    parallel: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: `How many targets are asked at once. Default ${DEFAULT_PARALLEL}.`,
    },
    load_budget: {
      ...duration,
      description:
        'Query time in each minute that the source may cost a database, e.g. 3s. Over it, the time between two runs is stretched and a metric tells. Default: no limit.',
      examples: ['3s'],
    },
    queries: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: querySchema,
      description: 'The queries, by name.',
    },
  },
} as const;

export type SqlOptions = FromSchema<typeof schema>;
export type SqlQuery = FromSchema<typeof querySchema>;
export type SqlMetric = NonNullable<SqlQuery['metrics']>[number];
export type ConnectionSettings = FromSchema<typeof connection>;
export type DriverName = SqlOptions['driver'];
