// `vigie render`: what it writes, and how it tells that something has drifted.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';

const root = join(import.meta.dirname, '..', '..', '..');
const main = join(root, 'build', 'src', 'main.js');
const rendered = [
  'alertmanager/alertmanager.yml',
  'alertmanager/rules/acknowledgements.yml',
  'alertmanager/rules/anomaly.yml',
  'alertmanager/rules/bounds.yml',
  'alertmanager/rules/conservation.yml',
  'alertmanager/rules/endpoints.yml',
  'alertmanager/rules/files.yml',
  'alertmanager/rules/forecast.yml',
  'alertmanager/rules/freshness.yml',
  'alertmanager/rules/gates.yml',
  'alertmanager/rules/indicators.yml',
  'alertmanager/rules/intentions.yml',
  'alertmanager/rules/judged.yml',
  'alertmanager/rules/logs.yml',
  'alertmanager/rules/objectives.yml',
  'alertmanager/rules/parity.yml',
  'alertmanager/rules/priority.yml',
  'alertmanager/rules/statistics.yml',
  'alertmanager/rules/status.yml',
  'alertmanager/rules/traffic.yml',
  'alertmanager/rules/volume.yml',
  'alertmanager/rules/watchers.yml',
  'alertmanager/templates/common.tmpl',
  'alertmanager/templates/email.tmpl',
  'alertmanager/templates/teams.tmpl',
  'docs/reference.md',
  'exporters.schema.json',
  'grafana/dashboards/operations.json',
  'grafana/provisioning/dashboards/vigie.yml',
  'grafana/provisioning/datasources/prometheus.yml',
];
/** Each test starts processes, which take their time where others are busy. */
const PATIENCE_MS = 30_000;
const upToDate = `${rendered.length} rendered files are up to date`;

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function vigie(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, 'render', ...args], { cwd: root }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('vigie render', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-render-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test(
    'writes every file and says which, then finds nothing to do',
    async () => {
      const first = await vigie('--out', folder);
      const second = await vigie('--out', folder);

      expect(first.code).toBe(0);
      expect(first.stdout.trim().split('\n')).toEqual([...rendered.map((path) => `wrote ${path}`), upToDate]);
      expect(globSync('**/*', { cwd: folder }).toSorted()).toEqual(rendered);
      expect(second).toMatchObject({ code: 0, stdout: `${upToDate}\n` });
    },
    PATIENCE_MS,
  );

  test(
    'NE14: --check passes on what is committed',
    async () => {
      const { code, stdout, stderr } = await vigie('--check');

      expect(stderr).toBe('');
      expect(stdout).toBe(`${upToDate}\n`);
      expect(code).toBe(0);
    },
    PATIENCE_MS,
  );

  test(
    'NE14: --check names what differs with the first line, what is missing, what is stale and how to mend it, and writes nothing',
    async () => {
      await vigie('--out', folder);
      const traffic = join(folder, 'alertmanager/rules/traffic.yml');
      const edited = (await readFile(traffic, 'utf8')).replace('interval: 1m', 'interval: 5m');
      await writeFile(traffic, edited);
      await rm(join(folder, 'grafana/dashboards/operations.json'));
      await writeFile(join(folder, 'alertmanager/rules/old.yml'), '# rendered by vigie render; edit src/rules/old.ts\ngroups: []\n');
      await writeFile(join(folder, 'alertmanager/rules/own.yml'), 'groups: []\n');

      const { code, stderr } = await vigie('--check', '--out', folder);

      expect(code).toBe(1);
      expect(stderr.trim().split('\n')).toEqual([
        'alertmanager/rules/old.yml: stale, nothing renders it any longer',
        'alertmanager/rules/traffic.yml:5: differs',
        '  expected: "    interval: 1m"',
        '  found:    "    interval: 5m"',
        'grafana/dashboards/operations.json: missing',
        "What is rendered is not up to date: run 'vigie render' and commit what it writes.",
      ]);
      expect(await readFile(traffic, 'utf8')).toBe(edited);
    },
    PATIENCE_MS,
  );

  test(
    'mends what drifted, removes what is stale, and leaves alone what it never wrote',
    async () => {
      await vigie('--out', folder);
      await writeFile(join(folder, 'alertmanager/rules/traffic.yml'), 'groups: []\n');
      await writeFile(join(folder, 'alertmanager/rules/old.yml'), '# rendered by vigie render; edit src/rules/old.ts\ngroups: []\n');
      await writeFile(join(folder, 'alertmanager/rules/own.yml'), 'groups: []\n');

      const { stdout } = await vigie('--out', folder);
      const { code } = await vigie('--check', '--out', folder);

      expect(stdout).toBe(`removed alertmanager/rules/old.yml\nwrote alertmanager/rules/traffic.yml\n${upToDate}\n`);
      expect(code).toBe(0);
      expect(await readFile(join(folder, 'alertmanager/rules/own.yml'), 'utf8')).toBe('groups: []\n');
    },
    PATIENCE_MS,
  );

  test(
    'tells where a file ends too early',
    async () => {
      await vigie('--out', folder);
      const traffic = join(folder, 'alertmanager/rules/traffic.yml');
      const lines = (await readFile(traffic, 'utf8')).split('\n');
      await writeFile(traffic, lines.slice(0, 3).join('\n'));

      const { stderr } = await vigie('--check', '--out', folder);

      expect(stderr).toContain(
        `alertmanager/rules/traffic.yml:4: differs\n  expected: ${JSON.stringify(lines[3])}\n  found:    (end of file)\n`,
      );
    },
    PATIENCE_MS,
  );

  test(
    'shows the part of a long line in which it differs',
    async () => {
      await vigie('--out', folder);
      const watchers = join(folder, 'alertmanager/rules/watchers.yml');
      await writeFile(watchers, (await readFile(watchers, 'utf8')).replace('look on our side first', 'look on their side first'));

      const { stderr } = await vigie('--check', '--out', folder);

      expect(stderr).toMatch(/expected: …".*look on our side first.*"…\n {2}found: {4}…".*look on their side first.*"…\n/);
    },
    PATIENCE_MS,
  );

  test(
    'CE12: refuses a webhook that Alertmanager could not read, or that would be committed, and writes nothing',
    async () => {
      const yaml = join(folder, 'exporters.yaml');
      await writeFile(
        yaml,
        'environment: prod\nteams:\n  flux: { teams: { webhook: { env: TEAMS_FLUX } } }\n  prevoyance: { teams: { webhook: https://teams.example.org/secret } }\n',
      );

      const { code, stderr } = await vigie('--config', yaml, '--out', join(folder, 'out'));

      expect(code).toBe(1);
      expect(stderr).toContain(
        'error teams.flux.teams.webhook: Alertmanager cannot read the environment variable TEAMS_FLUX: name a file that holds the URL, e.g. { file: /run/secrets/teams_flux }',
      );
      expect(stderr).toContain('error teams.prevoyance.teams.webhook: the URL stands in the YAML and would stand in alertmanager.yml');
      expect(stderr).not.toContain('teams.example.org/secret');
      expect(globSync('out/**/*', { cwd: folder })).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'refuses a YAML with errors, as vigie check does',
    async () => {
      const yaml = join(folder, 'exporters.yaml');
      await writeFile(yaml, 'flows:\n  a: { title: A }\n');

      const { code, stderr } = await vigie('--config', yaml, '--out', folder, '--check');

      expect(code).toBe(1);
      expect(stderr).toMatch(/exporters\.yaml:\d+:\d+ error flows\.a/);
    },
    PATIENCE_MS,
  );

  test(
    'refuses a positional argument',
    async () => {
      const { code, stderr } = await vigie('exporters.yaml');

      expect(code).toBe(2);
      expect(stderr).toContain('"exporters.yaml": render takes options only');
    },
    PATIENCE_MS,
  );
});
