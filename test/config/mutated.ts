// Random mutations of a valid file.

import { isPair, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { seeded } from '../random.js';

/** Pieces that mean something to YAML or to the schema. */
const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '#',
  '&a ',
  '*a',
  '!x ',
  '|',
  '>',
  '<<: *a',
  '---\n',
  '\t',
  '\n',
  '"',
  "'",
  '@',
  '%',
  '~',
  'null',
  'true',
  '0',
  '-1',
  '.inf',
  '1e999',
  '9'.repeat(30),
  '30s',
  '__proto__',
  'sources:',
  'flows:',
  'kind: sql',
  '\uFEFF',
  '\u2028',
  '\uD800',
  'é',
];

/** Of the text as it is by now, or of the file that it was. */
type Mutation = (text: string, pick: (below: number) => number, original: string) => string | Buffer;

const lineMutations: readonly Mutation[] = [
  (text, pick) => withLines(text, (lines) => lines.splice(pick(lines.length), 1)),
  (text, pick) => withLines(text, (lines) => lines.splice(pick(lines.length), 0, lines[pick(lines.length)] ?? '')),
  (text, pick) => withLines(text, (lines) => lines.splice(pick(lines.length), 0, ...lines.splice(pick(lines.length), 1 + pick(5)))),
  (text, pick) =>
    withLines(text, (lines) => (lines[pick(lines.length)] = ' '.repeat(pick(9)) + (lines[pick(lines.length)] ?? '').trimStart())),
];

const mutations: readonly Mutation[] = [
  ...lineMutations,
  (text, pick) => {
    const bytes = Buffer.from(text);
    bytes[pick(bytes.length)] = pick(256);
    return bytes;
  },
  (text, pick) => splice(text, pick(text.length), pick(40), ''),
  (text, pick) => splice(text, pick(text.length), 0, TOKENS[pick(TOKENS.length)] ?? ''),
  (text, pick) => splice(text, pick(text.length), 1, TOKENS[pick(TOKENS.length)] ?? ''),
  (text, pick) => swapWords(text, pick),
  (text, pick) => text.slice(0, pick(text.length)),
  (_, pick, original) => restructure(original, pick),
];

function withLines(text: string, change: (lines: string[]) => void): string {
  const lines = text.split('\n');
  change(lines);
  return lines.join('\n');
}

function splice(text: string, at: number, length: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + length);
}

/** Puts one word of the file in the place of another: the right words in the wrong places. */
function swapWords(text: string, pick: (below: number) => number): string {
  const words = [...text.matchAll(/[\w.-]+/g)];
  const to = words[pick(words.length)];
  const from = words[pick(words.length)];
  return to && from ? splice(text, to.index, to[0].length, from[0]) : text;
}

/** Values of every type, in the place of any other. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  '30s',
  [],
  ['x'],
  [[]],
  {},
  { x: {} },
  { env: 'X' },
  { from: 'x', map: {} },
];

/** Puts another value, or nothing, in the place of any value of the tree. */
function restructure(text: string, pick: (below: number) => number): string {
  const document = parseDocument(text);
  const places: { readonly path: readonly unknown[] }[] = [];
  visit(document, {
    Pair: (_, { key }, ancestors) => {
      places.push({ path: [...pathTo(ancestors), isScalar(key) ? key.value : key] });
    },
  });
  const path = places[pick(places.length)]?.path;
  if (!path) return text;
  if (pick(3) === 0) document.deleteIn(path);
  else document.setIn(path, document.createNode(VALUES[pick(VALUES.length)]));
  return document.toString();
}

/** Keys and indexes from the root to the collection that ends the list of ancestors. */
function pathTo(ancestors: readonly unknown[]): unknown[] {
  return ancestors.flatMap((node, index) => {
    if (isPair(node)) return [isScalar(node.key) ? node.key.value : node.key];
    const next = ancestors[index + 1];
    return isSeq(node) && next !== undefined ? [node.items.indexOf(next)] : [];
  });
}

/** The file, changed in one to three ways; the same for the same seed. Not all of it need be UTF-8. */
export function mutated(original: string, seed: number): Buffer {
  const next = seeded(seed);
  const pick = (below: number) => Math.floor(next() * below);
  let content: string | Buffer = original;
  for (let times = 1 + pick(3); times > 0; times--) {
    const mutation: Mutation | undefined = mutations[pick(mutations.length)];
    content = mutation?.(content.toString(), pick, original) ?? content;
  }
  return Buffer.from(content);
}
