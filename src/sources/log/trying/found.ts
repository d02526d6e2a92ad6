// The files of a source as somebody finds them who only wants to look.

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SourceConfig, SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';
import { noFileError, permissionError, readError } from '../reading/errors.js';
import { scan, type FoundFile } from '../reading/scan.js';
import type { LogOptions } from '../schema.js';
import { literalGlob } from './sample.js';

export interface Found {
  /** Those that may be read, last written first. */
  readonly files: readonly FoundFile[];
  /** Paths of named pipes. */
  readonly pipes: readonly string[];
  /** What keeps the source from reading. */
  readonly errors: readonly SourceError[];
  readonly warnings: readonly string[];
}

/** Opens none of them: of a pipe, that would wait for a writer. @param folder where relative globs start */
export async function findFiles({ options: { files: globs, follow } }: SourceConfig<LogOptions>, folder: string): Promise<Found> {
  const isPath = follow === 'path';
  const found = await scan(isPath ? globs.map(literalGlob) : globs, folder);
  const pipes = isPath ? await pipesOf(globs.map((path) => resolve(folder, path))) : [];
  const errors = found.unreadable.map((glob) => permissionError(glob));
  const files: FoundFile[] = [];
  for (const file of found.files.values()) {
    const error = await accessError(file.path);
    if (error) errors.push(error);
    else files.push(file);
  }
  for (const path of pipes) errors.push(...[await accessError(path)].filter((error) => error !== undefined));
  if (found.files.size === 0 && pipes.length === 0) errors.push(noFileError(globs));
  const isOnlyCompressed = found.files.size === 0 && found.archives.size > 0;
  return {
    files: files.toSorted((a, b) => Number(b.stats.mtimeNs - a.stats.mtimeNs)),
    pipes,
    errors,
    warnings: isOnlyCompressed ? [`only compressed files match ${globs.join(', ')}: name the log itself, too`] : [],
  };
}

async function pipesOf(paths: readonly string[]): Promise<string[]> {
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return paths.filter((_path, index) => stats[index]?.isFIFO());
}

/** @returns undefined where it may be read, or has just gone */
async function accessError(path: string): Promise<SourceError | undefined> {
  try {
    await access(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : readError(path, error);
  }
}
