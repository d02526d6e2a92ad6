// `vigie check`: tells everything that is wrong with exporters.yaml; with --live also what shows only when its sources are looked at.

import { relative, resolve } from 'node:path';
import type { Diagnostic } from '../config/diagnostics.js';
import { formatDiagnostic } from '../config/diagnostics.js';
import type { LoadOptions } from '../config/load.js';
import type { Config } from '../config/model.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import type { LiveCounts } from './check-live.js';
import { readOptions, UsageError, type Command } from './command.js';
import { print, toTheEnd } from './ending.js';

const FORMATS = ['text', 'json', 'github'] as const;
type Format = (typeof FORMATS)[number];

export interface CheckResult {
  /** What goes to standard output, with a newline at the end. */
  readonly output: string;
  readonly code: 0 | 1;
}

export interface CheckOptions extends LoadOptions {
  /** Look at the sources as well. */
  readonly live?: boolean;
}

export const command: Command = {
  summary: 'Tell what is wrong with exporters.yaml, and with --live what its sources answer; exit 0 if nothing is.',
  usage: [
    'usage: vigie check [file] [--live] [--format text|json|github]',
    '',
    `Reads the file (default ${DEFAULT_CONFIG_FILE}; --config FILE says the same) and what it includes, and reports every problem with its place.`,
    'No source is touched and no secret is read, unless --live is given. Exit code 0, or 1 if there is an error; warnings are no errors.',
    '',
    '  --live            where the file has no error, look once at every source, within its time-outs: what fails is an error at its',
    '                    query, directory or endpoint, what should be mended a warning; no rows are shown and no state is written',
    '  --format text     one line for each problem: file:line:column severity path: message (default)',
    '  --format json     one JSON object, for other tools',
    '  --format github   annotations on the lines of a pull request, for GitHub Actions',
  ].join('\n'),
  async run(args) {
    const { values, positionals } = readOptions(args, {
      config: { type: 'string' },
      format: { type: 'string', default: 'text' },
      live: { type: 'boolean', default: false },
    });
    const files = values.config === undefined ? positionals : [values.config, ...positionals];
    if (files.length > 1) throw new UsageError('one file at a time: it names the others with include');
    const format = FORMATS.find((known) => known === values.format);
    if (!format) throw new UsageError(`--format ${values.format}: must be one of ${FORMATS.join(', ')}`);
    const run = async () => {
      const { output, code } = await check(files[0] ?? DEFAULT_CONFIG_FILE, format, { live: values.live });
      await print(output);
      return code;
    };
    return values.live ? toTheEnd(run) : run();
  },
};

/** Checks one file. `options` let tests choose the folder and the kinds of sources. */
export async function check(file: string, format: Format, { live = false, ...options }: CheckOptions = {}): Promise<CheckResult> {
  // Parsing and validating load a megabyte of code, which `vigie help` and a wrong option do not need.
  const { loadReportable } = await import('../config/load.js');
  const loaded = await loadReportable(file, options);
  const { config } = loaded;
  const { advise } = await import('../config/advice.js');
  await advise(loaded, options.kinds ?? (await import('../sources/all-kinds.js')).kinds, Date.now());
  const lively = config && live ? await (await import('./check-live.js')).checkLive(config, loaded) : undefined;
  const diagnostics = loaded.diagnostics();
  const write = { text: formatText, json: formatJson, github: formatGithub }[format];
  return { output: write({ file, config, live: lively, diagnostics }), code: diagnostics.some(isError) ? 1 : 0 };
}

/** What there is to write. */
interface Checked {
  readonly file: string;
  readonly config: Config | undefined;
  /** Undefined where no source was looked at. */
  readonly live: LiveCounts | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

function formatText(checked: Checked): string {
  return `${[...checked.diagnostics.map(formatDiagnostic), summary(checked)].join('\n')}\n`;
}

function formatJson({ file, live, diagnostics }: Checked): string {
  const errors = diagnostics.filter(isError).length;
  return `${JSON.stringify({ file, errors, warnings: diagnostics.length - errors, ...(live && { live }), diagnostics }, null, 2)}\n`;
}

/**
 * GitHub wants paths from the root of the repository, wherever in it the step runs.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
function formatGithub(checked: Checked): string {
  const annotations = checked.diagnostics.map(({ severity, file: name, line, column, path, message }) => {
    const properties = { file: inRepository(name), line: String(line), col: String(column), title: path || 'vigie check' };
    const written = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
    return `::${severity} ${written.join(',')}::${escapeData(message)}`;
  });
  return `${[...annotations, summary(checked)].join('\n')}\n`;
}

function inRepository(name: string): string {
  const root = process.env['GITHUB_WORKSPACE'];
  const path = root === undefined ? name : relative(root, resolve(name));
  return path.startsWith('..') ? name : path;
}

/** `exporters.yaml: 3 flows, 4 sources, 8 of 9 collectors succeeded, 1 error` */
function summary({ file, config, live, diagnostics }: Checked): string {
  const parts = config ? [count(config.flows.length, 'flow'), count(config.sources.length, 'source')] : [];
  if (live) parts.push(`${live.collectors - live.failed} of ${count(live.collectors, 'collector')} succeeded`);
  return `${file}: ${[...parts, problems(diagnostics)].join(', ')}`;
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

function problems(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(isError).length;
  const warnings = diagnostics.length - errors;
  const parts = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''].filter((part) => part !== '');
  return parts.join(', ') || 'no problems';
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
