// A thousand random mutations of a valid file: the loader never crashes, always ends, and always says something useful.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { mutated } from './mutated.js';

const root = join(import.meta.dirname, '..', '..', '..');
const original = readFileSync(join(root, 'exporters.yaml'), 'utf8');
const ROUNDS = 1000;

describe('a file that was changed at random', () => {
  test(`NE14: loads or has an error at a place within it, ${ROUNDS} times`, async () => {
    const wrong: unknown[] = [];
    let loaded = 0;
    for (let seed = 0; seed < ROUNDS; seed++) {
      const bytes = mutated(original, seed);
      const main = join(root, 'exporters.yaml');
      const { config, diagnostics } = await loadConfig(main, {
        cwd: root,
        readFile: (path) => (path === main ? Promise.resolve(bytes) : readFile(path)),
      });
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (config) loaded++;
      if ((config === undefined) !== errors.length > 0) wrong.push({ seed, diagnostics });
      const lines = bytes.toString().split('\n').length;
      for (const diagnostic of diagnostics) {
        const isInside =
          diagnostic.line >= 1 && diagnostic.column >= 1 && (diagnostic.file !== 'exporters.yaml' || diagnostic.line <= lines);
        const isReadable = diagnostic.message !== '' && !/undefined|\[object |NaN/.test(diagnostic.message);
        if (!isInside || !isReadable) wrong.push({ seed, diagnostic });
      }
    }

    expect(wrong).toEqual([]);
    expect(loaded).toBeGreaterThan(ROUNDS / 20);
    expect(loaded).toBeLessThan(ROUNDS);
  }, 120_000);
});
