// A place in an answer, as the YAML names it, and what stands there.

import { Pattern, RanAway } from '../endpoints/pattern.js';
import type { Reason } from '../endpoints/reasons.js';
import type { Answer } from './answer.js';
import { JsonPath, type JsonValue } from './json-path.js';
import type { WrittenPlace } from './schema-values.js';

export interface Place {
  /** As the YAML writes it, for people. */
  readonly name: string;
  /** Why a probe fails that does not find it. */
  readonly reason: Reason;
  /** @param part what `$` is, where it is not the whole body @returns undefined where there is nothing */
  read(answer: Answer, part?: JsonValue): JsonValue | undefined;
}

/** @throws SyntaxError where the path or pattern is none */
export function placeOf({ json, header, regex }: WrittenPlace): Place | undefined {
  if (json !== undefined) return jsonPlace(new JsonPath(json));
  if (header !== undefined) return { name: header, reason: 'header', read: (answer) => answer.header(header.toLowerCase()) };
  return regex === undefined ? undefined : regexPlace(new Pattern(regex));
}

function jsonPlace(path: JsonPath): Place {
  return {
    name: path.source,
    reason: 'json',
    read: (answer, part = answer.json) => (part === undefined ? undefined : path.find(part)[0]),
  };
}

function regexPlace(pattern: Pattern): Place {
  return { name: `regex ${pattern.source}`, reason: 'body', read: (answer) => firstGroup(pattern, answer.text) };
}

/** The first group that took part, else the whole match. A pattern that runs away finds nothing. */
function firstGroup(pattern: Pattern, text: string): string | undefined {
  try {
    const match = pattern.find(text);
    if (!match) return undefined;
    return match.captures.find((capture) => capture !== undefined) ?? text.slice(match.index, match.index + match.length);
  } catch (error) {
    if (!(error instanceof RanAway)) throw error;
    return undefined;
  }
}
