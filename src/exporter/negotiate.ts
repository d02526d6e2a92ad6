// Chooses format and encoding of an answer from Accept and Accept-Encoding (RFC 9110, section 12.5).

import type { Format } from './exposition.js';

interface Range {
  readonly name: string;
  readonly version: string | undefined;
  /** From 0 (never) to 1. */
  readonly quality: number;
}

const OFFERS = [
  { format: 'text', type: 'text/plain', version: '0.0.4' },
  { format: 'openmetrics', type: 'application/openmetrics-text', version: '1.0.0' },
] as const satisfies readonly { format: Format; type: string; version: string }[];

/**
 * The format that the client likes best; of equals the one it names more exactly, then the one it names first. Text, which every
 * client reads, where it names neither: an answer it did not ask for tells more than a 406.
 */
export function chooseFormat(accept: string | undefined): Format {
  const ranges = parse(accept ?? '*/*');
  let best: { format: Format; quality: number; exactness: number; place: number } | undefined;
  for (const { format, type, version } of OFFERS) {
    const match = mostExact(ranges, type, version);
    if (!match || match.quality === 0) continue;
    if (best && !isBetter(match, best)) continue;
    best = { format, ...match };
  }
  return best?.format ?? 'text';
}

/** Whether the client takes gzip and does not like the plain bytes better. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const codings = parse(acceptEncoding ?? '');
  const quality = (name: string) => codings.find((coding) => coding.name === name)?.quality;
  const gzip = quality('gzip') ?? quality('x-gzip') ?? quality('*') ?? 0;
  return gzip > 0 && gzip >= (quality('identity') ?? 0);
}

type Match = { readonly quality: number; readonly exactness: number; readonly place: number };

function isBetter(one: Match, other: Match): boolean {
  if (one.quality !== other.quality) return one.quality > other.quality;
  if (one.exactness !== other.exactness) return one.exactness > other.exactness;
  return one.place < other.place;
}

/** Of several ranges that match, the most exact one holds: text/plain with q=0 refuses text, whatever a wildcard says. */
function mostExact(ranges: readonly Range[], type: string, version: string): Match | undefined {
  let best: Match | undefined;
  for (const [place, range] of ranges.entries()) {
    const exactness = howExactly(range, type, version);
    if (exactness === undefined || (best && best.exactness >= exactness)) continue;
    best = { quality: range.quality, exactness, place };
  }
  return best;
}

function howExactly(range: Range, type: string, version: string): number | undefined {
  if (range.name === type && range.version === version) return 3;
  if (range.version !== undefined) return undefined;
  if (range.name === type) return 2;
  if (range.name === `${type.split('/')[0]}/*`) return 1;
  return range.name === '*/*' ? 0 : undefined;
}

function parse(header: string): Range[] {
  return header.split(',').flatMap((item) => {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    if (name === '') return [];
    const named = new Map(parameters.map((parameter) => splitParameter(parameter)));
    return [{ name, version: named.get('version'), quality: parseQuality(named.get('q')) }];
  });
}

function splitParameter(parameter: string): [string, string] {
  const [name = '', value = ''] = parameter.split('=', 2).map((part) => part.trim());
  return [name, value.replace(/^"(.*)"$/, '$1')];
}

/** A weight that is none counts as 1, as the Prometheus libraries have it. */
function parseQuality(text: string | undefined): number {
  return text !== undefined && /^(?:0(?:\.\d*)?|1(?:\.0*)?)$/.test(text) ? Number(text) : 1;
}
