// Kind sql: rows of a database become signals and metrics.

import type { SourceKind } from '../kind.js';
import { check, claims, metrics } from './check.js';
import { schema, type SqlOptions } from './schema.js';

export const sql: SourceKind<SqlOptions> = {
  kind: 'sql',
  summary:
    'Asks a database on a schedule: backlog, oldest and newest messages, rows that count once, and metrics of your own (PostgreSQL, SQL Server, MySQL and MariaDB, Oracle, SQLite, others by ODBC).',
  schema,
  errors: {
    connect: ['refused', 'dns', 'unreachable', 'timeout', 'tls', 'lost', 'protocol', 'not_found', 'permission', 'config', 'internal'],
    login: ['auth', 'refused', 'permission', 'not_found', 'lost', 'timeout', 'internal'],
    role: ['role', 'permission', 'timeout', 'lost', 'internal'],
    state: ['state', 'config'],
    query: ['timeout', 'lost', 'permission', 'syntax', 'schema', 'deadlock', 'internal'],
  },
  check,
  claims,
  metrics,
  create: async (source, context) => (await import('./source.js')).create(source, context),
};
