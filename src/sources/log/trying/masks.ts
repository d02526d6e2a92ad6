// What differs from line to line by its very nature, numbers, times, addresses, replaced by what it is.

import { isIPv6 } from 'node:net';

const CLOCK = String.raw`\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?`;
const ZONE = String.raw`(?:Z|[ ]?[+-]\d{2}:?\d{2})?`;
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';

/** Each is tried at every place, in this order. Keys of JSON and short words that are values of a key stay: they tell kinds of lines apart. */
const SHAPES: Readonly<Record<string, string>> = {
  key: String.raw`"[^"\\]{1,64}"(?=\s*:)`,
  word: String.raw`(?<=[:=]\s?)(?:"[A-Za-z_.-]{1,24}"|'[A-Za-z_.-]{1,24}')`,
  str: String.raw`"(?:[^"\\]|\\.)*"|(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)`,
  uuid: String.raw`(?<!\w)[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}(?!\w)`,
  time: [
    String.raw`(?<!\d)\d{4}[-/.]\d{2}[-/.]\d{2}(?:(?:T|[ ])${CLOCK}${ZONE})?(?!\w)`,
    String.raw`(?<!\d)\d{1,2}[-/.](?:\d{1,2}|${MONTH})[-/.]\d{4}(?:[ :]${CLOCK}${ZONE})?(?!\w)`,
    String.raw`\b(?:${DAY},?[ ])?${MONTH}[ ][ \d]?\d[ ]${CLOCK}(?:[ ]\d{4})?(?!\w)`,
    String.raw`(?<![\w:.])${CLOCK}${ZONE}(?![\w:])`,
  ].join('|'),
  ip: String.raw`(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)`,
  colons: String.raw`(?<![\w:.])(?=[\da-fA-F]{0,4}:[\da-fA-F]{0,4}:)[\da-fA-F:]{3,39}(?![\w:])`,
  hex: String.raw`(?<!\w)(?:0[xX][\da-fA-F]+|(?=[a-fA-F]{0,64}\d)(?=\d{0,64}[a-fA-F])[\da-fA-F]{8,})(?!\w)`,
  num: String.raw`(?<![\w.])[+-]?\d+(?:[.,]\d+)*(?=[a-zA-Z%]{0,3}(?![\w%]))|\d{4,}`,
};

const NAMES = Object.keys(SHAPES);
const ALL = new RegExp(
  Object.values(SHAPES)
    .map((shape) => `(${shape})`)
    .join('|'),
  'g',
);

/** `transfer 12 of "a b" from 10.0.0.1` becomes `transfer <num> of <str> from <ip>`. */
export function masked(text: string): string {
  return text.replace(ALL, (found: string, ...groups: unknown[]) => {
    const shape = NAMES[groups.findIndex((group) => group !== undefined)];
    if (shape === 'key' || shape === 'word') return found;
    if (shape === 'colons') return isIPv6(found) ? '<ip>' : '<hex>';
    return `<${shape}>`;
  });
}
