// JSONPath (RFC 9535), taken apart once: most paths only go down by names and positions, which needs no engine.

import { query, type JsonValue } from 'jsonpath-rfc9535';
import parse, { type JsonPathQuery } from 'jsonpath-rfc9535/parser';

export type { JsonValue };

/** A name of a member, or a position in a list. */
type Step = string | number;

export class JsonPath {
  readonly source: string;
  readonly #steps: readonly Step[] | undefined;

  /** @throws SyntaxError where it is no JSONPath */
  constructor(source: string) {
    this.source = source;
    this.#steps = plainSteps(parse(source));
  }

  /** All values that it leads to. */
  find(document: JsonValue): readonly JsonValue[] {
    if (!this.#steps) return query(document, this.source);
    let found = document;
    for (const step of this.#steps) {
      const next = down(found, step);
      if (next === undefined) return [];
      found = next;
    }
    return [found];
  }
}

function down(value: JsonValue, step: Step): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof step === 'number' ? value.at(step) : undefined;
  return typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** @returns undefined where the path may lead to several values, or needs an engine */
function plainSteps({ segments }: JsonPathQuery): readonly Step[] | undefined {
  const steps: Step[] = [];
  for (const { type, node } of segments) {
    if (type !== 'ChildSegment') return undefined;
    const [selector, another] = node.type === 'BracketedSelection' ? node.selectors : [node];
    if (!selector || another || !('value' in selector) || typeof selector.value === 'object') return undefined;
    steps.push(selector.value);
  }
  return steps;
}

/** @returns undefined where the text is no JSON */
export function parseJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
