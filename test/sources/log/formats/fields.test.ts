// Fields, whatever a line calls them.

import { BareFields, createBareFields, fieldReader, keptText, numberOf } from '../../../../src/sources/log/formats/fields.js';

describe('fields of a line', () => {
  test.each([
    ['in columns', new BareFields()],
    ['in free text', createBareFields()],
  ])('inherit nothing, so that any key is only a key: %s', (_where, fields) => {
    fields['__proto__'] = 'a';

    expect([fields['__proto__'], fields['constructor'], fields['toString']]).toEqual(['a', undefined, undefined]);
    expect(Object.entries(fields)).toEqual([['__proto__', 'a']]);
  });

  test.each([
    ['a', { a: 1 }, 1],
    ['a.b', { 'a.b': 1, a: { b: 2 } }, 1],
    ['a.b', { a: { b: 2 } }, 2],
    ['a.b.c', { a: { b: 2 } }, undefined],
    ['a.0', { a: [1] }, undefined],
  ])('are read by their name or their path, %s of %j', (name, fields, expected) => {
    expect(fieldReader(name)(fields)).toBe(expected);
  });

  test.each([
    ['12', 12],
    [' 1e3 ', 1000],
    [0.5, 0.5],
    ['', undefined],
    ['12 ms', undefined],
    ['Infinity', undefined],
    [true, undefined],
    [null, undefined],
  ])('are numbers where they are written so: %j', (value, expected) => {
    expect(numberOf(value)).toBe(expected);
  });

  test('are kept short and well formed', () => {
    expect(keptText('x'.repeat(500))).toHaveLength(200);
    expect(keptText('a\uD800b')).toBe('a\uFFFDb');
  });
});
