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

  test('knows logins by Entra ID', () => {
    const server = 'sql1.example.org';
    const secret = { env: 'SQL_SECRET' };

    expect(check({ server, entra: { tenant: 't', client_id: 'c', client_secret: secret } })).toEqual([]);
    expect(check({ server, entra: { managed_identity: true } })).toEqual([]);
    expect(check({ server, entra: { managed_identity: true, client_id: 'c' }, encrypt: 'strict' })).toEqual([]);
    expect(check({ server, entra: { token: secret } })).toEqual([]);
  });

  const ways = '{ tenant, client_id, client_secret } for an application, { managed_identity: true }, or { token }';
  const either = 'is missing: driver mssql needs `user` and `password`, or `entra`';

  test.each([
    [{}, [`error connection: \`user\` ${either}`, `error connection: \`password\` ${either}`]],
    [{ user: 'vigie' }, [`error connection: \`password\` ${either}`]],
    [
      { user: 'vigie', password: { env: 'P' }, entra: { managed_identity: true } },
      ['error connection.entra: is a login of its own; leave out `user`, `password` and `domain`, or `entra`'],
    ],
    [{ entra: {} }, [`error connection.entra: lacks the way to log in: ${ways}`]],
    [{ entra: { client_id: 'c' } }, [`error connection.entra: lacks the way to log in: ${ways}`]],
    [
      { entra: { token: { env: 'T' }, managed_identity: true } },
      [`error connection.entra: mixes several ways to log in; keep one: ${ways}`],
    ],
    [
      { entra: { token: { env: 'T' }, client_id: 'c' } },
      ['error connection.entra: needs no `client_id` beside `token`, which says who logs in'],
    ],
    [
      { entra: { client_id: 'c', client_secret: { env: 'S' } } },
      ['error connection.entra: lacks `tenant`: an application needs tenant, client_id and client_secret'],
    ],
    [
      { entra: { tenant: 't' } },
      ['error connection.entra: lacks `client_id` and `client_secret`: an application needs tenant, client_id and client_secret'],
    ],
    [
      { entra: { managed_identity: true }, encrypt: false },
      ['error connection.encrypt: must not be false with `entra`: its token would travel in the clear'],
    ],
  ] satisfies [ConnectionSettings, string[]][])('who logs in: %j', (settings, messages) => {
    expect(check({ server: 'sql1.example.org', ...settings })).toEqual(messages);
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
