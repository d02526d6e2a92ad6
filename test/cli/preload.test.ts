// What is guessed of a source before the configuration is known.

import { guessKind, preloadKind } from '../../src/cli/preload.js';

const YAML = `
sources:
  exchange-db:
    title: Database
    kind: sql
  exchange-log: { interval: 1s, kind: log }
  "odd.name":
    kind: 'http'
`;

describe('the kind of a source', () => {
  test.each([
    ['exchange-db', 'sql'],
    ['exchange-log', 'log'],
    ['odd.name', 'http'],
    ['oddXname', undefined],
    ['nowhere', undefined],
  ])('of %s is guessed to be %s', (name, kind) => {
    expect(guessKind(YAML, name)).toBe(kind);
  });

  test('is guessed in JSON too', () => {
    expect(guessKind('{"sources":{"a":{"interval":"1s","kind":"log"}}}', 'a')).toBe('log');
  });

  test('is no error where nothing can be guessed', async () => {
    await expect(preloadKind('/nowhere/exporters.yaml', 'a')).resolves.toBeUndefined();
  });
});
