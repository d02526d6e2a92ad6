// Whether the tests of the rules notice when a rule is wrong: each mutant of a rendered rule should fail one of them.

import { cpus } from 'node:os';
import { chanceOf, shuffled } from '../../torture/random.js';
import { groupsSeen, readCases, type Case } from './cases.js';
import { equivalents } from './equivalents.js';
import { parses } from './promql-mutants.js';
import { runCases } from './promtool.js';
import { mutantsOf, readRuleFiles, type Mutant } from './rule-mutants.js';

export interface MutationOptions {
  /** Names of families; none: all. */
  readonly families: readonly string[];
  /** Of rules of this name only: that of the alert, or of the series that is recorded. */
  readonly rule?: string | undefined;
  /** So many of the mutants, chosen by the seed; undefined: all. */
  readonly sample: number | undefined;
  readonly seed: number;
  /** The tests are known to pass without a mutant: they are not run without one. Default false. */
  readonly trusted?: boolean;
  /** Ends after so many seconds, with those that were judged until then; undefined: never. */
  readonly seconds?: number | undefined;
  /** Leaves out tests that take more evaluations of a rule than this; undefined: none. */
  readonly most?: number | undefined;
}

export interface MutationResult {
  readonly mutants: number;
  readonly killed: number;
  readonly ratio: number;
  readonly survivors: readonly Mutant[];
}

/** Tests that take together no more evaluations of a rule share a process; one that fails spares the later ones. */
const BATCH_EVALUATIONS = 1_000;

/**
 * @param tell hears of each mutant that no test notices
 * @throws Error where a test fails without any mutant
 */
export async function mutateRules(
  root: string,
  { families, rule, sample, seed, seconds = Infinity, most = Infinity, trusted = false }: MutationOptions,
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
  const mutants = sample === undefined ? all : shuffled(chanceOf(seed), all).slice(0, sample);
  const tests = new Tests(
    readCases(root, files).filter(({ evaluations }) => evaluations <= most),
    trusted,
  );

  const survivors: Mutant[] = [];
  let killed = 0;
  const end = performance.now() + seconds * 1000;
  const queue = mutants.values();
  await Promise.all(
    Array.from({ length: Math.max(2, cpus().length) }, async () => {
      for (const mutant of queue) {
        if (performance.now() > end) return;
        const verdict = await tests.judge(mutant);
        if (verdict === 'failed') killed++;
        if (verdict !== 'passed') continue;
        survivors.push(mutant);
        tell(`survived: ${mutant.file}: ${mutant.name}: ${mutant.mutation}`);
      }
    }),
  );
  const count = killed + survivors.length;
  return { mutants: count, killed, ratio: count === 0 ? 1 : Math.floor((killed / count) * 10_000) / 10_000, survivors };
}

class Tests {
  readonly #cases: readonly Case[];
  /** Of each test whether it passes without a mutant, of those that have been run. */
  readonly #checked = new Map<Case, Promise<void>>();

  readonly #trusted: boolean;

  /** The cheapest first. */
  constructor(cases: readonly Case[], trusted: boolean) {
    this.#trusted = trusted;
    this.#cases = cases.toSorted((a, b) => a.evaluations - b.evaluations);
  }

  /** First those that ask about the rule itself: they are the most likely to notice. */
  async judge(mutant: Mutant): Promise<'passed' | 'failed' | 'invalid'> {
    if (!parses(mutant.rule.expr)) return 'invalid';
    const seeing = this.#cases.filter((each) => groupsSeen(each, mutant) !== undefined);
    const asking = seeing.filter(({ asked }) => asked.has(mutant.original));
    const others = seeing.filter(({ asked }) => !asked.has(mutant.original));
    for (const batch of [...batches(asking), ...batches(others)]) {
      if (!this.#trusted) for (const each of batch) await this.#check(each);
      const { verdict } = await runCases(batch, mutant);
      if (verdict !== 'passed') return verdict;
    }
    return 'passed';
  }

  #check(each: Case): Promise<void> {
    const known = this.#checked.get(each) ?? check(each);
    this.#checked.set(each, known);
    return known;
  }
}

function batches(cases: readonly Case[]): Case[][] {
  const all: Case[][] = [];
  let room = 0;
  for (const each of cases) {
    if (all.length === 0 || room < each.evaluations) {
      all.push([]);
      room = BATCH_EVALUATIONS;
    }
    all.at(-1)?.push(each);
    room -= each.evaluations;
  }
  return all;
}

async function check(each: Case): Promise<void> {
  const { verdict, output } = await runCases([each]);
  if (verdict !== 'passed') throw new Error(`fails without any mutant: ${each.name}\n${output}`);
}
