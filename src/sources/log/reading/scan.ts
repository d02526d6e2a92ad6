// Which files the globs of a source name now.

import type { BigIntStats } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import { errorCode } from '../../system-errors.js';
import { COMPRESSED, GZIP } from './compressed.js';
import { fileId } from './log-file.js';

export interface FoundFile {
  readonly id: string;
  readonly path: string;
  readonly stats: BigIntStats;
  /** The first glob that names it. */
  readonly glob: string;
}

export interface Scan {
  /** By identity: a file under two names is one. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Those that rotation has compressed. */
  readonly archives: ReadonlyMap<string, FoundFile>;
  /** Folders of globs that found nothing because they cannot be read. */
  readonly unreadable: readonly string[];
}

/** @param folder where relative globs start */
export async function scan(globs: readonly string[], folder: string): Promise<Scan> {
  const files = new Map<string, FoundFile>();
  const archives = new Map<string, FoundFile>();
  const unreadable: string[] = [];
  for (const pattern of globs) {
    const { base, isGlob } = picomatch.scan(pattern);
    // A file that is named needs no folder that may be listed.
    const paths = isGlob ? await glob(pattern, { cwd: folder, absolute: true, expandDirectories: false }) : [resolve(folder, pattern)];
    let isFound = false;
    for (const path of paths.filter((name) => !COMPRESSED.test(name))) {
      const stats = await statFile(path);
      if (!stats) continue;
      isFound = true;
      const id = fileId(stats);
      const kind = GZIP.test(path) ? archives : files;
      if (!kind.has(id)) kind.set(id, { id, path, stats, glob: pattern });
    }
    if (!isFound && (await isForbidden(resolve(folder, base)))) unreadable.push(pattern);
  }
  return { files, archives, unreadable };
}

/** The folders in which files of these globs were found or may appear. */
export function foldersOf(globs: readonly string[], folder: string, paths: Iterable<string>): string[] {
  const bases = globs.map((pattern) => {
    const { base, isGlob } = picomatch.scan(pattern);
    return isGlob ? resolve(folder, base) : dirname(resolve(folder, pattern));
  });
  return [...new Set([...bases, ...Array.from(paths, (path) => dirname(path))])];
}

/** @returns undefined for what is no regular file, or has just gone */
async function statFile(path: string): Promise<BigIntStats | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** Globbing passes over folders it may not read; a look at the folder tells. */
async function isForbidden(path: string): Promise<boolean> {
  try {
    const folder = await opendir(path);
    await folder.close();
    return false;
  } catch (error) {
    return ['EACCES', 'EPERM'].includes(errorCode(error) ?? '');
  }
}

/** The older file first; of files born at the same moment the one that was rotated more often, `app.log.2` before `app.log.1`. */
export function byBirth(a: { birth: bigint; path: string }, b: { birth: bigint; path: string }): number {
  if (a.birth !== b.birth) return a.birth < b.birth ? -1 : 1;
  return rotations(b.path) - rotations(a.path) || a.path.localeCompare(b.path);
}

function rotations(path: string): number {
  return Number(/\.(?<count>\d{1,9})$/.exec(path)?.groups?.['count'] ?? 0);
}
