// The YAML of a source of kind sql.

import type { FromSchema } from 'json-schema-to-ts';
import { common, duration, NAME_PATTERN, ownMetric, secret } from '../schema.js';

export const DEFAULT_MAX_ROWS = 10_000;

const column = { type: 'string', minLength: 1 } as const;

const connection = {
  type: 'object',
  additionalProperties: false,
  description:
    'Where the database is. sqlite needs `file`; postgres and mysql need `server`, `database`, `user` and `password`; mssql needs `server`, `user` and `password`.',
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
    database: { type: 'string', minLength: 1, description: 'Name of the database on the server.' },
    user: { type: 'string', minLength: 1, description: 'The login; one that may only read, please.' },
    password: { ...secret, description: 'Password of the login, by reference; it is read at each connect.' },
    domain: { type: 'string', minLength: 1, description: 'Windows domain of the login (mssql): it then logs in by NTLM.' },
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
  examples: [{ backlog: 'messages', backlog_oldest: 'oldest' }],
  properties: {
    backlog: { ...column, description: 'Column with the number of messages waiting now.' },
    backlog_oldest: {
      ...column,
      description: 'Column with the arrival of the oldest message waiting: Unix seconds, or a time with its zone.',
    },
    messages: {
      ...column,
      description:
        'Column with the number of messages that ever passed the stage, by the column `outcome` (ok, error, rejected) if there is one. A counter: only for tables that are not purged.',
    },
    last_message: { ...column, description: 'Column with the time of the newest message: Unix seconds, or a time with its zone.' },
  },
} as const;

const metric = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'help', 'value'],
  properties: {
    ...ownMetric,
    labels: {
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      description: 'Label names, filled from columns of the same name. `env` is always added.',
    },
    value: { ...column, description: 'Column with the value.' },
  },
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
    timeout: { ...duration, description: 'How long it may run, then it is cancelled on the server. Default: the timeout of the source.' },
    max_rows: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: `More rows than this are an error: labels of high cardinality end here. Default ${DEFAULT_MAX_ROWS}.`,
    },
    flow: { type: 'string', description: 'The flow of all rows; wins over a column `flow`.' },
    partner: { type: 'string', description: 'The partner of all rows; wins over a column `partner`.' },
    stage: { type: 'string', description: 'The stage of all rows; wins over a column `stage`.' },
    flows: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      uniqueItems: true,
      description: 'The flows this query speaks of. Default: all. Rows of others are counted as undeclared.',
    },
    stages: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      uniqueItems: true,
      description: 'The stages this query speaks of. Default: all. Rows of others are counted as undeclared.',
    },
    observe,
    metrics: { type: 'array', minItems: 1, items: metric, description: 'Metrics of your own naming.' },
  },
} as const;

export const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'driver', 'connection', 'queries'],
  properties: {
    ...common,
    kind: { const: 'sql', description: 'Rows of a database.' },
    driver: { enum: ['sqlite', 'mssql', 'mysql', 'postgres'], description: 'The engine of the database.' },
    connection,
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
export type ConnectionSettings = FromSchema<typeof connection>;
export type DriverName = SqlOptions['driver'];
