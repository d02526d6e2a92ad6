// Building blocks of regular expressions: `%{shape}` and `%{shape:name}` stand for shapes that are common in logs.

import { nearest } from '../../../domain/suggest.js';

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const TIME_OF_DAY = '[0-2]\\d:[0-5]\\d:[0-6]\\d';
const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
const HEX4 = '[\\da-fA-F]{1,4}';
const IPV6_WHOLE = `(?:${HEX4}:){6}(?:${IPV4}|${HEX4}:${HEX4})`;
const IPV6_SHORTENED = `(?:${HEX4}(?::${HEX4}){0,6})?::(?:(?:${HEX4}:){0,5}(?:${IPV4}|${HEX4}))?`;
const IP = `(?:${IPV4}|(?:${IPV6_WHOLE}|${IPV6_SHORTENED})(?:%[\\w.-]+)?)`;

const LEVELS =
  'trace|debug|verbose|finest|finer|fine|config|information|info|notice|warning|warn|error|err|severe|critical|crit|alert|emergency|emerg|panic|fatal';

interface Shape {
  readonly before?: string;
  /** What a name captures. */
  readonly content: string;
  readonly after?: string;
}

/**
 * JavaScript's syntax without look-around and back-references, so that the linear engine takes them. None can match the same text in two
 * ways, so that none makes a pattern run away.
 */
const SHAPES: Readonly<Record<string, Shape>> = {
  /** ISO 8601 and RFC 3339 in the extended format: 2025-11-26T08:46:00.123+01:00, also with a blank for the T and a comma before the fraction. */
  timestamp: {
    content: '\\d{4}-[01]\\d-[0-3]\\d[T ][0-2]\\d:[0-5]\\d(?::[0-6]\\d(?:[.,]\\d{1,9})?)?(?:Z|[+-][0-2]\\d(?::?[0-5]\\d)?)?',
  },
  /** RFC 3164: Nov  6 08:46:00 */
  syslog_time: { content: `${MONTH} [ 0-3]?\\d ${TIME_OF_DAY}` },
  /** Common Log Format, what is between the brackets: 26/Nov/2025:08:46:00 +0100 */
  http_time: { content: `[0-3]\\d\\/${MONTH}\\/\\d{4}:${TIME_OF_DAY} [+-]\\d{4}` },
  /** asctime of C: Wed Nov 26 08:46:00 2025 */
  ctime: { content: `${WEEKDAY} ${MONTH} [ 0-3]?\\d ${TIME_OF_DAY} \\d{4}` },
  /** A host name, or an IP address. Underscores occur in names of Windows machines. */
  host: { content: `(?:${IP}|\\w(?:[\\w.-]*\\w)?)` },
  /** IPv4, or IPv6 with or without a zone (RFC 4291, RFC 4007), without brackets. */
  ip: { content: IP },
  number: { content: '[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?' },
  integer: { content: '[+-]?\\d+' },
  word: { content: '\\w+' },
  notspace: { content: '\\S+' },
  rest: { content: '.*' },
  /** Between double quotes, with escapes (`\"`): the name captures it without its quotes, escapes as they stand. */
  quoted: { before: '"', content: '[^"\\\\]*(?:\\\\.[^"\\\\]*)*', after: '"' },
  /** Of Unix, of Windows, UNC, or of a URL; up to a blank, a quote or what no file name has. */
  path: { content: '(?:[A-Za-z]:)?[\\/\\\\][^\\s"\'<>|]*' },
  uuid: { content: '[\\da-fA-F]{8}-(?:[\\da-fA-F]{4}-){3}[\\da-fA-F]{12}' },
  /** Of syslog, log4j, java.util.logging, Python and .NET, in any case. */
  level: {
    content: `(?:${anyCase(LEVELS)})`,
  },
};

/** Names of the building blocks. */
export const BLOCKS: readonly string[] = Object.keys(SHAPES);

/** Not `(?i:…)`: V8 is wrong about it at times. https://github.com/nodejs/node/issues/60030 */
function anyCase(words: string): string {
  return words.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

/** A regular expression without building blocks. */
export interface Expanded {
  readonly source: string;
  /** The part of what the user wrote that became this part of `source`: whole blocks, where it begins or ends within one. */
  readonly quote: (start: number, end: number) => string;
}

/** A block: where it stands in what the user wrote, and where in what came of it. */
interface Replaced {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** Escapes and classes are passed over, so that `\%{word}` and `[%{word}]` stay what they are; `%{3}` is three per cent signs. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|%\{(?![\d,]+\})(?<block>[^{}]*)(?<close>\}?)/gs;

/** @throws SyntaxError, naming what there is */
export function expandBlocks(source: string): Expanded {
  if (!source.includes('%{')) return { source, quote: (start, end) => source.slice(start, end) };
  const blocks: Replaced[] = [];
  let expanded = '';
  let done = 0;
  for (const token of source.matchAll(TOKEN)) {
    const { block, close } = token.groups ?? {};
    if (block === undefined) continue;
    if (close === '') throw new SyntaxError(`the building block %{${block} is not closed; write %{shape} or %{shape:name}`);
    const from = token.index;
    const to = from + token[0].length;
    const before = expanded + source.slice(done, from);
    expanded = before + expandBlock(block);
    blocks.push({ from, to, start: before.length, end: expanded.length });
    done = to;
  }
  expanded += source.slice(done);
  return {
    source: expanded,
    quote: (start, end) => source.slice(written(blocks, start, 'from'), written(blocks, end, 'to')),
  };
}

function expandBlock(block: string): string {
  const colon = block.indexOf(':');
  const shapeName = colon < 0 ? block : block.slice(0, colon);
  const name = colon < 0 ? undefined : block.slice(colon + 1);
  const shape = Object.hasOwn(SHAPES, shapeName) ? SHAPES[shapeName] : undefined;
  if (shape === undefined) {
    const meant = nearest(shapeName, BLOCKS);
    const hint = meant === undefined ? '' : ` (is it "${meant}"?)`;
    throw new SyntaxError(`no building block %{${shapeName}}${hint}; there are ${BLOCKS.join(', ')}`);
  }
  if (name !== undefined && !/^[A-Za-z_$][\w$]*$/.test(name)) {
    throw new SyntaxError(`"${name}" in %{${block}} must be a name of letters, digits and _, e.g. %{${shapeName}:size}`);
  }
  const { before = '', content, after = '' } = shape;
  return `${before}(?${name === undefined ? ':' : `<${name}>`}${content})${after}`;
}

/** Where an offset into the expanded expression is in the written one; within a block, its beginning (`from`) or its end (`to`). */
function written(blocks: readonly Replaced[], offset: number, edge: 'from' | 'to'): number {
  let shift = 0;
  for (const block of blocks) {
    if (edge === 'from' ? offset < block.start : offset <= block.start) break;
    if (edge === 'from' ? offset < block.end : offset <= block.end) return block[edge];
    shift = block.to - block.end;
  }
  return offset + shift;
}
