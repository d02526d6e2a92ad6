// Which mutants say something else than their rule in the course of a test: all of them are evaluated beside the rule, in one run. A mutant
// that says the same at all times cannot fail the test; of the others a run of their own tells.

import { groupsWith, type Case } from './cases.js';
import { faults } from './promtool.js';
import type { Group, Mutant, Rule } from './rule-mutants.js';

/** So many evaluations of copies there may be in one run, about: longer ones are hard to stop, and start anew for each error of a copy. */
const EVALUATIONS = 400_000;
const COPY = 'mutation_copy';
/** Once it is there it stays. */
const DIFFERENT = 'mutation_different';
/** Of rules rather than mutants: whether they ever say anything. */
const SAYS = 'mutation_says';

/** @throws Error where the test fails without any mutant */
export async function different(test: Case, mutants: readonly Mutant[]): Promise<Mutant[]> {
  const found: Mutant[] = [];
  const most = Math.max(20, Math.floor(EVALUATIONS / test.steps));
  for (let from = 0; from < mutants.length; from += most) found.push(...(await differentAtOnce(test, mutants.slice(from, from + most))));
  return found;
}

async function differentAtOnce(test: Case, mutants: readonly Mutant[]): Promise<Mutant[]> {
  const failed = new Set<Mutant>();
  for (;;) {
    const copies = new Copies(mutants.filter((mutant) => !failed.has(mutant)));
    const groups = groupsWith(test, copies.exprs, (rule) => [...copies.of(rule), rule]);
    const fault = await faults({ test: { ...test, test: copies.asking(test) }, groups: [...groups, copies.comparisons] });
    const culprits = copies.failing(fault);
    if (culprits.length === 0) {
      if (!copies.areOnlyIn(fault)) throw new Error(`fails without any mutant: ${test.name}\n${fault}`);
      return [...failed, ...copies.differentIn(fault)];
    }
    for (const mutant of culprits) failed.add(mutant);
  }
}

/** Rules that record what each rule, and what each of its mutants says; they are evaluated just before the rule. */
class Copies {
  readonly #mutants: readonly Mutant[];
  readonly #originals: readonly Rule[];

  constructor(mutants: readonly Mutant[]) {
    this.#mutants = mutants;
    this.#originals = [...new Set(mutants.map(({ original }) => original))];
  }

  get exprs(): string[] {
    return this.#mutants.map(({ rule }) => rule.expr);
  }

  of(original: Rule): Rule[] {
    const index = this.#originals.indexOf(original);
    if (index < 0) return [];
    const mutants = this.#mutants.flatMap((mutant, number) =>
      mutant.original === original && isOfExpression(mutant) ? [copy(mutant.rule, `${COPY}_m${number}`)] : [],
    );
    return [copy(original, `${COPY}_o${index}`), ...mutants];
  }

  /** What a copy says that the other does not, or otherwise. */
  get comparisons(): Group {
    const says = this.#originals.map((_, index) => lasting(SAYS, 'rule', index, `${COPY}_o${index}`));
    const differences = this.#mutants.flatMap((mutant, number) => {
      if (!isOfExpression(mutant)) return [];
      const [mine, other] = [`${COPY}_m${number}`, `${COPY}_o${this.#originals.indexOf(mutant.original)}`];
      return [lasting(DIFFERENT, 'mutant', number, `(${mine} unless ${other}) or (${other} unless ${mine}) or (${mine} != ${other})`)];
    });
    return { name: 'mutation-comparisons', rules: [...says, ...differences] };
  }

  /** The test, asking as well what differs in the end: promtool prints what it did not expect. */
  asking({ test, last }: Case): Case['test'] {
    const asks = [SAYS, DIFFERENT].map((expr) => ({ expr, eval_time: last, exp_samples: [] }));
    return { ...test, promql_expr_test: [...(test.promql_expr_test ?? []), ...asks] };
  }

  /** A mutant of anything but the expression is different where there is something to say. */
  differentIn(fault: string): Mutant[] {
    const says = numbersIn(fault, `${SAYS}", rule="`);
    const differ = numbersIn(fault, `${DIFFERENT}", mutant="`);
    return this.#mutants.filter((mutant, number) =>
      isOfExpression(mutant) ? differ.has(number) : says.has(this.#originals.indexOf(mutant.original)),
    );
  }

  /** Those that cannot be evaluated. */
  failing(fault: string): Mutant[] {
    return [...numbersIn(fault, `rule: ${COPY}_m`)].flatMap((number) => this.#mutants[number] ?? []);
  }

  /** Whether promtool finds no other fault. */
  areOnlyIn(fault: string): boolean {
    const expected = new RegExp(`expr: "(${SAYS}|${DIFFERENT})"`);
    return fault
      .split('\n')
      .filter((line) => /^\s*(expr:|alertname:|rule:|.*\berr)/.test(line))
      .every((line) => expected.test(line));
  }
}

function isOfExpression({ rule, original }: Mutant): boolean {
  return rule.expr !== original.expr;
}

function copy(rule: Rule, record: string): Rule {
  return { record, expr: rule.expr, ...(rule.record !== undefined && rule.labels && { labels: rule.labels }) };
}

function lasting(record: string, label: string, number: number, expr: string): Rule {
  const before = `last_over_time(${record}{${label}="${number}"}[1d])`;
  return { record, labels: { [label]: String(number) }, expr: `vector(1) and on () (${expr} or ${before})` };
}

function numbersIn(text: string, before: string): Set<number> {
  return new Set([...text.matchAll(new RegExp(`${before}(\\d+)`, 'g'))].map(([, number]) => Number(number)));
}
