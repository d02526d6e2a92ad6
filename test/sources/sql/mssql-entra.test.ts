// Driver mssql, logins by Entra ID: with a token that somebody gives, or one that the identity of the machine fetches.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { inspect } from 'node:util';
import { configOf } from '../../../src/sources/sql/drivers/mssql-settings.js';
import { portOf } from '../../port.js';
import { valueOf } from './harness.js';
import { createWorld, type Wish, type World } from './mssql-double.js';

const TOKEN = 'eyJ0eXAiOiJKV1QifQ.very-secret-token';
const byToken = { user: undefined, password: undefined, entra: { token: { file: '/run/secrets/sql_token' } } };

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

function everything(error: Error): string {
  return inspect(error, { showHidden: true, depth: 10 });
}

describe('driver mssql logs in by a token of Entra ID', () => {
  test('which arrives instead of user and password, encrypted', async () => {
    const { harness, server } = await world.open({ connection: byToken, options: { token: () => TOKEN } });
    harness.setSecret(TOKEN);

    const observations = await harness.collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(new Set(server.tokens)).toEqual(new Set([TOKEN]));
    expect(server.logins.at(-1)).toMatchObject({ user: '', password: '', encryption: 'tls', federated: { token: TOKEN } });
    expect(server.failures).toEqual([]);
  });

  test('also where TLS comes first, and when it fills several packets', async () => {
    const long = TOKEN + 'x'.repeat(6000);
    const wish: Wish = { connection: { ...byToken, encrypt: 'strict' }, options: { token: () => long, strict: true } };
    const { harness, server } = await world.open(wish);
    harness.setSecret(long);

    await harness.collect('one');

    expect(server.tokens.at(-1)).toBe(long);
  });

  test('an expired one is of class auth and shown nowhere; a fresh one is taken at the next connect, without a restart', async () => {
    const fresh = `${TOKEN}-fresh`;
    const { harness, server } = await world.open({ connection: byToken, options: { token: () => fresh } });
    harness.setSecret(TOKEN);

    const error = await harness.fail('one');
    harness.setSecret(fresh);
    const observations = await harness.collect('one');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(error.message).toMatch(/^the login is not accepted/);
    expect(everything(error)).not.toContain('very-secret');
    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.tokens).toEqual([TOKEN, fresh, fresh]);
  });
});

/** Stands for the endpoint that Azure gives a container. */
interface Identity {
  readonly requests: IncomingMessage[];
  /** What it answers from now on. */
  answer: { readonly status: number; readonly body: unknown };
  readonly server: Server;
}

async function startIdentity(): Promise<Identity> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(identity.answer.status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(identity.answer.body));
  });
  const identity: Identity = { requests, server, answer: { status: 500, body: {} } };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return identity;
}

function managed(client_id?: string): Wish {
  const entra = { managed_identity: true as const, ...(client_id === undefined ? {} : { client_id }) };
  return { connection: { user: undefined, password: undefined, entra }, options: { token: () => TOKEN } };
}

describe('driver mssql logs in by the identity of its machine', () => {
  const HEADER = 'very-secret-header';
  let identity: Identity;

  // msal looks where it runs once, and keeps tokens: one endpoint for all tests, and another identity in each.
  beforeAll(async () => {
    identity = await startIdentity();
    process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${portOf(identity.server)}/msi/token`;
    process.env['IDENTITY_HEADER'] = HEADER;
  });

  afterAll(() => {
    identity.server.close();
    delete process.env['IDENTITY_ENDPOINT'];
    delete process.env['IDENTITY_HEADER'];
  });

  test('the token is fetched for the database and handed to the server', async () => {
    const expires = String(Math.floor(Date.now() / 1000) + 3600);
    identity.answer = { status: 200, body: { access_token: TOKEN, expires_on: expires, resource: 'x', token_type: 'Bearer' } };
    const { harness, server } = await world.open(managed('11111111-2222-3333-4444-555555555555'));

    const observations = await harness.collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.tokens.at(-1)).toBe(TOKEN);
    expect(server.logins.at(-1)).toMatchObject({ user: '', password: '', federated: { token: undefined } });
    expect(decodeURIComponent(identity.requests.at(-1)?.url ?? '')).toMatch(
      /resource=https:\/\/database\.windows\.net.*client_id=11111111-2222-3333-4444-555555555555/,
    );
    expect(identity.requests.at(-1)?.headers['x-identity-header']).toBe(HEADER);
  });

  test('an identity that is not assigned is of class auth', async () => {
    identity.answer = { status: 400, body: { statusCode: 400, message: 'No identity found, very-secret detail' } };
    const { harness } = await world.open(managed());

    const error = await harness.fail('one');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(error.message).toMatch(/^Entra ID gives no token for this login; is the identity assigned to this machine\?$/);
    expect(everything(error)).not.toContain('very-secret');
  });

  test('the number of Entra ID is shown, its words are not', async () => {
    identity.answer = { status: 400, body: { error: 'invalid_client', error_description: 'AADSTS7000215: very-secret detail' } };
    const { harness } = await world.open(managed());

    const error = await harness.fail('one');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth', message: 'Entra ID gives no token for this login (AADSTS7000215)' });
    expect(everything(error)).not.toContain('very-secret');
  });
});

describe('the configuration of a login by Entra ID', () => {
  const context = { application: 'vigie/exchange-db', readSecret: async () => 'the-secret', resolvePath: (path: string) => path };
  const application = { tenant: 'tenant-1', client_id: 'client-1', client_secret: { env: 'SQL_CLIENT_SECRET' } };

  test.each([
    [
      application,
      {
        type: 'azure-active-directory-service-principal-secret',
        options: { tenantId: 'tenant-1', clientId: 'client-1', clientSecret: 'the-secret' },
      },
    ],
    [{ managed_identity: true } as const, { type: 'azure-active-directory-msi-vm', options: {} }],
    [
      { managed_identity: true, client_id: 'client-1' } as const,
      { type: 'azure-active-directory-msi-vm', options: { clientId: 'client-1' } },
    ],
    [{ token: { env: 'SQL_TOKEN' } }, { type: 'azure-active-directory-access-token', options: { token: 'the-secret' } }],
  ])('%j', async (entra, authentication) => {
    const config = await configOf({ server: 'sql1.example.org', entra }, context);

    expect(config.authentication).toEqual(authentication);
    expect(config).toMatchObject({ options: { encrypt: true } });
    expect([config.user, config.password, config.domain]).toEqual([undefined, undefined, undefined]);
  });

  test('is refused where nobody is named, and where the token would travel in the clear', async () => {
    const clear = configOf({ server: 'sql1.example.org', entra: { token: { env: 'SQL_TOKEN' } }, encrypt: false }, context);

    await expect(clear).rejects.toMatchObject({ phase: 'connect', errorClass: 'config' });
    await expect(configOf({ server: 'sql1.example.org' }, context)).rejects.toMatchObject({ phase: 'connect', errorClass: 'config' });
  });
});
