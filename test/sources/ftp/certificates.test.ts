// Certificates of FTPS servers: what is told of them, and that none is trusted that should not be.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Source } from '../../../src/sources/kind.js';
import type { FtpOptions } from '../../../src/sources/ftp/schema.js';
import { describeWith } from '../../servers/describe.js';
import { startVsftpd, type Vsftpd } from '../../servers/vsftpd.js';
import { authority, certificate, type Pair } from '../http/harness.js';
import { startDouble } from './double.js';
import { collect, failure, sourceContext, start, total, type TestContext } from './fixtures.js';

const LEAF = 'vigie_source_certificate_expiry_timestamp_seconds';
const CHAIN = 'vigie_source_certificate_chain_expiry_timestamp_seconds';
const DAY = 86_400;

describeWith(['vsftpd'], 'the certificate of an FTPS server', () => {
  let folder: string;
  let ca: Pair;
  let server: Vsftpd;
  let context: TestContext;
  const sources: Source[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-ftps-'));
    ca = await authority();
    await writeFile(join(folder, 'ca.pem'), ca.cert);
    server = await startVsftpd();
    await server.directory('in');
  });
  beforeEach(() => {
    context = sourceContext({ PASSWORD: server.password });
  });
  afterAll(async () => {
    await server.remove();
    await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close();
  });

  async function open(tls: FtpOptions['tls'], changes: Partial<FtpOptions> = {}): Promise<Source> {
    const source = await start({ port: server.port, user: server.user, ...(tls !== undefined && { tls }), ...changes }, context);
    sources.push(source);
    return source;
  }

  const trusting = () => ({ ca: join(folder, 'ca.pem') });

  describe.each(['explicit', 'implicit'] as const)('of %s TLS', (mode) => {
    async function show(shown: Pair, clientAuthority?: string): Promise<void> {
      await server.stop();
      await server.start({ tls: mode, certificate: shown, ...(clientAuthority !== undefined && { clientAuthority }) });
    }

    test('is trusted where its authority is, for the data channel too', async () => {
      await show(await certificate(ca, '127.0.0.1'));

      expect(await failure(await open({ mode, ...trusting() }))).toBe('no failure');
    });

    test.each<[string, string, readonly [number, number], boolean, RegExp]>([
      ['expired', '127.0.0.1', [-10, -1], true, /^connect\/tls: .*expired/i],
      ['not yet valid', '127.0.0.1', [1, 10], true, /^connect\/tls: .*valid/i],
      ['of another name', 'ftp.example.org', [-1, 30], true, /^connect\/tls: /],
      ['of an authority that nobody trusts', '127.0.0.1', [-1, 30], false, /^connect\/tls: .*trusted/],
    ])('%s is refused, and its expiry exported all the same', async (_what, name, days, isOurs, failed) => {
      await show(await certificate(isOurs ? ca : await authority(), name, days));
      const source = await open({ mode, ...trusting() });

      const text = await failure(source, '/in');
      const seen = await collect(source, 'certificate');

      expect(text).toMatch(failed);
      expect(total(seen, LEAF) - Date.now() / 1000).toBeCloseTo(days[1] * DAY, -3);
      expect(total(seen, CHAIN)).toBe(total(seen, LEAF));
      expect(seen[0]?.labels).toEqual({ source: 'inbox', kind: 'ftp' });
    });

    test('of another name is right where the YAML names it', async () => {
      await show(await certificate(ca, 'ftp.example.org'));

      expect(await failure(await open({ mode, ...trusting(), server_name: 'ftp.example.org' }))).toBe('no failure');
    });

    test('of anybody is accepted where the YAML says so', async () => {
      await show(await certificate(await authority(), 'elsewhere', [-10, -1]));

      expect(await failure(await open({ mode, insecure: true }))).toBe('no failure');
    });

    test('may come with the demand for one of ours', async () => {
      await show(await certificate(ca, '127.0.0.1'), ca.cert);
      const ours = await certificate(ca, 'vigie');
      await writeFile(join(folder, 'ours.pem'), ours.cert);
      context.secrets['KEY'] = ours.key;

      const without = await failure(await open({ mode, ...trusting() }));
      const shown = await failure(await open({ mode, ...trusting(), certificate: join(folder, 'ours.pem'), key: { env: 'KEY' } }));

      expect(without).toMatch(/^(?:connect\/(?:tls|lost)|login\/(?:tls|lost)): /);
      expect(shown).toBe('no failure');
    });
  });

  test('is known where the login fails', async () => {
    await server.stop();
    await server.start({ tls: 'explicit', certificate: await certificate(ca, '127.0.0.1', [-1, 20]) });
    const source = await open(trusting(), { password: 'wrong' });

    expect(await failure(source, '/in')).toMatch(/^login\/auth/);
    expect(total(await collect(source, 'certificate'), LEAF) - Date.now() / 1000).toBeCloseTo(20 * DAY, -3);
  });

  test('is that of the last connection where the server takes no other', async () => {
    await server.stop();
    const shown = await certificate(ca, '127.0.0.1', [-1, 20]);
    await server.start({ tls: 'explicit', certificate: shown, settings: { max_clients: 1 } });
    const source = await open(trusting());

    await collect(source, '/in');

    expect(total(await collect(source, 'certificate'), LEAF) - Date.now() / 1000).toBeCloseTo(20 * DAY, -3);
  });

  test('is unknown, and not healthy, where nobody answers', async () => {
    await server.stop();
    const source = await open(trusting());

    expect(await failure(source, 'certificate')).toMatch(/^connect\/refused/);
  });

  test('is missing on our side where the file of the authority is', async () => {
    const source = await open({ ca: join(folder, 'gone.pem') });

    expect(await failure(source, '/in')).toMatch(/^prepare\/not_found: tls\.ca: .*gone\.pem does not exist$/);
  });
});

test('a data channel with another certificate than that of the control channel is not trusted', async () => {
  const ca = await authority();
  const folder = await mkdtemp(join(tmpdir(), 'vigie-ftps-'));
  await writeFile(join(folder, 'ca.pem'), ca.cert);
  const server = await startDouble({
    certificate: await certificate(ca, '127.0.0.1'),
    dataCertificate: await certificate(await authority(), '127.0.0.1'),
  });
  const context = sourceContext({ PASSWORD: 'hunter2' });
  const source = await start({ port: server.port, tls: { ca: join(folder, 'ca.pem') } }, context);

  const failed = await failure(source, '/in');
  await source.close();
  await server.close();
  await rm(folder, { recursive: true });

  expect(failed).toMatch(/^list\/tls: \/in: no TLS could be agreed on for the data channel: /);
});
