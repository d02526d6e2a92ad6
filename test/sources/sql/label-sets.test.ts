// Which rows have the same labels.

import { LabelSets } from '../../../src/sources/sql/label-sets.js';

function firsts(rows: readonly (readonly string[] | undefined)[]): number[] {
  const sets = new LabelSets(rows.length, (at, into) => {
    const row = rows[at];
    row?.forEach((text, place) => (into[place] = text));
    return row !== undefined;
  });
  return rows.map((_row, at) => sets.add(at));
}

describe('rows with the same labels', () => {
  test('are told by the place of the first one; a row without labels has none', () => {
    expect(firsts([['a', 'x'], ['b', 'x'], undefined, ['a', 'x'], ['b', 'x'], ['a', 'y']])).toEqual([0, 1, -1, 0, 1, 5]);
  });

  test('are not those whose texts only look alike when they are put together', () => {
    expect(
      firsts([
        ['ab', 'c'],
        ['a', 'bc'],
        ['abc', ''],
        ['', 'abc'],
      ]),
    ).toEqual([0, 1, 2, 3]);
  });

  test('are told apart though their hashes are the same', () => {
    // Among so many texts, some five pairs have one hash of 32 bits.
    const rows = Array.from({ length: 200_000 }, (_, number) => [number.toString(36), 'x']);

    expect(firsts(rows)).toEqual(rows.map((_row, at) => at));
  });
});
