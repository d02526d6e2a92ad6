// Driver mssql, how it gets in: encryption, certificates, Windows logins, named instances.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { inspect } from 'node:util';
import { SourceError } from '../../../src/sources/kind.js';
import { until } from '../../wait.js';
import { valueOf } from './harness.js';
import { CERTIFICATE_NAME, createWorld, PASSWORD, USER, type Wish, type World } from './mssql-double.js';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await world.stop();
});

afterAll(async () => {
  await world.remove();
});

/** The encryption the server saw, or how the source failed. */
async function outcome(wish: Wish): Promise<string> {
  const { harness, server } = await world.open(wish);
  try {
    await harness.collect('one');
    return server.logins.at(-1)?.encryption ?? 'no login';
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return `${error.phase} ${error.errorClass}: ${error.message}`;
  }
}

const plain = { tls: undefined };

describe('driver mssql encrypts', () => {
  test('without a word in the YAML, also on loopback, and checks certificate and name', async () => {
    const trusted = await outcome({});
    const wrongName = await outcome({ connection: { tls: { ca: world.ca } } });
    const untrusted = await outcome({ connection: { tls: { server_name: CERTIFICATE_NAME } } });

    expect(trusted).toBe('tls');
    expect(wrongName).toMatch(/^connect tls: the certificate of the server is not accepted.*ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(untrusted).toMatch(/^connect tls: .*DEPTH_ZERO_SELF_SIGNED_CERT/);
  });

  test('strict: from the first byte, or not at all', async () => {
    const strict = await outcome({ connection: { encrypt: 'strict' }, options: { strict: true } });
    const either = await outcome({ connection: { encrypt: 'strict' } });
    const wrongName = await outcome({ connection: { encrypt: 'strict', tls: { ca: world.ca } }, options: { strict: true } });
    const untrusted = await outcome({
      connection: { encrypt: 'strict', tls: { server_name: CERTIFICATE_NAME } },
      options: { strict: true },
    });
    const lax = await outcome({ options: { strict: true } });

    expect([strict, either]).toEqual(['strict', 'strict']);
    expect(wrongName).toMatch(/^connect tls: .*ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(untrusted).toMatch(/^connect tls: .*DEPTH_ZERO_SELF_SIGNED_CERT/);
    expect(lax).toMatch(/^connect lost: /);
  });

  test('no password is sent in the clear unless the YAML says so', async () => {
    const { harness, server } = await world.open({ options: { tls: undefined } });

    const error = await harness.fail('one');
    const agreed = await outcome({ connection: { encrypt: false, ...plain } });
    const required = await outcome({ connection: { encrypt: false, ...plain }, options: { requireEncryption: true } });

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'tls' });
    expect(error.message).toMatch(/offers no encryption; turn it on there, or write encrypt: false/);
    expect(server.logins).toEqual([]);
    expect(agreed).toBe('none');
    expect(required).toBe('connect tls: the server takes encrypted connections only; leave out encrypt: false');
  });

  test('an authority that cannot be read is named', async () => {
    expect(await outcome({ connection: { tls: { ca: 'absent.pem' } } })).toBe(
      'connect not_found: connection.tls.ca: absent.pem cannot be read',
    );
  });
});

describe('driver mssql logs in', () => {
  test('by NTLM where a domain is given, without sending the password', async () => {
    const { harness, server } = await world.open({ connection: { domain: 'example' } });

    const observations = await harness.collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.ntlm).toEqual([
      { domain: 'EXAMPLE', user: USER },
      { domain: 'EXAMPLE', user: USER },
    ]);
    expect(server.logins.map(({ user, password }) => user + password)).toEqual(['', '']);
  });

  test('by NTLM: a refused login is of class auth and shows no secret', async () => {
    const { harness } = await world.open({ connection: { domain: 'example', user: 'nobody' } });

    const error = await harness.fail('one');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain(PASSWORD);
  });

  test('to a named instance, whose port SQL Server Browser tells', async () => {
    const host = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
    const server = await world.server({ host });
    const browser = createSocket('udp4');
    browser.on('message', (_request, { port, address }) => {
      const instance = `ServerName;SQL1;InstanceName;EXCHANGE;IsClustered;No;Version;16.0.1000.6;tcp;${server.port};;`;
      browser.send(
        Buffer.concat([Buffer.from([0x05, instance.length & 0xff, instance.length >> 8]), Buffer.from(instance)]),
        port,
        address,
      );
    });
    browser.bind(1434, host);
    await once(browser, 'listening');

    const found = await (await world.source(server, { connection: { instance: 'exchange', port: undefined } })).collect('one');
    const unknown = await (await world.source(server, { connection: { instance: 'other', port: undefined } })).fail('one');
    const connection = await world.connect(server, { instance: 'exchange', port: undefined });
    browser.close();

    expect(connection.address).toBe(`${host}\\exchange`);
    expect(Object.keys(connection.phases)).toEqual(['dns', 'connect', 'tls', 'login']);
    expect(valueOf(found, 'exchange_value')).toBe(1);
    expect(unknown).toMatchObject({ phase: 'connect', errorClass: 'not_found' });
    expect(unknown.message).toMatch(/SQL Server Browser \(UDP 1434\) does not answer or does not know the instance/);
  });

  test('to all addresses at once with multi_subnet_failover', async () => {
    const { harness } = await world.open({ connection: { server: 'localhost', multi_subnet_failover: true } });

    expect(valueOf(await harness.collect('one'), 'exchange_value')).toBe(1);
  });

  test('a failed login leaves no connection behind', async () => {
    const { harness, server } = await world.open({ options: { password: () => 'other' } });

    for (let run = 0; run < 5; run++) await harness.fail('one');

    await until(() => server.open === 0);
    expect(server.mostOpen).toBe(1);
  });
});
