// Leaves in a regular expression only the captures that are wanted: each costs time, and those with names twice as much.

import type { AST } from '@eslint-community/regexpp';
import type { Syntax } from './syntax.js';

export interface Captures {
  /** The regular expression with unnamed captures only. */
  readonly source: string;
  /** Where the groups that it captures begin in the original, in order: the first is the first element of a match after the whole. */
  readonly kept: readonly number[];
  /**
   * For each wanted name where in a match its text may be: none if there is no such group, several if alternatives share the name.
   * undefined if it is at the place of the name, so that a match can be taken as it is.
   */
  readonly places: readonly (readonly number[])[] | undefined;
}

export function capture(source: string, { groups, references }: Syntax, wanted: readonly string[]): Captures {
  const referred = new Set(references.flatMap(({ resolved }) => resolved));
  const kept = groups.filter((group) => referred.has(group) || (group.name !== null && wanted.includes(group.name)));
  const numbers = new Map(kept.map((group, index) => [group, index + 1]));
  const places = wanted.map((name) => kept.flatMap((group, index) => (group.name === name ? [index + 1] : [])));
  const isDirect = kept.length === wanted.length && places.every((place, index) => place.length === 1 && place[0] === index + 1);
  const edits = [
    ...groups.map((group) => ({ start: group.start, end: openingEnd(group), text: numbers.has(group) ? '(' : '(?:' })),
    ...references.map((reference) => ({ start: reference.start, end: reference.end, text: numbered(reference, numbers) })),
  ];
  return { source: edit(source, edits), kept: kept.map(({ start }) => start), places: isDirect ? undefined : places };
}

/** Where `(` or `(?<name>` ends. A name may be written with escapes, so that its length tells nothing. */
function openingEnd(group: AST.CapturingGroup): number {
  return group.start + (group.name === null ? 1 : group.raw.indexOf('>') + 1);
}

/** A reference by number; by several, if alternatives share the name: the one that took no part matches nothing. */
function numbered({ resolved }: AST.Backreference, numbers: ReadonlyMap<AST.CapturingGroup, number>): string {
  const groups = Array.isArray(resolved) ? resolved : [resolved];
  // In a group, as a digit may follow.
  return `(?:${groups.map((group) => `\\${numbers.get(group) ?? 0}`).join('')})`;
}

function edit(source: string, edits: readonly { start: number; end: number; text: string }[]): string {
  let edited = '';
  let done = 0;
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    edited += source.slice(done, start) + text;
    done = end;
  }
  return edited + source.slice(done);
}
