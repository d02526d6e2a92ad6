// `vigie catalog` as a process.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../../src/cli/catalog.js';
import { UsageError } from '../../src/cli/command.js';
import { until } from '../wait.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');
const YAML = `
teams: { flux: { email: flux@example.org } }
partners: { chuv: {} }
calendars:
  bureau-ch: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' }, holidays: [CH-VD] }
flows:
  factures: { title: Factures, team: flux, direction: inbound, partners: [chuv], stages: [received], calendar: bureau-ch }
`;

let folder: string;
let started: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-catalog-command-'));
});
afterEach(() => {
  started?.kill('SIGKILL');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]): { process: ChildProcess; said: () => string } {
  started = spawn(process.execPath, [MAIN, 'catalog', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  started.stdout?.on('data', (chunk) => (said += String(chunk)));
  started.stderr?.on('data', (chunk) => (said += String(chunk)));
  return { process: started, said: () => said };
}

test('it says where it listens, is ready with the windows known, and ends on SIGTERM', async () => {
  const file = join(folder, 'exporters.yaml');
  await writeFile(file, YAML);
  const { process: child, said } = start('--config', file, '--listen', '127.0.0.1:0');
  const url = await until(() => /^catalog listens on (?<url>\S+)$/m.exec(said())?.groups?.['url']);

  await until(async () => (await fetch(`${url}/-/ready`)).ok);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');

  expect(metrics).toMatch(/^flow_window_open\{flow="factures",env="prod",calendar="bureau-ch"\} [01]$/m);
  expect(code).toBe(0);
});

test('a calendar that is wrong keeps it from starting, with the place and the mend', async () => {
  const file = join(folder, 'wrong.yaml');
  await writeFile(file, YAML.replace("'07:00-19:00'", "'7:00-19:00'"));
  const { process: child, said } = start('--config', file, '--listen', '127.0.0.1:0');

  const [code] = await once(child, 'close');

  expect(code).toBe(1);
  expect(said()).toContain('wrong.yaml:5:58 error calendars.bureau-ch.open.mon-fri: "7:00-19:00" must be HH:MM-HH:MM: write "07:00-19:00"');
});

test('it takes no name', async () => {
  await expect(command.run(['factures'])).rejects.toThrow(new UsageError('the catalogue takes no name, but got "factures"'));
});
