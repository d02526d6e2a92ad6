// Numbers that look random and are the same for the same seed, so that a run can be repeated.

import { Random } from '../demo/random.js';

/** A number from 0 to 1, 1 left out. */
export type Chance = () => number;

/** All numbers equally likely. */
export function chanceOf(seed: number): Chance {
  const random = new Random(seed);
  return () => random.next();
}

/** A whole number of `least` to `most`, both included. */
export function between(chance: Chance, least: number, most: number): number {
  return least + Math.floor(chance() * (most - least + 1));
}

/** @throws Error for an empty list */
export function pick<T>(chance: Chance, values: readonly T[]): T {
  const value = values[Math.floor(chance() * values.length)];
  if (value === undefined) throw new Error('there is nothing to pick from');
  return value;
}

/** The same values in another order. */
export function shuffled<T>(chance: Chance, values: readonly T[]): T[] {
  const rest = [...values];
  return values.flatMap(() => rest.splice(Math.floor(chance() * rest.length), 1));
}
