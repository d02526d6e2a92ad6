// `vigie check`: tells everything that is wrong with exporters.yaml, without touching a source.

import { relative, resolve } from 'node:path';
import type { Diagnostic } from '../config/diagnostics.js';
import { formatDiagnostic } from '../config/diagnostics.js';
import type { LoadOptions } from '../config/load.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import { readOptions, UsageError, type Command } from './command.js';

const FORMATS = ['text', 'json', 'github'] as const;
type Format = (typeof FORMATS)[number];

export interface CheckResult {
  /** What goes to standard output, with a newline at the end. */
  readonly output: string;
  readonly code: 0 | 1;
}

export const command: Command = {
  summary: 'Tell what is wrong with exporters.yaml; exit 0 if nothing is.',
  usage: [
    'usage: vigie check [file] [--format text|json|github]',
    '',
    `Reads the file (default ${DEFAULT_CONFIG_FILE}) and what it includes, and reports every problem with its place.`,
    'No source is touched and no secret is read. Exit code 0, or 1 if there is an error; warnings are no errors.',
    '',
    '  --format text     one line for each problem: file:line:column severity path: message (default)',
    '  --format json     one JSON object, for other tools',
    '  --format github   annotations on the lines of a pull request, for GitHub Actions',
  ].join('\n'),
  async run(args) {
    const { values, positionals } = readOptions(args, { format: { type: 'string', default: 'text' } });
    if (positionals.length > 1) throw new UsageError('one file at a time: it names the others with include');
    const format = FORMATS.find((known) => known === values.format);
    if (!format) throw new UsageError(`--format ${values.format}: must be one of ${FORMATS.join(', ')}`);
    const { output, code } = await check(positionals[0] ?? DEFAULT_CONFIG_FILE, format);
    process.stdout.write(output);
    return code;
  },
};

/** Checks one file. `options` let tests choose the folder and the kinds of sources. */
export async function check(file: string, format: Format, options: LoadOptions = {}): Promise<CheckResult> {
  // Parsing and validating load a megabyte of code, which `vigie help` and a wrong option do not need.
  const { loadConfig } = await import('../config/load.js');
  const { config, diagnostics } = await loadConfig(file, options);
  const counts = config && `${count(config.flows.length, 'flow')}, ${count(config.sources.length, 'source')}`;
  const write = { text: formatText, json: formatJson, github: formatGithub }[format];
  return { output: write(file, diagnostics, counts), code: config ? 0 : 1 };
}

function formatText(file: string, diagnostics: readonly Diagnostic[], counts: string | undefined): string {
  const lines = diagnostics.map(formatDiagnostic);
  const summary = [counts, problems(diagnostics)].filter((part) => part !== undefined).join(', ');
  return `${[...lines, `${file}: ${summary}`].join('\n')}\n`;
}

function formatJson(file: string, diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return `${JSON.stringify({ file, errors, warnings: diagnostics.length - errors, diagnostics }, null, 2)}\n`;
}

/**
 * GitHub wants paths from the root of the repository, wherever in it the step runs.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
function formatGithub(file: string, diagnostics: readonly Diagnostic[], counts: string | undefined): string {
  const annotations = diagnostics.map(({ severity, file: name, line, column, path, message }) => {
    const properties = { file: inRepository(name), line: String(line), col: String(column), title: path || 'vigie check' };
    const written = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
    return `::${severity} ${written.join(',')}::${escapeData(message)}`;
  });
  const summary = [counts, problems(diagnostics)].filter((part) => part !== undefined).join(', ');
  return `${[...annotations, `${file}: ${summary}`].join('\n')}\n`;
}

function inRepository(name: string): string {
  const root = process.env['GITHUB_WORKSPACE'];
  const path = root === undefined ? name : relative(root, resolve(name));
  return path.startsWith('..') ? name : path;
}

function problems(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
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
