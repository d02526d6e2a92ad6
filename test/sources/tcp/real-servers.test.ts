// The worked examples of docs/sources/tcp.md, held with real servers.

import { tcp } from '../../../src/sources/tcp/index.js';
import type { EndpointOptions } from '../../../src/sources/tcp/schema.js';
import { tls } from '../../../src/sources/tls/index.js';
import { describeWith } from '../../servers/describe.js';
import { startPostgres, type Postgres } from '../../servers/postgres.js';
import { startVsftpd, type Vsftpd } from '../../servers/vsftpd.js';
import { authority, certificate, pemFolder, type Pair } from '../tls/certificates.js';
import { Endpoints, probeOnce, type Probed, type Rig } from './harness.js';

let folder: Awaited<ReturnType<typeof pemFolder>>;
let pair: Pair;
let ca: string;

beforeAll(async () => {
  folder = await pemFolder();
  const root = await authority('Root of the tests');
  pair = await certificate('127.0.0.1', { by: root });
  ca = await folder.write('ca.pem', root.cert);
});
afterAll(() => folder.remove());

function options(port: number, endpoint: Omit<EndpointOptions, 'address'>) {
  return { kind: 'tcp' as const, endpoints: { it: { address: `127.0.0.1:${port}`, tls: { ca }, ...endpoint } } };
}

async function probe(port: number, endpoint: Omit<EndpointOptions, 'address'>, rig: Rig = {}): Promise<Probed> {
  return await probeOnce(tcp, options(port, endpoint), rig);
}

describeWith(['vsftpd'], 'a real vsftpd', () => {
  let server: Vsftpd;
  beforeAll(async () => {
    server = await startVsftpd({ tls: 'explicit', certificate: pair });
  });
  afterAll(() => server.remove());

  const no = '^[45]\\d\\d ';
  const login = (user: string): EndpointOptions['dialogue'] => [
    { expect: '^220 ' },
    { send: 'AUTH TLS' },
    { expect: '^234 ', unless: no },
    { starttls: true },
    { send: `USER ${user}` },
    { expect: '^331 ', unless: no },
    { send: ['PASS ', { env: 'PASSWORD' }] },
    { expect: '^230 ', unless: no },
    { send: 'QUIT' },
    { expect: '^221 ' },
  ];

  test('is secured by AUTH TLS and logged in to', async () => {
    const probed = await probe(server.port, { dialogue: login(server.user) ?? [] }, { secrets: { PASSWORD: server.password } });

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.labels['endpoint_certificate_info']).toMatchObject({ issuer: 'Root of the tests' });
    expect(probed.text).not.toContain(server.password);
  });

  test('refuses a wrong password once, and is left alone then', async () => {
    const endpoints = await Endpoints.start(tcp, options(server.port, { dialogue: login(server.user) ?? [] }), {
      secrets: { PASSWORD: 'not the right one' },
    });

    expect([(await endpoints.probe()).failure, (await endpoints.probe()).failure]).toEqual(['login/auth', 'login/login_paused']);
  });

  test('shows its certificate to kind tls with starttls: ftp', async () => {
    const it = { address: `127.0.0.1:${server.port}`, starttls: 'ftp', ca } as const;

    expect(await probeOnce(tls, { kind: 'tls', endpoints: { it } })).toMatchObject({ up: 1, failure: undefined });
  });
});

describeWith(['postgres'], 'a real PostgreSQL', () => {
  let server: Postgres;
  let plain: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ tls: { certificate: pair.cert, key: pair.key } });
    plain = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.remove();
    await plain.remove();
  });

  const endpoint: Omit<EndpointOptions, 'address'> = {
    lines: 'none',
    dialogue: [{ send_hex: '00000008 04d2162f' }, { expect: '^S', unless: '^[NE]' }, { starttls: true }],
  };

  test('goes over to TLS after an SSLRequest', async () => {
    const probed = await probe(server.port, endpoint);

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.values['endpoint_certificate_expiry_timestamp_seconds']).toBeGreaterThan(Date.now() / 1000);
  });

  test('without TLS says so', async () => {
    expect(await probe(plain.port, endpoint)).toMatchObject({ up: 0, failure: 'wait/answer' });
  });
});
