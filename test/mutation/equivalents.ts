// Mutants that no input can tell from the rule they come from, each with the reason why.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Equivalent {
  /** As `nameOf()` of rule-mutants.ts names it. */
  readonly rule: string;
  /** As a run prints it. */
  readonly mutation: string;
  readonly reason: string;
}

export function equivalents(root: string): readonly Equivalent[] {
  const listed: readonly Equivalent[] | null = parse(readFileSync(join(root, 'test/mutation/equivalents.yml'), 'utf8'));
  return listed ?? [];
}
