// The ftp source against a real vsftpd: clear text and both ways of TLS.

import { chmod, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source } from '../../../src/sources/kind.js';
import type { FtpOptions } from '../../../src/sources/ftp/schema.js';
import { describeWith } from '../../servers/describe.js';
import { startVsftpd, type Vsftpd, type VsftpdOptions } from '../../servers/vsftpd.js';
import { authority, certificate, type Pair } from '../http/harness.js';
import { collect, directory, failure, sourceContext, start, total, type TestContext } from './fixtures.js';

const OLDEST = Date.parse('2026-03-02T08:00:00Z') / 1000;
const OLDEST_METRIC = 'flow_backlog_oldest_timestamp_seconds';

describeWith(['vsftpd'], 'the ftp source over vsftpd', () => {
  let ca: Pair;
  let server: Vsftpd;
  let context: TestContext;
  const sources: Source[] = [];

  beforeAll(async () => {
    ca = await authority();
    server = await startVsftpd();
    await server.directory('in');
  });
  afterAll(async () => {
    await server.remove();
  });
  beforeEach(() => {
    context = sourceContext({ PASSWORD: server.password });
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close();
  });

  async function open(changes: Partial<FtpOptions> = {}): Promise<Source> {
    const source = await start({ port: server.port, tls: 'none', user: server.user, ...changes }, context);
    sources.push(source);
    return source;
  }

  async function put(name: string, content = 'x', modified = OLDEST): Promise<void> {
    const path = join(server.files, name);
    await writeFile(path, content);
    await utimes(path, modified, modified);
  }

  async function restart(options: VsftpdOptions): Promise<void> {
    await server.stop();
    await server.start(options);
  }

  test.each(['none', 'explicit', 'implicit'] as const)('lists a directory with tls: %s', async (mode) => {
    await restart({ tls: mode, certificate: await certificate(ca, '127.0.0.1') });
    context.secrets['CA'] = ca.cert;
    await put('in/a.xml', 'hello');
    await put('in/b c.xml', 'hello', OLDEST + 3600);
    await put('in/.hidden.xml', '');
    await put('in/d.filepart');
    await mkdir(join(server.files, 'in/sub'), { recursive: true });
    await symlink('/etc/passwd', join(server.files, 'in/link')).catch(() => {});
    const source = await open({ tls: mode === 'none' ? 'none' : { mode, insecure: true } });

    const first = await collect(source);
    const second = await collect(source);

    for (const seen of [first, second]) {
      expect(total(seen, 'flow_backlog_messages')).toBe(3);
      expect(total(seen, 'flow_backlog_bytes')).toBe(10);
      expect(total(seen, OLDEST_METRIC)).toBe(Date.parse('2026-03-02T00:00:00Z') / 1000);
      expect(total(seen, 'flow_partial_files')).toBe(1);
    }
    await rm(join(server.files, 'in'), { recursive: true });
    await server.directory('in');
  });
});
void chmod;
void directory;
void failure;
