// Whether the tests of the rules notice when a rule is wrong: each mutant of a rendered rule should fail one of them.

import { cpus } from 'node:os';
import { chanceOf, shuffled } from '../../torture/random.js';
import { mayTell, readCases, withMutant, type Case } from './cases.js';
import { different } from './copies.js';
import { equivalents } from './equivalents.js';
import { parses } from './promql-mutants.js';
import { failing, unreadable } from './promtool.js';
import { mutantsOf, readRuleFiles, type Mutant } from './rule-mutants.js';

export interface MutationOptions {
  /** Names of families; none: all. */
  readonly families: readonly string[];
  /** Of rules of this name only: that of the alert, or of the series that is recorded. */
  readonly rule?: string | undefined;
  /** So many of the mutants, chosen by the seed; undefined: all. */
  readonly sample: number | undefined;
  readonly seed: number;
  /** Leaves out tests that take more evaluations of a rule than this; undefined: none. */
  readonly most?: number | undefined;
}

export interface MutationResult {
  readonly mutants: number;
  readonly killed: number;
  readonly ratio: number;
  readonly survivors: readonly Mutant[];
}

/** Runs that take together no more evaluations of a rule share a process. */
const BATCH_EVALUATIONS = 4_000;

/**
 * @param tell hears of each test in which mutants were noticed, and at the end of each mutant that none noticed
 * @throws Error where a test fails without any mutant
 */
export async function mutateRules(
  root: string,
  { families, rule, sample, seed, most = Infinity }: MutationOptions,
  tell: (line: string) => void,
): Promise<MutationResult> {
  const files = readRuleFiles(root);
  const unknown = families.filter((name) => !files.some((file) => file.name === `${name}.yml`));
  if (unknown.length > 0) throw new Error(`no family of rules ${unknown.join(', ')}`);
  const chosen = files.filter(({ name }) => families.length === 0 || families.includes(name.replace('.yml', '')));
  const known = equivalents(root);
  const all = chosen
    .flatMap(mutantsOf)
    .filter(({ original }) => rule === undefined || original.alert === rule || original.record === rule)
    .filter(({ name, mutation }) => !known.some((each) => each.rule === name && each.mutation === mutation));
  const mutants = await readable(sample === undefined ? all : shuffled(chanceOf(seed), all).slice(0, sample));
  const cases = readCases(root, files).filter(({ evaluations }) => evaluations <= most);

  const left = await unnoticed(mutants, cases, tell);
  for (const { file, name, mutation } of left) tell(`survived: ${file}: ${name}: ${mutation}`);
  const count = mutants.length;
  const killed = count - left.length;
  return { mutants: count, killed, ratio: count === 0 ? 1 : Math.floor((killed / count) * 10_000) / 10_000, survivors: left };
}

async function readable(mutants: readonly Mutant[]): Promise<Mutant[]> {
  const parsed = mutants.filter(({ rule }) => parses(rule.expr));
  const refused = await unreadable(parsed.map(({ rule }) => rule));
  return parsed.filter(({ rule }) => !refused.has(rule));
}

/** The cheapest tests first, and those that ask about a rule itself before those that merely depend on it: they are more likely to notice. */
async function unnoticed(mutants: readonly Mutant[], cases: readonly Case[], tell: (line: string) => void): Promise<Mutant[]> {
  const left = new Set(mutants);
  const ordered = cases.toSorted((a, b) => a.evaluations - b.evaluations);
  for (const asking of [true, false]) {
    const queue = ordered.values();
    await Promise.all(
      Array.from({ length: Math.max(2, cpus().length) }, async () => {
        for (const each of queue) {
          const candidates = [...left].filter((mutant) => each.asked.has(mutant.original) === asking && mayTell(each, mutant));
          if (candidates.length === 0) continue;
          const suspects = (await different(each, candidates)).filter((mutant) => left.has(mutant));
          const noticed = await noticing(each, suspects);
          for (const mutant of noticed) left.delete(mutant);
          tell(`${each.name}: of ${candidates.length}, ${suspects.length} differ, ${noticed.length} are noticed; ${left.size} left`);
        }
      }),
    );
  }
  return mutants.filter((mutant) => left.has(mutant));
}

async function noticing(each: Case, mutants: readonly Mutant[]): Promise<Mutant[]> {
  const atOnce = Math.max(1, Math.floor(BATCH_EVALUATIONS / each.evaluations));
  const found: Mutant[] = [];
  for (let from = 0; from < mutants.length; from += atOnce) {
    const batch = mutants.slice(from, from + atOnce);
    const verdicts = await failing(batch.map((mutant) => withMutant(each, mutant)));
    found.push(...batch.filter((_, index) => verdicts[index]));
  }
  return found;
}
