// Driver oracle, how it gets in: the library itself against listeners that refuse, hang or speak TLS. No Oracle server can be had here.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import type { ConnectionSettings } from '../../../src/sources/sql/schema.js';
import { freePort, portOf } from '../../port.js';
import { startTns, type Answer, type TnsDouble } from '../../servers/tns.js';
import { until } from '../../wait.js';
import { start, type Harness } from './harness.js';

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url));
const PASSWORD = 'p@ss/w:o r"d%';
const QUERY = { sql: 'SELECT 1 AS value FROM dual', metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value' }] };

let harness: Harness | undefined;
let server: TnsDouble | undefined;

afterEach(async () => {
  await harness?.close();
  await server?.stop();
  harness = undefined;
  server = undefined;
});

async function source(port: number, changes: Partial<ConnectionSettings> = {}, timeout = 4000): Promise<Harness> {
  const connection = { server: '127.0.0.1', port, database: 'EXCHANGE', user: 'vigie', password: { env: 'X' }, ...changes };
  harness = await start({ kind: 'sql', driver: 'oracle', connection, queries: { one: QUERY } }, PASSWORD, { timeout });
  return harness;
}

async function listener(answer: Answer, tls?: { certificate: string; key: string }): Promise<TnsDouble> {
  server = await startTns(answer, tls);
  return server;
}

/** Runs a script that connects and prints the error, in a process of its own. */
async function failureOf(folder: string, connection: object, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const script = `
    const { oracle } = await import(${JSON.stringify(join(folder, 'sources/sql/drivers/oracle.js'))});
    const context = { application: 'vigie/x', readSecret: async () => 'x', resolvePath: (path) => path };
    try {
      await oracle.connect(${JSON.stringify(connection)}, context, AbortSignal.timeout(10_000));
    } catch ({ phase, errorClass, message }) {
      console.log(JSON.stringify({ phase, errorClass, message }));
    }
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

describe('driver oracle, where it cannot connect:', () => {
  test('nothing listens', async () => {
    const { fail } = await source(await freePort());

    const error = await fail('one');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'refused' });
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: nothing listens there, or a firewall refuses$/);
  });

  test('the name does not exist', async () => {
    const { fail } = await source(1521, { server: 'nowhere.invalid', tls: false });

    const error = await fail('one');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'dns' });
    expect(error.message).toMatch(/^nowhere\.invalid:1521: the name does not exist/);
  });

  test.each([
    [12_514, 'not_found', 'the listener knows no such service; `database` is the name of the service (ORA-12514)'],
    [12_505, 'not_found', 'the listener knows no such service; `database` is the name of the service (ORA-12505)'],
    [12_528, 'refused', 'the database lets nobody in now: it starts, stops, or is restricted (ORA-12528)'],
    [12_520, 'refused', 'the server has no session left, for all or for this login (ORA-12520)'],
    [12_529, 'refused', 'the listener lets nobody in from this machine (ORA-12529)'],
    [12_999, 'internal', 'the server reports an error (ORA-12999)'],
  ])('the listener refuses by ORA-%i: class %s', async (number, errorClass, message) => {
    const { port, asked } = await listener({ refuse: number });
    const { fail } = await source(port);

    const error = await fail('one');

    // The library puts a number of its own in the place of these two.
    const expected = number === 12_514 || number === 12_505 ? message.replace(/ \(ORA-\d+\)$/, '') : message;
    expect(error).toMatchObject({ phase: 'connect', errorClass, message: `127.0.0.1:${port}: ${expected}` });
    expect(asked[0]).toMatch(/\(SERVICE_NAME=EXCHANGE\)/);
    expect(asked[0]).toMatch(/\(PROGRAM=/);
  });

  test('what listens is something else', async () => {
    const { port } = await listener('nonsense');
    const { fail } = await source(port);

    expect(await fail('one')).toMatchObject({ phase: 'connect', errorClass: 'lost' });
  });

  test('the listener hangs up', async () => {
    const { port } = await listener('goodbye');
    const { fail } = await source(port);

    expect(await fail('one')).toMatchObject({ phase: 'connect', errorClass: 'lost' });
  });

  test('a listener that says nothing is left at the time-out, and no connection stays behind', async () => {
    const double = await listener('silence');
    const { fail } = await source(double.port, {}, 300);

    const errors = [await fail('one'), await fail('one')];

    expect(errors).toEqual([
      expect.objectContaining({ phase: 'connect', errorClass: 'timeout' }),
      expect.objectContaining({ phase: 'connect', errorClass: 'timeout' }),
    ]);
    expect(double.asked).toHaveLength(2);
    await until(() => double.open === 0);
  });

  test('a machine that takes the connection and does nothing is left at the time-out too, by TLS', async () => {
    const blackHole = createServer().listen(0, '127.0.0.1');
    await once(blackHole, 'listening');
    let open = 0;
    blackHole.on('connection', (socket) => {
      open++;
      socket.on('error', () => {}).once('close', () => open--);
      socket.resume();
    });
    const { fail } = await source(portOf(blackHole), { tls: true }, 300);

    const error = await fail('one');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'timeout' });
    await until(() => open === 0);
    blackHole.close();
  });
});

describe('driver oracle encrypts', () => {
  let folder: string;
  let ca: string;
  let tls: { certificate: string; key: string };

  beforeAll(async () => {
    const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    folder = await mkdtemp(join(tmpdir(), 'vigie-oracle-'));
    ca = join(folder, 'ca.pem');
    await writeFile(ca, pair.cert);
    tls = { certificate: pair.cert, key: pair.private };
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('and refuses a certificate that nobody vouches for', async () => {
    const { port, asked } = await listener({ refuse: 12_514 }, tls);
    const { fail } = await source(port, { tls: true });

    const error = await fail('one');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'tls' });
    expect(error.message).toMatch(/the certificate of the server is not accepted: self-signed certificate$/);
    expect(asked).toEqual([]);
  });

  test('with the authorities of NODE_EXTRA_CA_CERTS, and only where the name is the one of the certificate', async () => {
    const { port, asked } = await listener({ refuse: 12_514 }, tls);
    const connection = { port, database: 'EXCHANGE', user: 'vigie', password: { env: 'X' }, tls: true };
    const env = { NODE_EXTRA_CA_CERTS: ca };

    const trusted = await failureOf(SOURCES, { ...connection, server: 'localhost' }, env);
    const wrongName = await failureOf(SOURCES, { ...connection, server: '127.0.0.1' }, env);

    expect(trusted).toMatchObject({ errorClass: 'not_found' });
    expect(asked).toHaveLength(1);
    expect(wrongName).toMatchObject({ errorClass: 'tls', message: expect.stringMatching(/bears another name/) });
  });

  test('and says so where the listener does not', async () => {
    const plain = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');

    const error = await (await source(portOf(plain), { tls: true })).fail('one');
    plain.close();

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'tls' });
    expect(error.message).toMatch(/does not speak TLS on this port \(often 2484\); write tls: false to go without$/);
  });
});

test('driver oracle without its package says what to install', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bare-'));
  await cp(SOURCES, folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');

  const error = await failureOf(folder, { server: '127.0.0.1', port: 1, database: 'x', user: 'x', password: { env: 'X' } });
  await rm(folder, { recursive: true });

  expect(error).toEqual({
    phase: 'connect',
    errorClass: 'config',
    message: 'driver oracle needs the package oracledb, which is not installed; run: npm install oracledb',
  });
});
