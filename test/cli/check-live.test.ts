// `vigie check --live`: what it reports of a look at all sources, and where.

import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { check } from '../../src/cli/check.js';
import type { Diagnostic } from '../../src/config/diagnostics.js';
import { portOf } from '../port.js';
import { describeWith } from '../servers/describe.js';
import { startPostgres, type Postgres } from '../servers/postgres.js';
import { Exchange, PENDING } from './exchange.js';

/** Starting is quick; a loaded machine is not. */
const LIMIT_MS = 30_000;

const WAITING = `
      waiting:
        sql: SELECT flow, partner, stage, messages FROM pending
        observe: { backlog: messages }
`;
const CODES = `
      codes:
        sql: SELECT code, messages FROM codes
        metrics: [{ name: exchange_rejects, help: Rejected messages., value: messages, labels: [code] }]
`;

let exchange: Exchange;
beforeEach(() => {
  exchange = new Exchange();
  exchange.database(PENDING);
});
afterEach(() => exchange.remove());

async function live() {
  const { output, code } = await check('exporters.yaml', 'text', { cwd: exchange.folder, live: true });
  return { lines: output.trimEnd().split('\n'), code };
}

describe('vigie check --live', () => {
  test(
    'GM6: has nothing to say of sources that answer as declared, and exits 0',
    async () => {
      exchange.declareQueries(WAITING);

      const { code, stdout, stderr } = await exchange.vigie(['check', '--live']);

      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toBe('exporters.yaml: 2 flows, 1 source, 1 of 1 collector succeeded, no problems\n');
    },
    LIMIT_MS,
  );

  test(
    'GM6: reports a query that fails at its block, and exits 1',
    async () => {
      exchange.declareQueries(`${WAITING}${CODES}`);

      const { code, stdout } = await exchange.vigie(['check', '--live', 'exporters.yaml']);

      expect(code).toBe(1);
      expect(stdout.split('\n')).toEqual([
        'exporters.yaml:19:7 error sources.exchange-db.queries.codes: failed (query, schema): query codes: no such table: codes',
        'exporters.yaml: 2 flows, 1 source, 1 of 2 collectors succeeded, 1 error',
        '',
      ]);
    },
    LIMIT_MS,
  );

  test('GM6: writes JSON with counts for other tools', async () => {
    exchange.declareQueries(CODES);

    const { output, code } = await check('exporters.yaml', 'json', { cwd: exchange.folder, live: true });

    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      file: 'exporters.yaml',
      errors: 1,
      live: { collectors: 1, failed: 1 },
      diagnostics: expect.arrayContaining([
        {
          severity: 'error',
          file: 'exporters.yaml',
          line: 15,
          column: 7,
          path: 'sources.exchange-db.queries.codes',
          message: 'failed (query, schema): query codes: no such table: codes',
        },
      ]),
    });
  });

  test('GM6: writes annotations for GitHub', async () => {
    exchange.declareQueries(`${WAITING}${CODES}`);

    const { output, code } = await check('exporters.yaml', 'github', { cwd: exchange.folder, live: true });

    expect(code).toBe(1);
    expect(output.split('\n')[0]).toMatch(
      /^::error file=.*exporters\.yaml,line=19,col=7,title=sources\.exchange-db\.queries\.codes::failed \(query, schema\): query codes: no such table/,
    );
  });

  test('GM6: warns of what people should mend, at the query or at the source, and never shows a row', async () => {
    exchange.database(`
      DELETE FROM pending WHERE flow = 'orders';
      INSERT INTO pending VALUES ('tge', 'chuv', 'received', 9);
      ALTER TABLE pending ADD COLUMN patient TEXT DEFAULT 'Jeanne Martin'`);
    exchange.declareQueries(WAITING.replace('messages FROM', 'messages, patient FROM'), '    max_series: 1\n');

    const { lines, code } = await live();

    expect(code).toBe(0);
    expect(lines).toEqual([
      'exporters.yaml:9:3 warning sources.exchange-db: flow "tge" is not declared in the YAML, seen 1×',
      'exporters.yaml:14:17 warning sources.exchange-db.max_series: 2 series, and max_series is 1: the rest is left out; aggregate what it collects, or raise max_series',
      'exporters.yaml:16:7 warning sources.exchange-db.queries.waiting: query waiting: nothing uses the columns patient; leave them out of the SELECT',
      'exporters.yaml:16:7 warning sources.exchange-db.queries.waiting: no row speaks of the declared flow orders: it is shown as 0',
      'exporters.yaml: 2 flows, 1 source, 1 of 1 collector succeeded, 4 warnings',
    ]);
  });

  test('stops after the static check where that finds an error: no source is touched', async () => {
    let asked = 0;
    const server = createHttpServer(() => asked++).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `\n  endpoints:\n    kind: http\n    endpoints: { a: { url: 'http://127.0.0.1:${portOf(server)}/', partner: chvu } }\n`;
    exchange.declare(endpoint);

    const { lines, code } = await live();
    server.close();

    expect([code, asked]).toEqual([1, 0]);
    expect(lines.at(-1)).toBe('exporters.yaml: 1 error');
  });

  test('warns of an endpoint that is down, which is what its source observes and no failure', async () => {
    exchange.declare(`\n  endpoints:\n    kind: http\n    endpoints: { api: { url: 'http://127.0.0.1:1/', partner: chuv } }\n`);

    const { lines, code } = await live();

    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('sources.endpoints.'))).toEqual([
      'exporters.yaml:11:23 warning sources.endpoints.endpoints.api: the endpoint is down: refused in connect: nothing listens there, or a firewall refuses',
    ]);
  });

  test('looks at sources of all kinds, and puts each failure at what it is about, in included files too', async () => {
    mkdirSync(join(exchange.folder, 'exporters.d'));
    writeFileSync(
      join(exchange.folder, 'exporters.d', 'inbox.yaml'),
      `sources:
  inbox:
    kind: sftp
    host: 127.0.0.1
    port: 1
    user: vigie
    password: { env: VIGIE_TEST_ABSENT }
    host_key: { known_hosts: absent }
    directories:
      - { path: /in, flow: invoices, stage: received, partner: chuv }
      - { path: /out, name: outbox, flow: orders, stage: received }
`,
    );
    exchange.declare(`
  exchange-log:
    kind: log
    files: [exchange.log]
    format: json
    events: [{ stage: received, when: { event: received } }]
  endpoints:
    kind: http
    endpoints:
      chuv: { url: 'https://127.0.0.1:1/', partner: chuv, tls: { ca: absent.pem } }
include: [exporters.d/*.yaml]
`);

    const { lines, code } = await live();

    const errors = lines.filter((line) => line.includes(' error ')).map((line) => line.replace(/(?<=\)): .*/, ''));
    expect(code).toBe(1);
    expect(errors).toEqual([
      'exporters.yaml:11:12 error sources.exchange-log.files: failed (read, not_found)',
      'exporters.yaml:17:13 error sources.endpoints.endpoints.chuv: failed (prepare, not_found)',
      'exporters.d/inbox.yaml:10:9 error sources.inbox.directories[0]: /in failed (login, secret)',
      'exporters.d/inbox.yaml:11:9 error sources.inbox.directories[1]: outbox failed (login, secret)',
    ]);
    // What is said of the credentials asks nobody.
    expect(lines.at(-1)).toMatch(/, 3 sources, 1 of 5 collectors succeeded, 4 errors/);
  });

  test('GM6: names the target of a query that fails on it', async () => {
    exchange.database(`${PENDING} CREATE TABLE codes (code TEXT, messages INTEGER)`, 'vaud.db');
    exchange.declare(`
  exchange-db:
    kind: sql
    driver: sqlite
    targets: { lausanne: { connection: { file: vaud.db } }, geneva: { connection: { file: exchange.db } } }
    queries:${WAITING}${CODES}`);

    const { lines } = await live();

    expect(lines.filter((line) => line.includes(' error '))).toEqual([
      'exporters.yaml:18:7 error sources.exchange-db.queries.codes: geneva/codes failed (query, schema): query codes: no such table: codes',
    ]);
  });

  test('GM6: leaves no state behind, neither of incremental queries nor of logs', async () => {
    writeFileSync(join(exchange.folder, 'exchange.log'), '{"event":"received"}\n');
    exchange.declareQueries(`
      passed:
        sql: SELECT rowid AS id, flow, partner, stage, messages FROM pending WHERE rowid > :watermark ORDER BY id
        incremental: id
        observe: { messages: messages }
  exchange-log:
    kind: log
    path: log
    files: [exchange.log]
    from: start
    format: json
    events: [{ flows: [invoices], stage: received, when: { event: received } }]
`);
    const before = readdirSync(exchange.folder);

    const { lines } = await live();

    expect(lines.at(-1)).toContain('2 of 2 collectors succeeded');
    expect(readdirSync(exchange.folder)).toEqual(before);
    expect(existsSync(join(exchange.folder, '.vigie'))).toBe(false);
  });

  test('looks at four sources at a time', async () => {
    let now = 0;
    let most = 0;
    const server = createHttpServer((_request, response) => {
      most = Math.max(most, ++now);
      // Long enough for all that are let through to be there at once.
      setTimeout(() => {
        now--;
        response.end();
      }, 200);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const source = (name: string) =>
      `\n  ${name}:\n    kind: http\n    timeout: 2s\n    endpoints: { ${name}: { url: 'http://127.0.0.1:${portOf(server)}/' } }`;
    exchange.declare(`${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(source).join('')}\n`);

    const { lines } = await live();
    server.close();

    expect(lines.at(-1)).toContain('8 sources, 8 of 8 collectors succeeded');
    expect(most).toBe(4);
  });
});

describeWith(['postgres'], 'vigie check --live on PostgreSQL', () => {
  const PASSWORD = 'opens-the-exchange';
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
    await server.admin(`CREATE ROLE vigie LOGIN PASSWORD '${PASSWORD}'`);
    await server.admin(`
      CREATE TABLE pending (flow text, partner text, stage text, messages int);
      INSERT INTO pending VALUES ('invoices', 'chuv', 'received', 5), ('orders', 'hug', 'received', 1234);
      CREATE TABLE codes (code text, messages int);
      GRANT SELECT ON pending, codes TO vigie;
      GRANT INSERT ON codes TO vigie`);
  }, 60_000);
  afterAll(() => server?.remove());
  beforeEach(() => {
    exchange.declare(`
  exchange-db:
    kind: sql
    driver: postgres
    connection: { server: localhost, port: ${server.port}, database: postgres, user: vigie, password: { env: EXCHANGE_DB_PASSWORD } }
    queries:${WAITING}${CODES}`);
  });

  test(
    'GM6: warns once, at the source, of what the login may do beyond reading',
    async () => {
      const { code, stdout } = await exchange.vigie(['check', '--live'], { EXCHANGE_DB_PASSWORD: PASSWORD });

      const warnings = stdout.split('\n').filter((line) => line.includes('the login'));
      expect(code).toBe(0);
      expect(warnings).toEqual([expect.stringMatching(/^exporters\.yaml:9:3 warning sources\.exchange-db: the login .*REVOKE/)]);
    },
    LIMIT_MS,
  );

  test(
    'GM6: a wrong password is an error of class auth at each query, and is not shown',
    async () => {
      const { code, stdout, stderr } = await exchange.vigie(['check', '--live', '--format', 'json'], {
        EXCHANGE_DB_PASSWORD: 'quite-wrong-secret',
      });

      const { diagnostics }: { diagnostics: Diagnostic[] } = JSON.parse(stdout);
      expect(code).toBe(1);
      expect(diagnostics.map(({ line, message }) => [line, message.replace(/:.*/, '')])).toEqual([
        [14, 'failed (login, auth)'],
        [18, 'failed (login, auth)'],
      ]);
      expect(stdout + stderr).not.toContain('quite-wrong-secret');
    },
    LIMIT_MS,
  );
});
