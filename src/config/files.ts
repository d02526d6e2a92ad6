// Reads the main file and all it includes.

import { readFile as readFromDisk } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { decodeText, readFailure, type ReadFile } from './read.js';
import { formatPath, within, type Report, type Spot } from './report.js';
import { parseYaml, type YamlFile } from './yaml-file.js';

export interface FilesOptions {
  readonly readFile?: ReadFile;
  /** Folder that file names in messages are relative to, where that is shorter. */
  readonly cwd?: string;
}

export interface Files {
  /** Those that could be parsed, the main one first, each before what it includes. */
  readonly parsed: readonly YamlFile[];
  /** Names of all files, in the same order, those that could not be parsed included. */
  readonly names: readonly string[];
  readonly contents: readonly Uint8Array[];
  /** Every file that is meant could be found, read and parsed. */
  readonly complete: boolean;
}

/** Reads the file and, depth first, what it includes; a file that is included twice is read once. */
export async function readFiles(main: string, report: Report, options: FilesOptions = {}): Promise<Files> {
  const reader = new FileReader(report, options);
  await reader.read(resolve(options.cwd ?? process.cwd(), main), [], undefined);
  return reader;
}

class FileReader implements Files {
  readonly parsed: YamlFile[] = [];
  readonly names: string[] = [];
  readonly contents: Uint8Array[] = [];
  complete = true;
  readonly #seen = new Set<string>();
  readonly #report: Report;
  readonly #readFile: ReadFile;
  readonly #cwd: string;

  constructor(report: Report, { readFile = (path) => readFromDisk(path), cwd = process.cwd() }: FilesOptions) {
    this.#report = report;
    this.#readFile = readFile;
    this.#cwd = cwd;
  }

  /** `chain` holds the files that led here; `from` is the place that names the file. */
  async read(file: string, chain: readonly string[], from: Spot | undefined): Promise<void> {
    const name = this.#name(file);
    if (chain.includes(file)) {
      const cycle = [...chain.slice(chain.indexOf(file)), file].map((link) => this.#name(link)).join(' → ');
      const isSelf = chain.at(-1) === file;
      if (from)
        this.#report.error(
          from,
          isSelf ? 'the file includes itself: name another folder, e.g. exporters.d/*.yaml' : `files that include each other: ${cycle}`,
        );
      return;
    }
    if (this.#seen.has(file)) return;
    this.#seen.add(file);
    this.names.push(name);
    const parsed = await this.#parse(file, name, from);
    if (!parsed) {
      this.complete = false;
      return;
    }
    this.parsed.push(parsed);
    await this.#include(parsed, [...chain, file]);
  }

  async #parse(file: string, name: string, from: Spot | undefined): Promise<YamlFile | undefined> {
    let bytes;
    try {
      bytes = await this.#readFile(file);
    } catch (error) {
      if (from) this.#report.error(from, `${name}: ${readFailure(error)}`);
      else this.#add(name, { line: 1, column: 1, message: readFailure(error) });
      return undefined;
    }
    this.contents.push(bytes);
    const text = decodeText(bytes);
    if (typeof text !== 'string') {
      this.#add(name, text);
      return undefined;
    }
    const { file: parsed, problems } = parseYaml(file, name, text);
    for (const problem of problems) this.#add(name, { ...problem, path: formatPath(problem.path) });
    return parsed;
  }

  async #include(file: YamlFile, chain: readonly string[]): Promise<void> {
    const patterns = includePatterns(file.data);
    if (!patterns) {
      this.complete = false;
      return;
    }
    for (const [index, pattern] of patterns.entries()) {
      const spot = within({ file, path: ['include'] }, index);
      const matches = await matching(pattern, dirname(file.file));
      if (matches.length === 0) {
        this.complete = false;
        const hint = /\.ya?ml$/.test(pattern) ? '' : ` (of a folder name the files: ${join(pattern, '*.yaml')})`;
        this.#report.error(spot, `"${pattern}" matches no file${hint}`);
      }
      for (const match of matches) await this.read(match, chain, spot);
    }
  }

  #add(file: string, problem: { line: number; column: number; message: string; path?: string }): void {
    const { line, column, path = '', message } = problem;
    this.#report.add({ severity: 'error', file, line, column, path, message });
  }

  #name(file: string): string {
    const shorter = relative(this.#cwd, file);
    return shorter.length < file.length ? shorter : file;
  }
}

/** Undefined where they are no list of texts, which the schema tells. */
function includePatterns(data: unknown): string[] | undefined {
  if (typeof data !== 'object' || data === null || !('include' in data)) return [];
  const patterns: unknown[] = Array.isArray(data.include) ? data.include : [undefined];
  const texts = patterns.filter((pattern) => typeof pattern === 'string');
  return texts.length === patterns.length && !texts.includes('') ? texts : undefined;
}

/** The files that a pattern means, in alphabetical order. */
async function matching(pattern: string, folder: string): Promise<string[]> {
  // Imported here, since most configurations are one file.
  const { glob } = await import('tinyglobby');
  const found = await glob({ patterns: [pattern], cwd: folder, absolute: true, expandDirectories: false, onlyFiles: true });
  return found.toSorted();
}
