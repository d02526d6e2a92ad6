// A log source that reads one given file, for `vigie try --file`.

import type { SourceConfig } from '../../kind.js';

/** A sample may be a whole day of a log. */
const READING_MS = 10 * 60_000;
/** What globs give a meaning to. In brackets it stands for itself; escaped by a backslash it does not, where a backslash parts folders. */
const GLOB_CHARACTERS = /[*?[\]{}()|]/g;

/** @param file an absolute path, whatever characters are in it */
export function sampleOf<Options extends { readonly files: readonly string[]; readonly follow?: string | undefined }>(
  source: SourceConfig<Options>,
  file: string,
): SourceConfig<Options> {
  const options = { ...source.options, files: [literalGlob(file)], from: 'start' as const, follow: 'descriptor' as const };
  return { ...source, timeout: Math.max(source.timeout, READING_MS), options };
}

/** A glob that means this path alone. */
export function literalGlob(path: string): string {
  return path.replaceAll(GLOB_CHARACTERS, '[$&]');
}
