// What vigie check says of sql sources of driver mssql.

import { sql } from '../../../src/sources/sql/index.js';
import type { ConnectionSettings } from '../../../src/sources/sql/schema.js';
import { config, flows, partners } from './harness.js';

const right: ConnectionSettings = { server: 'sql1.example.org', user: 'vigie', password: { env: 'EXCHANGE_DB_PASSWORD' } };

function check(connection: ConnectionSettings, text = 'SELECT 1 AS n'): string[] {
  const queries = { q: { sql: text, flow: 'attestations', stage: 'sent', observe: { backlog: 'n' } } };
  const source = config({ kind: 'sql', driver: 'mssql', connection, queries });
  return sql.check(source, { flows, partners }).map(({ path, message, severity = 'error' }) => `${severity} ${path.join('.')}: ${message}`);
}

describe('the check of a sql source of driver mssql', () => {
  test('has nothing to say of a right one', () => {
    expect(check(right)).toEqual([]);
    expect(check({ ...right, instance: 'PROD', domain: 'EXAMPLE', encrypt: 'strict', tls: { ca: 'ca.pem' } })).toEqual([]);
    expect(check({ ...right, port: 1433, database: 'exchange', application_intent: 'readonly', multi_subnet_failover: true })).toEqual([]);
  });

  test.each([
    [{ server: 'sql1\\PROD' }, 'error connection.server: names an instance too; write server: sql1 and instance: PROD'],
    [{ server: 'tcp:sql1,1433' }, 'error connection.server: names a port too; write server: sql1 and port: 1433'],
    [{ instance: 'PROD', port: 1433 }, 'error connection.instance: is looked up by name to find its port; keep `instance` or `port`'],
    [{ user: 'EXAMPLE\\vigie' }, 'error connection.user: names a Windows domain; write domain: EXAMPLE and user: vigie'],
    [{ tls: true }, 'error connection.tls: says whom to trust, e.g. { ca: tls/database-ca.pem }; whether to encrypt is said by `encrypt`'],
    [{ tls: { ca: 'ca.pem' }, encrypt: false }, 'error connection.tls: is of no use with `encrypt: false`; leave out one of the two'],
  ] satisfies [ConnectionSettings, string][])('%j', (settings, message) => {
    expect(check({ ...right, ...settings })).toEqual([message]);
  });

  test('refuses what the driver would never send', () => {
    expect(check(right, 'DELETE FROM pending')).toEqual([
      'error queries.q.sql: holds DELETE: SQL Server has no read-only sessions, so Vigie sends one plain SELECT only; put a name that is spelt so in brackets, e.g. [set]',
    ]);
    expect(check(right, 'sp_who')).toEqual([
      'error queries.q.sql: is no SELECT (or WITH … SELECT); Vigie sends nothing else to SQL Server',
    ]);
  });

  test('keeps its settings to itself', () => {
    const source = config({
      kind: 'sql',
      driver: 'postgres',
      connection: { ...right, database: 'exchange', encrypt: 'strict' },
      queries: { q: { sql: 'SELECT 1 AS n', flow: 'attestations', stage: 'sent', observe: { backlog: 'n' } } },
    });

    const [problem, second] = sql.check(source, { flows, partners });

    expect(problem?.message).toMatch(/is not for driver postgres/);
    expect(second).toBeUndefined();
  });
});
