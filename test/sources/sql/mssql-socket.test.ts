// The socket under a connection to SQL Server: a name with several addresses, tried in their order or all at once.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { addressesOf, connectorArguments, openSocket } from '../../../src/sources/sql/drivers/mssql-socket.js';
import { portOf } from '../../port.js';
import { until } from '../../wait.js';

const LISTENING = '127.0.0.2';
const SILENT = '127.0.0.3';
const never = new AbortController().signal;

let server: Server;
let open = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    open++;
    socket.on('error', () => {});
    socket.on('close', () => open--);
    socket.resume();
  });
  server.listen(0, LISTENING);
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
});

describe('a socket to SQL Server', () => {
  test.each([false, true])('is opened to the address that answers (all at once: %s)', async (atOnce) => {
    const socket = await openSocket([SILENT, LISTENING], portOf(server), atOnce, never);

    expect(socket.remoteAddress).toBe(LISTENING);
    socket.destroy();
    await until(() => open === 0);
  });

  test('all at once: those that come second are closed', async () => {
    const socket = await openSocket([LISTENING, LISTENING, LISTENING], portOf(server), true, never);

    await until(() => open === 1);
    socket.destroy();
    await until(() => open === 0);
  });

  test.each([false, true])('where no address answers, all the reasons are told (all at once: %s)', async (atOnce) => {
    const failing = openSocket([SILENT, '127.0.0.4'], portOf(server), atOnce, never);

    await expect(failing).rejects.toMatchObject({ errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }] });
  });

  test.each([false, true])('is given up with its signal (all at once: %s)', async (atOnce) => {
    await expect(openSocket([LISTENING], portOf(server), atOnce, AbortSignal.abort())).rejects.toThrow();

    await until(() => open === 0);
  });

  test('needs no look-up for an address', async () => {
    expect(await addressesOf('::1')).toEqual(['::1']);
    expect(await addressesOf('localhost')).toContain('127.0.0.1');
    await expect(addressesOf('db.invalid')).rejects.toMatchObject({ code: expect.stringMatching(/^(?:ENOTFOUND|EAI_)/) });
  });

  test('goes where the library says, in the way it says it', () => {
    const target = { host: 'replica.example.org', port: 1433 };

    expect(connectorArguments([target, undefined, never])).toEqual({ target, signal: never });
    expect(() => connectorArguments([])).toThrow(/in an unknown way/);
  });
});
