// The example of docs/sources/sftp.md, run against a real OpenSSH server.

import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import type { SourceConfig } from '../../src/sources/kind.js';
import { sftp } from '../../src/sources/sftp/index.js';
import type { SftpOptions } from '../../src/sources/sftp/schema.js';
import { describeWith } from '../servers/describe.js';
import { startSshd, type Sshd } from '../servers/sshd.js';
import { collect, lines, sourceContext } from '../sources/sftp/fixtures.js';
import { examples } from './examples.js';

const PAGE = 'docs/sources/sftp.md';
const root = join(import.meta.dirname, '..', '..', '..');
/** A loaded machine is slow to log in. */
const LIMIT_MS = 30_000;

describeWith(['sshd'], 'the example of sftp', () => {
  let sshd: Sshd;
  let folder: string;
  beforeAll(async () => {
    sshd = await startSshd();
    folder = await mkdtemp(join(tmpdir(), 'vigie-docs-'));
    for (const path of ['in/factures', 'out/chuv', 'canary']) await mkdir(join(sshd.files, path), { recursive: true });
    await chmod(join(sshd.files, 'canary'), 0o777);
  }, LIMIT_MS);
  afterAll(async () => {
    await sshd.remove();
    await rm(folder, { recursive: true });
  });

  test(
    'counts what waits for each partner, and sends its canary',
    async () => {
      await writeFile(join(sshd.files, 'in/factures/hug_20261123_1.xml'), 'x');
      await writeFile(join(sshd.files, 'out/chuv/anything'), 'x');
      const { config, flows, partners } = await load();
      const source = await sftp.create(config, { ...sourceContext(), flows, partners });
      const found = (await Promise.all(source.collectors.map(({ name }) => collect(source, name, LIMIT_MS)))).flat();
      await source.close();

      expect(lines(found)).toEqual(
        expect.arrayContaining([
          'flow_backlog_messages{flow="factures",partner="chuv",stage="received"} 0',
          'flow_backlog_messages{flow="factures",partner="hug",stage="received"} 1',
          'flow_backlog_messages{flow="factures",partner="chuv",stage="processed"} 1',
          'vigie_canary_up{source="inbox",kind="sftp"} 1',
          'vigie_credential_expiry_timestamp_seconds{source="inbox",kind="sftp",credential="key"} 1803859200',
        ]),
      );
      expect(await readdir(join(sshd.files, 'canary'))).toEqual([]);
    },
    LIMIT_MS,
  );

  /** As it stands there, with the server of the test in place of the one on the page. */
  async function load() {
    const text = examples(root).find(({ file, language }) => file === PAGE && language === 'yaml')?.text ?? '';
    const knownHosts = join(folder, 'known_hosts');
    await writeFile(knownHosts, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    const file = join(folder, 'exporters.yaml');
    await writeFile(
      file,
      text
        .replace('host: sftp.example.org', `host: 127.0.0.1\n    port: ${sshd.port}`)
        .replace('user: vigie', `user: ${sshd.user}`)
        .replace('/run/secrets/vigie_ed25519', sshd.userKey)
        .replace('/etc/ssh/ssh_known_hosts', knownHosts)
        .replace('path: /in/', `path: ${sshd.files}/in/`)
        .replace('path: /out/', `path: ${sshd.files}/out/`)
        .replace('directory: /canary', `directory: ${sshd.files}/canary`),
    );
    const { config } = await loadConfig(file);
    const [source] = config?.sources ?? [];
    if (!config || !source || !isSftp(source)) throw new Error(`no source of the kind sftp in ${PAGE}`);
    return { config: source, flows: config.flows, partners: config.partners.map(({ name }) => name) };
  }
});

function isSftp(source: SourceConfig): source is SourceConfig<SftpOptions> {
  return source.kind === 'sftp';
}
