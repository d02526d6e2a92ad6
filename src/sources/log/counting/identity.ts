// Which flow, partner, stage and outcome a line names, as the YAML says where that stands.

import { textOf } from '../formats/fields.js';
import { isOutcome, type IdentityLabel } from '../../names-in-data.js';
import type { IdentityOptions, OutcomeOptions } from '../schema.js';
import type { Line } from './line.js';
import type { Scope } from './scope.js';

/** @returns undefined where the line says nothing of it */
export type ReadText = (line: Line) => string | undefined;

export function compileIdentity(written: IdentityOptions | undefined, label: IdentityLabel, scope: Scope): ReadText {
  if (typeof written === 'string') return () => written;
  return compileMapped(written?.from ?? label, written?.map, scope);
}

/** Values that the map does not know stay as they are. */
export function compileMapped(
  field: string,
  map: Readonly<Record<string, string>> | undefined,
  scope: Scope,
  otherwise?: string,
): ReadText {
  const read = scope.reader(field);
  const names = new Map(Object.entries(map ?? {}));
  if (names.size === 0 && otherwise === undefined) return (line) => textOf(read(line));
  return (line) => {
    const text = textOf(read(line));
    return text === undefined ? otherwise : (names.get(text) ?? otherwise ?? text);
  };
}

export function compileOutcome(written: OutcomeOptions | undefined, scope: Scope): ReadText {
  if (written === undefined || typeof written === 'string') {
    const outcome = written ?? 'ok';
    return () => outcome;
  }
  const read = scope.reader(written.from);
  const names = new Map(Object.entries(written.map ?? {}));
  const { otherwise } = written;
  return (line) => {
    const text = textOf(read(line));
    const outcome = text === undefined ? undefined : (names.get(text) ?? (isOutcome(text) ? text : undefined));
    return outcome ?? otherwise ?? text;
  };
}
