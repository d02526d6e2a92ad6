// What an answer says: the key of what it answers, and the outcome. From its name, or from inside.

import type { Outcome } from '../../../domain/flow.js';
import { ownText } from '../../../domain/own-text.js';
import { isOutcome } from '../../names-in-data.js';
import type { Inspected } from '../inside.js';
import { wholeName } from '../pattern.js';
import type { AcknowledgementOptions } from './check.js';

/** Longer ones are no keys but something else. */
const LONGEST_KEY = 256;

export interface Answer {
  readonly key: string | undefined;
  readonly outcome: Outcome;
}

export class AnswerReader {
  /** Whether answers must be read to know what they say. */
  readonly looksInside: boolean;
  readonly #options: AcknowledgementOptions['answers'];
  readonly #pattern: RegExp;

  constructor(options: AcknowledgementOptions['answers']) {
    const { key, outcome } = options;
    this.#options = options;
    this.#pattern = wholeName(options.files);
    const outcomeInside = typeof outcome === 'object' && ('json' in outcome || 'xml' in outcome || 'regex' in outcome);
    this.looksInside = key !== undefined || outcomeInside;
  }

  matches(name: string): boolean {
    return this.#pattern.test(name);
  }

  /** @param inside where `looksInside` @throws Unreadable */
  read(name: string, inside: Inspected | undefined): Answer {
    const { key, outcome } = this.#options;
    const groups = this.#pattern.exec(name)?.groups ?? {};
    const found = key === undefined ? groups['key'] : inside?.values(key, 'key')[0];
    return { key: cleanKey(found), outcome: this.#outcome(outcome, groups['outcome'], inside) };
  }

  #outcome(written: AcknowledgementOptions['answers']['outcome'], inName: string | undefined, inside: Inspected | undefined): Outcome {
    if (typeof written === 'string') return isOutcome(written) ? written : 'error';
    if (written === undefined) return inName === undefined ? 'ok' : meaning(inName, {}, undefined);
    const { map = {}, otherwise } = written;
    const isInside = 'json' in written || 'xml' in written || 'regex' in written;
    return meaning(isInside ? inside?.values(written, 'outcome')[0] : inName, map, otherwise);
  }
}

/** A key as it is compared: keys in names and inside of files differ by blanks around them. */
export function cleanKey(text: string | undefined): string | undefined {
  const key = text?.trim();
  return key === undefined || key === '' || key.length > LONGEST_KEY ? undefined : ownText(key);
}

function meaning(text: string | undefined, map: Readonly<Record<string, string>>, otherwise: string | undefined): Outcome {
  const found = text?.trim() ?? '';
  const named = Object.hasOwn(map, found) ? (map[found] ?? '') : found.toLowerCase();
  if (isOutcome(named)) return named;
  return otherwise !== undefined && isOutcome(otherwise) ? otherwise : 'error';
}
