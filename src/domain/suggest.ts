// Messages that teach: the nearest known name, or the list of what there is.

import { closest, distance } from 'fastest-levenshtein';

/** ` (is it "bureau-ch"?)`, or ` (there is: a, b)`, or ` (there is none)`; starts with a space, to be appended to a message. */
export function suggest(value: string, known: Iterable<string>): string {
  const names = [...known];
  if (names.length === 0) return ' (there is none)';
  const meant = nearest(value, names);
  if (meant !== undefined) return ` (is it "${meant}"?${lookalike(value)})`;
  const shown = names.slice(0, 10).join(', ');
  return ` (there is: ${shown}${names.length > 10 ? ', …' : ''})`;
}

/** The one that may have been meant: it begins like the value, or is few characters apart. */
export function nearest(value: string, known: readonly string[]): string | undefined {
  if (value === '' || known.length === 0) return undefined;
  const name = closest(value, [...known]);
  const isNear =
    name.startsWith(value) ||
    value.startsWith(name) ||
    isSwapped(value, name) ||
    distance(value, name) <= Math.max(1, Math.floor(value.length / 3));
  return isNear ? name : undefined;
}

/** Two neighbouring characters in the wrong order, the commonest slip: `titel` for `title`. */
function isSwapped(value: string, other: string): boolean {
  const at = Array.from({ length: value.length }, (_, index) => index).findIndex((index) => value[index] !== other[index]);
  return at !== -1 && `${value.slice(0, at)}${value.slice(at + 1, at + 2)}${value.slice(at, at + 1)}${value.slice(at + 2)}` === other;
}

/** A character that is none of the Latin alphabet: it may be invisible, or look like one that was meant. */
function lookalike(value: string): string {
  const other = /[^\p{ASCII}\p{Script=Latin}]/u.exec(value)?.[0].codePointAt(0);
  return other === undefined ? '' : ` the character U+${other.toString(16).toUpperCase().padStart(4, '0')} is in it`;
}
