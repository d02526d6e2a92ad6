// Every kind of mistake, one file each in test/invalid/, with what `vigie check` says about it to the letter.
// NE14, CE14: all of them are found before a running fleet sees the file.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../src/cli/check.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'test', 'invalid');
const files = readdirSync(folder);
const names = files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));

describe('vigie check', () => {
  test.each(names)('NE14: says what is wrong with %s', async (name) => {
    const { output, code } = await check(`${name}.yaml`, 'text', { cwd: folder });

    const expected = readFileSync(join(folder, `${name}.txt`), 'utf8');
    expect(output).toBe(expected);
    expect(code).toBe(/ error(?: |:)/.test(expected) ? 1 : 0);
  });

  test('has one message for each mistake, and one mistake for each message', () => {
    const expected = files.filter((file) => file.endsWith('.txt')).map((file) => file.slice(0, -'.txt'.length));

    expect(expected).toEqual(names);
  });

  test('CE12: never shows the value of a secret', () => {
    const shown = names.map((name) => readFileSync(join(folder, `${name}.txt`), 'utf8')).filter((text) => /hunter|12345678/.test(text));

    expect(shown).toEqual([]);
  });
});
