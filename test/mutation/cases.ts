// The tests of promtool, one by one, each with no more rules than it can see: so that a mutant meets many of them in little time.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import { parseDuration } from '../../src/domain/duration.js';
import { RULES, type Group, type Mutant, type Rule, type RuleFile } from './rule-mutants.js';
import { reachableRules, readSeries, visibleRules, type InputSeries } from './visible.js';

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
  /** Those that its series let it see, and those that it would see with others. */
  readonly seen: ReadonlySet<Rule>;
  readonly reachable: ReadonlySet<Rule>;
  /** Those that the test asks about itself. */
  readonly asked: ReadonlySet<Rule>;
  /** Evaluations of a rule that it takes, about: what it costs. */
  readonly evaluations: number;
}

/** The groups with no more rules than the test can see, one of them in the place of another; undefined where it sees neither. */
export function groupsSeen({ groups, series, asks, seen: before, reachable }: Case, mutant?: Mutant): Group[] | undefined {
  if (mutant && !reachable.has(mutant.original)) return undefined;
  const replaced = groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => (rule === mutant?.original ? mutant.rule : rule)),
  }));
  const seen = visibleRules(
    replaced.flatMap(({ rules }) => rules),
    series,
    asks,
  );
  if (mutant && !seen.has(mutant.rule) && !before.has(mutant.original)) return undefined;
  return replaced
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => seen.has(rule)) }))
    .filter((group) => group.rules.length > 0);
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
  return tests.map((test, index) => {
    const asks = [
      ...(test.alert_rule_test ?? []).map(({ alertname }) => `ALERTS{alertname="${alertname}"}`),
      ...(test.promql_expr_test ?? []).map(({ expr }) => expr),
    ];
    const series = (test.input_series ?? []).map((each) => readSeries(each.series));
    const rules = ordered.flatMap((group) => group.rules);
    const seen = visibleRules(rules, series, asks);
    return {
      name: `${file}: ${test.name ?? `test ${index + 1}`}`,
      evaluationInterval: evaluation_interval,
      test,
      groups: ordered,
      series,
      asks,
      seen,
      reachable: reachableRules(rules, asks),
      asked: new Set(rules.filter((rule) => asks.some((text) => text.includes(rule.alert ?? rule.record ?? '')))),
      evaluations: (lastTime(test) / (parseDuration(evaluation_interval ?? '1m') ?? 60_000)) * seen.size,
    };
  });
}

/** When it asks last, in milliseconds. */
function lastTime({ alert_rule_test = [], promql_expr_test = [] }: PromtoolTest): number {
  return Math.max(0, ...[...alert_rule_test, ...promql_expr_test].map(({ eval_time }) => parseDuration(eval_time) ?? 0));
}
