// What loading a configuration imports: an exporter waits for it at its start, and each package and each kind costs time.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOAD = new URL('../../src/config/load.js', import.meta.url);
const VALID = `
teams: { flux: { email: flux@example.org } }
defaults: { team: flux }
partners: { hug: {} }
environments: { prod: {} }
calendars: { bureau: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' } } }
flows:
  factures: { title: Factures, team: flux, direction: inbound, partners: [hug], stages: [received] }
sources:
  platform:
    kind: log
    files: [/var/log/platform.log]
    format: json
    events: [{ flow: factures, partner: hug, stage: received }]
`;

interface Loading {
  readonly errors: readonly string[];
  /** Names of packages, and paths below build/src. */
  readonly imported: readonly string[];
}

/** Loads the text in a process of its own. */
async function load(text: string): Promise<Loading> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-loading-'));
  const file = join(folder, 'exporters.yaml');
  await writeFile(file, text);
  const script = `
    import { registerHooks } from 'node:module';
    const imported = [];
    registerHooks({ load: (url, context, next) => (imported.push(url), next(url, context)) });
    const { loadConfig } = await import(${JSON.stringify(LOAD.href)});
    const { diagnostics } = await loadConfig(${JSON.stringify(file)});
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    const name = (url) => /node_modules\\/(?<name>[^/]+)|build\\/src\\/(?<path>.*)/.exec(url)?.groups;
    console.log(JSON.stringify({ errors, imported: imported.map((url) => name(url)?.name ?? name(url)?.path ?? url) }));`;
  try {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    const answer: Loading = JSON.parse(stdout);
    return answer;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('loading a configuration', () => {
  test('imports the kinds that it names, and no others', async () => {
    const { errors, imported } = await load(VALID);

    const kinds = imported.flatMap((path) => /^sources\/(?<kind>\w+)\/index\.js$/.exec(path)?.groups?.['kind'] ?? []);
    expect(errors).toEqual([]);
    expect(kinds).toEqual(['log']);
  });

  test('compiles no schema: the build has done that', async () => {
    const { errors, imported } = await load(VALID);

    // What validators need as they run is a part of ajv too.
    expect(errors).toEqual([]);
    expect(imported).toContain('config/load.js');
    expect(imported.filter((name) => name.startsWith('config/precompiled/'))).not.toEqual([]);
    expect(imported).not.toContain('json-schema-traverse');
  });

  test('knows the names of the others', async () => {
    const { errors } = await load(VALID.replace('kind: log', 'kind: sqll'));

    expect(errors).toEqual(['no kind "sqll" (is it "sql"?)']);
  });
});
