// What planned work does is what its page says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EFFECTS } from '../../src/domain/maintenance.js';

test('EN9, EN13: the page on planned work tells what each kind mutes and relaxes', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'tasks', 'maintenance.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(?<kind>\w+)` *\|(?<mutes>[^|]*)\|(?<relaxes>[^|]*)\|$/gm)].map(({ groups }) => [
    groups?.['kind'],
    groups?.['mutes']?.trim(),
    groups?.['relaxes']?.trim(),
  ]);

  expect(rows).toEqual(Object.entries(EFFECTS).map(([kind, { mutes, relaxes }]) => [kind, mutes.join(', '), relaxes.join(', ')]));
});
