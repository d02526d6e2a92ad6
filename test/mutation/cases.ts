// The tests of promtool, one by one, each with no more rules than it can see: so that a mutant meets many of them in little time.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import { parseDuration } from '../../src/domain/duration.js';
import { RULES, type Group, type Rule, type RuleFile } from './rule-mutants.js';

/** What promtool reads of a test; the rest is passed on as it is. */
interface PromtoolTest {
  readonly name?: string;
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
  /** Groups in the order of their evaluation, with the rules that the test can see. */
  readonly groups: readonly Group[];
  readonly rules: ReadonlySet<Rule>;
  /** Those that the test asks about itself. */
  readonly asked: ReadonlySet<Rule>;
  /** Evaluations of a rule that it takes, about: what it costs. */
  readonly evaluations: number;
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
  const known = new Visible(ordered.flatMap(({ rules }) => rules));
  return tests.map((test, index) => {
    const asked = known.namedBy(
      ...(test.alert_rule_test ?? []).map(({ alertname }) => `ALERTS{alertname="${alertname}"}`),
      ...(test.promql_expr_test ?? []).map(({ expr }) => expr),
    );
    const rules = known.closure(asked);
    return {
      name: `${file}: ${test.name ?? `test ${index + 1}`}`,
      evaluationInterval: evaluation_interval,
      test,
      groups: ordered
        .map((group) => ({ ...group, rules: group.rules.filter((rule) => rules.has(rule)) }))
        .filter((group) => group.rules.length > 0),
      rules,
      asked,
      evaluations: (lastTime(test) / (parseDuration(evaluation_interval ?? '1m') ?? 60_000)) * rules.size,
    };
  });
}

/** When it asks last, in milliseconds. */
function lastTime({ alert_rule_test = [], promql_expr_test = [] }: PromtoolTest): number {
  return Math.max(0, ...[...alert_rule_test, ...promql_expr_test].map(({ eval_time }) => parseDuration(eval_time) ?? 0));
}

/** Which rules others see, by the names in their texts: rather one too many than one too few. */
class Visible {
  readonly #rules: readonly Rule[];
  readonly #byRecord = new Map<string, Rule[]>();
  readonly #seen = new Map<Rule, readonly Rule[]>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    for (const rule of rules) {
      if (rule.record !== undefined) this.#byRecord.set(rule.record, [...(this.#byRecord.get(rule.record) ?? []), rule]);
    }
  }

  closure(rules: ReadonlySet<Rule>): Set<Rule> {
    const found = new Set(rules);
    for (const rule of found) {
      const seen = this.#seen.get(rule) ?? [...this.namedBy(rule.expr, ...Object.values(rule.annotations ?? {}))];
      this.#seen.set(rule, seen);
      for (const each of seen) found.add(each);
    }
    return found;
  }

  namedBy(...texts: readonly string[]): Set<Rule> {
    return new Set(texts.flatMap((text) => [...this.#records(text), ...this.#alerts(text)]));
  }

  #records(text: string): Rule[] {
    // A selector by a pattern of names may mean any of them.
    if (text.includes('__name__')) return [...this.#rules];
    return [...new Set(text.match(/[a-zA-Z_:][\w:]*/g))].flatMap((name) => this.#byRecord.get(name) ?? []);
  }

  #alerts(text: string): Rule[] {
    return [...text.matchAll(/\bALERTS(?:_FOR_STATE)?\b(?:\{(?<matchers>[^}]*)\})?/g)].flatMap(({ groups }) => {
      const match = /alertname\s*=(?<regex>~?)\s*(?<quote>["'])(?<name>.*?)\k<quote>/.exec(groups?.['matchers'] ?? '')?.groups;
      const pattern = match?.['regex'] === '~' ? new RegExp(`^(?:${match['name']})$`) : undefined;
      return this.#rules.filter(({ alert }) => {
        if (alert === undefined || !match) return alert !== undefined;
        return pattern ? pattern.test(alert) : alert === match['name'];
      });
    });
  }
}
