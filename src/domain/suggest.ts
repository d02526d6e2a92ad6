// Messages that teach: the nearest known name, or the list of what there is.

import { closest, distance } from 'fastest-levenshtein';

/** ` (is it "bureau-ch"?)`, or ` (there is: a, b)`, or ` (there is none)`; starts with a space, to be appended to a message. */
export function suggest(value: string, known: Iterable<string>): string {
  const names = [...known];
  if (names.length === 0) return ' (there is none)';
  const nearest = closest(value, names);
  const near =
    nearest.startsWith(value) ||
    value.startsWith(nearest) ||
    isSwapped(value, nearest) ||
    distance(value, nearest) <= Math.max(1, Math.floor(value.length / 3));
  if (near) return ` (is it "${nearest}"?)`;
  const shown = names.slice(0, 10).join(', ');
  return ` (there is: ${shown}${names.length > 10 ? ', …' : ''})`;
}

/** Two neighbouring characters in the wrong order, the commonest slip: `titel` for `title`. */
function isSwapped(value: string, other: string): boolean {
  const at = Array.from({ length: value.length }, (_, index) => index).findIndex((index) => value[index] !== other[index]);
  return at !== -1 && `${value.slice(0, at)}${value.slice(at + 1, at + 2)}${value.slice(at, at + 1)}${value.slice(at + 2)}` === other;
}
