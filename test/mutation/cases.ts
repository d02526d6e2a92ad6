// The tests of promtool, one by one, each with no more rules than it can see: so that a mutant meets many of them in little time.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import { parseDuration } from '../../src/domain/duration.js';
import { RULES, type Group, type Mutant, type Rule, type RuleFile } from './rule-mutants.js';
import { answerable, reachableRules, readSeries, visibleRules, type InputSeries } from './visible.js';

/** What promtool reads of a test; the rest is passed on as it is. */
interface PromtoolTest {
  readonly name?: string;
  readonly input_series?: readonly { readonly series: string }[];
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly eval_time: string }[];
  readonly promql_expr_test?: readonly { readonly expr: string; readonly eval_time: string }[];
}

interface PromtoolFile {
  readonly rule_files: readonly string[];
  readonly evaluation_interval?: string;
  readonly group_eval_order?: readonly string[];
  readonly tests: readonly PromtoolTest[];
}

export interface Case {
  /** File and title. */
  readonly name: string;
  readonly evaluationInterval: string | undefined;
  readonly test: PromtoolTest;
  /** All groups that its file reads, in the order of their evaluation. */
  readonly groups: readonly Group[];
  readonly series: readonly InputSeries[];
  /** The expressions that it asks. */
  readonly asks: readonly string[];
  /** The rules that it may see, whatever series there are. */
  readonly reachable: ReadonlySet<Rule>;
  /** Those that the test asks about itself. */
  readonly asked: ReadonlySet<Rule>;
  /** When it asks for the last time, in the words of Prometheus. */
  readonly last: string;
  /** How often each rule is evaluated in it. */
  readonly steps: number;
  /** Evaluations of all rules that it sees, about: what it costs. */
  readonly evaluations: number;
}

/**
 * The groups with no more rules than the test sees where it asks for the expressions as well.
 * @param become what is evaluated in the place of a rule
 */
export function groupsWith(each: Case, exprs: readonly string[], become: (rule: Rule) => readonly Rule[]): Group[] {
  const seen = visibleRules(rulesOf(each.groups), each.series, [...each.asks, ...exprs]);
  return replaced(each.groups, (rule) => (seen.has(rule) ? become(rule) : []));
}

interface Sight {
  readonly seen: ReadonlySet<Rule>;
  readonly answerable: ReturnType<typeof answerable>;
}
const sights = new WeakMap<Case, Sight>();

function sightOf(each: Case): Sight {
  const known = sights.get(each);
  if (known) return known;
  const rules = rulesOf(each.groups);
  const sight = { seen: visibleRules(rules, each.series, each.asks), answerable: answerable(rules, each.series) };
  sights.set(each, sight);
  return sight;
}

/** Whether a mutant may say something that its rule does not, or the other way round, for all that is known without evaluating it. */
export function mayTell(each: Case, { original, rule: mutant }: Mutant): boolean {
  if (!each.reachable.has(original)) return false;
  const sight = sightOf(each);
  return sight.seen.has(original) || (!sight.answerable.alive(original) && sight.answerable.of(mutant.expr));
}

/** The test with a mutant in the place of its rule, without what it asks that has nothing to do with the rule, and the rules that it sees then. */
export function withMutant(
  each: Case,
  { original, rule: mutant }: Mutant,
): { test: Pick<Case, 'evaluationInterval' | 'test'>; groups: Group[] } {
  const { test, evaluationInterval, series } = each;
  const concerned = (ask: string): boolean => reachableFrom(each, ask).has(original);
  const asked: PromtoolTest = {
    ...test,
    alert_rule_test: (test.alert_rule_test ?? []).filter(({ alertname }) => concerned(alertsNamed(alertname))),
    promql_expr_test: (test.promql_expr_test ?? []).filter(({ expr }) => concerned(expr)),
  };
  const groups = replaced(each.groups, (rule) => [rule === original ? mutant : rule]);
  const seen = visibleRules(rulesOf(groups), series, asksOf(asked));
  return { test: { evaluationInterval, test: asked }, groups: replaced(groups, (rule) => (seen.has(rule) ? [rule] : [])) };
}

/** The groups with others in the place of each rule, but for those of which nothing is left. */
function replaced(groups: readonly Group[], become: (rule: Rule) => readonly Rule[]): Group[] {
  return groups.map((group) => ({ ...group, rules: group.rules.flatMap(become) })).filter(({ rules }) => rules.length > 0);
}

const reached = new WeakMap<readonly Group[], Map<string, ReadonlySet<Rule>>>();

/** Many tests ask the same. */
function reachableFrom({ groups }: Case, ask: string): ReadonlySet<Rule> {
  const known = reached.get(groups) ?? new Map<string, ReadonlySet<Rule>>();
  reached.set(groups, known);
  const rules = known.get(ask) ?? reachableRules(rulesOf(groups), [ask]);
  known.set(ask, rules);
  return rules;
}

function rulesOf(groups: readonly Group[]): Rule[] {
  return groups.flatMap(({ rules }) => rules);
}

function asksOf({ alert_rule_test = [], promql_expr_test = [] }: PromtoolTest): string[] {
  return [...alert_rule_test.map(({ alertname }) => alertsNamed(alertname)), ...promql_expr_test.map(({ expr }) => expr)];
}

function alertsNamed(name: string): string {
  return `ALERTS{alertname="${name}"}`;
}

export function readCases(root: string, files: readonly RuleFile[]): Case[] {
  return globSync(`${RULES}/tests/*.yml`, { cwd: root })
    .toSorted()
    .flatMap((path) => {
      const content: PromtoolFile = parse(readFileSync(join(root, path), 'utf8'), { maxAliasCount: -1 });
      return casesOf(basename(path), content, files);
    });
}

function casesOf(
  file: string,
  { rule_files, evaluation_interval, group_eval_order = [], tests }: PromtoolFile,
  files: readonly RuleFile[],
): Case[] {
  const names = rule_files.map((path) => basename(path));
  const groups = files.filter(({ name }) => names.includes(name)).flatMap((each) => each.groups);
  const ordered = groups.toSorted((a, b) => group_eval_order.indexOf(a.name) - group_eval_order.indexOf(b.name));
  const rules = rulesOf(ordered);
  return tests.map((test, index) => {
    const asks = asksOf(test);
    const series = (test.input_series ?? []).map((each) => readSeries(each.series));
    const last = lastTime(test);
    const steps = last / (parseDuration(evaluation_interval ?? '1m') ?? 60_000);
    return {
      name: `${file}: ${test.name ?? `test ${index + 1}`}`,
      evaluationInterval: evaluation_interval,
      test,
      groups: ordered,
      series,
      asks,
      reachable: reachableRules(rules, asks),
      asked: new Set(rules.filter((rule) => asks.some((text) => text.includes(rule.alert ?? rule.record ?? '')))),
      last: `${last}ms`,
      steps,
      evaluations: steps * visibleRules(rules, series, asks).size,
    };
  });
}

/** When it asks last, in milliseconds. */
function lastTime({ alert_rule_test = [], promql_expr_test = [] }: PromtoolTest): number {
  return Math.max(0, ...[...alert_rule_test, ...promql_expr_test].map(({ eval_time }) => parseDuration(eval_time) ?? 0));
}
