// What is parsed piece by piece is what is parsed as a whole: the same values, at the same places, with the same problems.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isScalar } from 'yaml';
import { PiecewiseMap } from '../../src/config/pieces.js';
import type { PlaceNode } from '../../src/config/plain.js';
import { parseYaml, type Position } from '../../src/config/yaml-file.js';
import { mutated } from './mutated.js';

const root = join(import.meta.dirname, '..', '..', '..');
const original = readFileSync(join(root, 'exporters.yaml'), 'utf8');
const ROUNDS = 2000;

/** So short that nearly every entry is a piece. */
const SHORT = 20;

interface Place {
  readonly at: Position;
  readonly key: Position;
  readonly children: Record<string, Place>;
}

function told(text: string, pieceLength: number): unknown {
  const { file, problems } = parseYaml('/x.yaml', 'x.yaml', text, pieceLength);
  const placed = ({ at, key, children }: PlaceNode, position: (offset: number) => Position): Place => ({
    at: position(at),
    key: position(key),
    children: Object.fromEntries([...children].map(([name, child]) => [name, placed(child, position)])),
  });
  if (!file) return { problems };
  const position = (offset: number) => file.position(offset);
  return { problems, data: file.data, places: placed(file.places, position), end: position(text.length) };
}

/** Keys of the pieces; those of a value that is itself in pieces, in a list. */
function keysOf(map: PiecewiseMap): unknown[] {
  return [...map.items()].map(({ key, value }) => {
    const name = isScalar(key) ? key.value : key;
    return value instanceof PiecewiseMap ? { [String(name)]: keysOf(value) } : name;
  });
}

describe('a text in pieces', () => {
  test('is cut where entries begin, of long values as well', () => {
    const map = PiecewiseMap.root(
      `
# Ours
flows: # all of them

  # The first
  a: { title: A, stages: [received] }
  b:
    title: A long name for a short flow
    stages: [received, sent]
teams: { t: { email: t@example.org } }
environment: prod
`,
      SHORT,
    );

    expect(map && keysOf(map)).toEqual([{ flows: ['a', { b: ['title', 'stages'] }] }, 'teams', 'environment']);
  });

  test('has its entries parsed as they are asked for', () => {
    const map = PiecewiseMap.root(`first: { title: no fault here }\nsecond: { title: not closed\nthird: 3\n`, SHORT);
    const entries = map?.items();

    expect(entries?.next().value).toMatchObject({ key: { value: 'first', range: [0, 5, 5] } });
    expect(() => entries?.next()).toThrow(expect.objectContaining({ name: 'PieceError' }));
  });

  test.each([
    ['short', 'a: 1\n'],
    ['a list', '- one of many\n'.repeat(9)],
    ['several documents', `a: { title: the first }\n---\nb: { title: the second }\n`],
    ['a directive', `%YAML 1.1\n---\na: { title: the first }\n`],
    ['an end', `a: { title: the first }\n...\n`],
  ])('is none where the text is %s', (_, text) => {
    expect(PiecewiseMap.root(text, SHORT)).toBeUndefined();
  });

  test.each<readonly [string, string]>([
    ['block texts', 'a: |+\n  text: of many lines\n\n  b: no key\n\n\nb: >-\n    folded: a\n  # comment\nc: |2\n   x: 1\n\n'],
    ['no end of the last line', 'a:\n  b: { title: the first }\n  c: the end of it all'],
    [
      'blank lines and comments in odd places',
      'a:\n\n# left\n  b: { title: the first }\n # odd\n  c: the end\n      # right\n\n\nd: 1\n# end',
    ],
    ['CRLF', 'a:\r\n  b: { title: the first }\r\n  c:\r\n    - x: a list\r\n    - y\r\nd: "q"\r\n'],
    ['lists at the column of their key', 'a:\n- b: { title: the first }\n- c\nd:\n  e:\n  - a list of one\n  f: 1\n'],
    [
      'anchors, aliases and merges across pieces',
      'a: &x { title: the first }\nb: &y\n  c: 1\n  d: *x\n  e: some more\nf:\n  <<: [*x, *y]\n  g: *y\n',
    ],
    ['aliases before their anchors', 'a: { title: *x, more: 1 }\nb: &x { title: the second }\n'],
    ['an alias of what it stands in', 'a: &x\n  b: { title: the first }\n  c: *x\nd: { title: the third }\n'],
    [
      'keys that stand twice',
      'a: { title: the first }\nb:\n  c: { title: the second }\n  c: the third of them\na: { title: the fourth }\n',
    ],
    [
      'quoted, complex, empty and numeric keys',
      '"a": the first of them\n? b\n: the second of them\n: the third of them\n4: the fourth\n? [x]\n: the fifth\n',
    ],
    [
      'quoted texts over several lines',
      `a: "over\n  b: many\n  lines"\nc: 'and\n\n  d: another'\ne:\n  f: plain over\n    many lines\n  g: 1\n`,
    ],
    ['flow collections over several lines', 'a: {\n  b: 1,\n  c: [\n    d,\n    e: 2 ] }\nf: { title: the last }\n'],
    ['flow collections at the first column', 'a: {\nb: a value of it,\n}\nf: { title: the last }\n'],
    ['quoted texts at the first column', 'a: "one\nb: a value of it"\nf: { title: the last }\n'],
    ['plain texts at the first column', 'a: one of them\nb\nf: { title: the last }\n'],
    ['plain texts at the column of a key', 'a:\n  b: one of them\n  c\n  f: { title: the last }\n'],
    ['a text in place of a block', 'a:\n  one that goes\n  on and on\n  and on\nb: { title: the last }\n'],
    ['columns that differ', 'a:\n    b: { title: the first }\n  c: { title: the second }\nd: { title: the last }\n'],
    ['columns that differ the other way', 'a:\n  b: { title: the first }\n    c: { title: the second }\nd: { title: the last }\n'],
    ['tabs', 'a:\n  b: { title: the first }\n\tc: { title: the second }\nd: { title: the last }\n'],
    ['tags', 'a: !x { title: the first }\nb: !!str 12\nc: { title: the last }\n'],
    ['tags and anchors of a whole block', 'a: !!map\n  b: { title: the first }\nc: &x\n  d: { title: the second }\n  e: 1\nf: *x\n'],
    ['what JavaScript takes for the end of a line', 'a: one\u2028b: the second of them\u2029c: 1\nd: { title: the first }\n'],
    ['a lone carriage return', 'a: one\rb: the second of them\nd: { title: the first }\n'],
    ['keys that are names of JavaScript', '__proto__: { title: the first }\nconstructor:\n  __proto__: { title: the second }\n'],
    ['words of other alphabets as keys', 'é: { title: the first }\nb: { title: the second }\nü:\n  ä: { title: the third }\n'],
    ['a text that is one word', `${'word'.repeat(20)}\n`],
    ['nothing but comments', '# a comment that is longer than a piece\n# and another one\n'],
    [
      'an alias bomb',
      `a: &a [${'x, '.repeat(99)}x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n`,
    ],
  ])('says the same: %s', (_, text) => {
    expect(told(text, SHORT)).toEqual(told(text, Infinity));
  });

  test(`NE14: says the same of a file that was changed at random, ${ROUNDS} times`, () => {
    let inPieces = 0;
    for (let seed = 0; seed < ROUNDS; seed++) {
      const text = mutated(original, seed).toString();
      if (PiecewiseMap.root(text, SHORT)) inPieces++;
      const [ours, theirs] = [told(text, SHORT), told(text, Infinity)];
      // Comparing texts takes a tenth of the time; it is only where they differ that one wants to see where.
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) expect({ seed, told: ours }).toEqual({ seed, told: theirs });
    }

    expect(inPieces).toBeGreaterThan(ROUNDS / 2);
  }, 120_000);
});
