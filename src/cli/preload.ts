// Imports what a source will need while its configuration still loads: that takes another process a tenth of a second, in which this one idles.

import { readFile } from 'node:fs/promises';
import { loadKind } from '../sources/registry.js';

/** A wrong guess, and a file that cannot be read, cost nothing but the time. */
export async function preloadKind(configFile: string, source: string): Promise<void> {
  try {
    const kind = guessKind(await readFile(configFile, 'utf8'), source);
    if (kind !== undefined) await (await loadKind(kind)).preload?.();
  } catch {
    // The configuration tells what is wrong.
  }
}

/** The kind of a source by the text of the YAML: the first that is named after the name of the source. */
export function guessKind(text: string, source: string): string | undefined {
  const at = text.search(new RegExp(`["']?${RegExp.escape(source)}["']?\\s*:`));
  const block = at < 0 ? '' : text.slice(at);
  return /["']?kind["']?\s*:\s*["']?(?<kind>\w+)/.exec(block)?.groups?.['kind'];
}
