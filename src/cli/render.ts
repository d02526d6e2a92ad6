// `vigie render`: writes rules, routes, dashboards, the schema and the reference; `--check` tells whether they are up to date.

import { formatDiagnostic } from '../config/diagnostics.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import type { RenderedFile } from '../domain/rendered.js';
import { findDrift, mend, type Drift } from '../render/drift.js';
import { readOptions, UsageError, type Command } from './command.js';

/** Characters of a line that are shown. */
const WIDTH = 120;

export const command: Command = {
  summary: 'Write rules, routes, dashboards, the schema and the reference; --check fails where they are not up to date.',
  usage: [
    `usage: vigie render [--config ${DEFAULT_CONFIG_FILE}] [--out DIR] [--check]`,
    '',
    'Writes alertmanager/, grafana/, exporters.schema.json and docs/reference.md, and removes what it rendered once and no',
    'longer does. What it writes is meant to be committed.',
    '',
    `  --config FILE   the teams in it become the routes (default ${DEFAULT_CONFIG_FILE})`,
    '  --out DIR       the folder to write into (default: the working directory)',
    '  --check         write nothing; list the files that are missing, differ or are stale, and exit 1 if there is one',
  ].join('\n'),
  async run(args) {
    const { values, positionals } = readOptions(args, {
      config: { type: 'string', default: DEFAULT_CONFIG_FILE },
      out: { type: 'string', default: '.' },
      check: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}": render takes options only`);
    const files = await render(values.config);
    if (!files) return 1;
    return values.check ? check(files, values.out) : write(files, values.out);
  },
};

/** @returns undefined where a problem, which it has printed, makes what would be rendered useless. */
async function render(configFile: string): Promise<readonly RenderedFile[] | undefined> {
  // The loader and the dashboard builder are slow to load, and `vigie help` needs neither.
  const { loadConfig } = await import('../config/load.js');
  const { renderAll } = await import('../render/index.js');
  const { config, diagnostics } = await loadConfig(configFile);
  for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic));
  if (!config) return undefined;
  const { files, problems } = await renderAll(config);
  for (const { severity, path, message } of problems) console.error(`${configFile}: ${severity} ${path}: ${message}`);
  return problems.some(({ severity }) => severity === 'error') ? undefined : files;
}

async function write(files: readonly RenderedFile[], folder: string): Promise<number> {
  for (const { kind, path } of await mend(files, folder)) console.log(`${kind === 'stale' ? 'removed' : 'wrote'} ${path}`);
  console.log(upToDate(files));
  return 0;
}

async function check(files: readonly RenderedFile[], folder: string): Promise<number> {
  const drift = await findDrift(files, folder);
  if (drift.length === 0) {
    console.log(upToDate(files));
    return 0;
  }
  for (const each of drift) console.error(describe(each));
  console.error("What is rendered is not up to date: run 'vigie render' and commit what it writes.");
  return 1;
}

function upToDate(files: readonly RenderedFile[]): string {
  return `${files.length} rendered files are up to date`;
}

function describe(drift: Drift): string {
  if (drift.kind === 'missing') return `${drift.path}: missing`;
  if (drift.kind === 'stale') return `${drift.path}: stale, nothing renders it any longer`;
  const from = whereTheyPart(drift.expected ?? '', drift.found ?? '');
  return `${drift.path}:${drift.line}: differs\n  expected: ${shown(drift.expected, from)}\n  found:    ${shown(drift.found, from)}`;
}

/** Where to begin to show two long lines, so that what differs is seen with a little before it. */
function whereTheyPart(a: string, b: string): number {
  if (a.length <= WIDTH && b.length <= WIDTH) return 0;
  let index = 0;
  while (index < a.length && a[index] === b[index]) index++;
  return Math.max(0, index - WIDTH / 4);
}

function shown(line: string | undefined, from: number): string {
  if (line === undefined) return '(end of file)';
  const end = from + WIDTH < line.length ? '…' : '';
  return `${from > 0 ? '…' : ''}${JSON.stringify(line.slice(from, from + WIDTH))}${end}`;
}
