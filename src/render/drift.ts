// What is rendered against what is there: files that are missing, that differ, and that nothing renders any longer.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { glob } from 'tinyglobby';
import { RENDERED_MARK, type RenderedFile } from '../domain/rendered.js';

export type Drift =
  | { readonly kind: 'missing'; readonly path: string }
  /** Rendered once, and no longer. */
  | { readonly kind: 'stale'; readonly path: string }
  | {
      readonly kind: 'differs';
      readonly path: string;
      /** The first line that differs, counted from 1; undefined is the end of the file. */
      readonly line: number;
      readonly expected: string | undefined;
      readonly found: string | undefined;
    };

/** Folders in which every file with the mark of `vigie render` must still be rendered. */
const RENDERED_FOLDERS = ['alertmanager/*', 'alertmanager/{rules,templates}/*', 'grafana/dashboards/*', 'grafana/provisioning/**/*'];

/** Compares without writing. By path. */
export async function findDrift(files: readonly RenderedFile[], folder: string): Promise<Drift[]> {
  const drift: Drift[] = [];
  for (const { path, content } of files) {
    const found = await readIfThere(join(folder, path));
    if (found === undefined) drift.push({ kind: 'missing', path });
    else if (found !== content) drift.push({ kind: 'differs', path, ...firstDifference(content, found) });
  }
  for (const path of await staleFiles(files, folder)) drift.push({ kind: 'stale', path });
  return drift.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes what differs and removes what is stale. @returns what it found before */
export async function mend(files: readonly RenderedFile[], folder: string): Promise<Drift[]> {
  const drift = await findDrift(files, folder);
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  for (const { path } of drift) {
    const content = contents.get(path);
    const target = join(folder, path);
    if (content === undefined) {
      await rm(target);
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  return drift;
}

async function staleFiles(files: readonly RenderedFile[], folder: string): Promise<string[]> {
  const rendered = new Set(files.map(({ path }) => path));
  const candidates = (await glob(RENDERED_FOLDERS, { cwd: folder })).filter((path) => !rendered.has(path));
  const stale: string[] = [];
  for (const path of candidates) {
    if ((await readIfThere(join(folder, path)))?.includes(RENDERED_MARK)) stale.push(path);
  }
  return stale;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function firstDifference(expected: string, found: string): { line: number; expected: string | undefined; found: string | undefined } {
  const wanted = expected.split('\n');
  const present = found.split('\n');
  let index = 0;
  while (wanted[index] === present[index]) index++;
  return { line: index + 1, expected: wanted[index], found: present[index] };
}
