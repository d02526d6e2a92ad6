// Lines that are JSON objects.

import { parseJson } from '../../../../src/sources/log/formats/json.js';

describe('a line of JSON', () => {
  test.each([
    ['{"flow":"invoices","bytes":12}', { flow: 'invoices', bytes: 12 }],
    ['  {"nested":{"a":[1]}} ', { nested: { a: [1] } }],
    ['{}', {}],
    ['{"flow":"Zürich ✓"}', { flow: 'Zürich ✓' }],
  ])('gives its fields (GM5): %s', (line, expected) => {
    expect(parseJson(line)).toEqual(expected);
  });

  test.each(['', '  ', '\t'])('is of another kind where it is blank: %j', (line) => {
    expect(parseJson(line)).toBe('unmatched');
  });

  test.each(['[1]', '12', 'null', '"text"', 'not json', '{"flow":"inv', '{"a":1} tail'])(
    'is malformed where it is no object: %j',
    (line) => {
      expect(parseJson(line)).toBe('malformed');
    },
  );

  test('may have a key that is called __proto__, and nothing comes of it', () => {
    parseJson('{"__proto__":{"hurt":1}}');

    expect(Reflect.get({}, 'hurt')).toBeUndefined();
  });
});
