// Which rules a test can see: those that it asks about, and those that they read, as far as its series can have anything to say in them.
// Rather one too many than one too few.

import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Rule } from './rule-mutants.js';

/** A series that a test gives. */
export interface InputSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** `name{label="value", …}` */
export function readSeries(text: string): InputSeries {
  const name = /^[^{\s]*/.exec(text)?.[0] ?? '';
  const labels = [...text.matchAll(/(?<label>\w+)\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)')/g)].map(
    ({ groups }): [string, string] => [groups?.['label'] ?? '', groups?.['double'] ?? groups?.['single'] ?? ''],
  );
  return { name, labels: Object.fromEntries(labels) };
}

/** As much of an expression as it takes to tell whether it may have a result. */
type Expression =
  | { readonly kind: 'selector'; readonly metric: string; readonly matchers: string }
  /** `all`: only where each of its parts may have one; `unless`: where the first may. */
  | { readonly kind: 'all' | 'or' | 'unless' | 'always'; readonly parts: readonly Expression[] };

const parsed = new Map<string, Expression>();

function read(text: string): Expression {
  const known = parsed.get(text) ?? simplified(parser.parse(text).topNode, text);
  parsed.set(text, known);
  return known;
}

/** These have an answer where there is no series. */
const OF_NOTHING = new Set(['Absent', 'AbsentOverTime', 'Scalar', 'Vector', 'Time']);

function simplified(node: SyntaxNode, text: string): Expression {
  if (node.name === 'VectorSelector') {
    const identifier = node.getChild('Identifier');
    if (!identifier) return { kind: 'selector', metric: '', matchers: '' };
    return { kind: 'selector', metric: text.slice(identifier.from, identifier.to), matchers: text.slice(identifier.to, node.to) };
  }
  const parts: Expression[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    const part = simplified(child, text);
    // Numbers, labels and operators are always there.
    if (part.kind !== 'all' || part.parts.length > 0) parts.push(part);
  }
  if (node.name === 'FunctionCall' && OF_NOTHING.has(node.firstChild?.firstChild?.name ?? '')) return { kind: 'always', parts };
  if (node.name === 'BinaryExpr' && node.getChild('Or')) return { kind: 'or', parts };
  if (node.name === 'BinaryExpr' && node.getChild('Unless')) return { kind: 'unless', parts };
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'all', parts };
}

/** What is reached by names alone, whatever series there are. */
export function reachableRules(rules: readonly Rule[], texts: readonly string[]): Set<Rule> {
  return visibleRules(rules, undefined, texts);
}

/** @param texts what the test asks: expressions. @returns the rules of the list that it can see */
export function visibleRules(rules: readonly Rule[], series: readonly InputSeries[] | undefined, texts: readonly string[]): Set<Rule> {
  const world = new World(rules, series);
  const found = new Set(world.readBy(texts));
  for (const rule of found) {
    for (const each of world.readBy([rule.expr])) found.add(each);
    for (const each of world.namedIn(Object.values(rule.annotations ?? {}))) found.add(each);
  }
  return found;
}

/** @returns whether an expression may have a result, by the series there are and what the rules record */
export function answerable(
  rules: readonly Rule[],
  series: readonly InputSeries[],
): { of: (expr: string) => boolean; alive: (rule: Rule) => boolean } {
  const world = new World(rules, series);
  return { of: (expr) => world.mayHaveResult(expr), alive: (rule) => world.isAlive(rule) };
}

class World {
  /** Undefined: any there may be. */
  readonly #series: ReadonlyMap<string, readonly InputSeries[]> | undefined;
  readonly #records: ReadonlyMap<string, readonly Rule[]>;
  readonly #alerts: readonly Rule[];
  /** Rules that may have a result. */
  readonly #alive = new Set<Rule>();

  constructor(rules: readonly Rule[], series: readonly InputSeries[] | undefined) {
    this.#series = series && Map.groupBy(series, ({ name }) => name);
    this.#records = Map.groupBy(rules, ({ record = '' }) => record);
    this.#alerts = rules.filter(({ alert }) => alert !== undefined);
    let before;
    do {
      before = this.#alive.size;
      for (const rule of rules) if (!this.#alive.has(rule) && this.#mayBe(read(rule.expr))) this.#alive.add(rule);
    } while (this.#alive.size > before);
  }

  mayHaveResult(expr: string): boolean {
    return this.#mayBe(read(expr));
  }

  isAlive(rule: Rule): boolean {
    return this.#alive.has(rule);
  }

  /** What the parts of the expressions read that may have a result. */
  readBy(texts: readonly string[]): Rule[] {
    const found: Rule[] = [];
    for (const text of texts) this.#collect(read(text), found);
    return found;
  }

  /** Templates query as well: by the names in them. */
  namedIn(texts: readonly string[]): Rule[] {
    const all = texts.join('\n');
    const records = [...new Set(all.match(/[a-zA-Z_][\w:]*/g))].flatMap((name) => this.#records.get(name) ?? []);
    const named = all.includes('ALERTS') ? this.#alerts.filter(({ alert = '' }) => all.includes(alert)) : [];
    return [...records, ...named].filter((rule) => this.#alive.has(rule));
  }

  #mayBe(expression: Expression): boolean {
    if (expression.kind === 'selector') return this.#selects(expression.metric, expression.matchers) !== undefined;
    const { kind, parts } = expression;
    if (kind === 'always') return true;
    if (kind === 'or') return parts.some((part) => this.#mayBe(part));
    if (kind === 'unless') return parts[0] === undefined || this.#mayBe(parts[0]);
    return parts.every((part) => this.#mayBe(part));
  }

  #collect(expression: Expression, found: Rule[]): void {
    if (!this.#mayBe(expression)) return;
    if (expression.kind === 'selector') found.push(...(this.#selects(expression.metric, expression.matchers) ?? []));
    else for (const part of expression.parts) this.#collect(part, found);
  }

  /** The rules that it reads; undefined where there is nothing for it to select. */
  #selects(metric: string, matchers: string): readonly Rule[] | undefined {
    if (metric === '') return [...this.#alive];
    const rules = /^ALERTS(_FOR_STATE)?$/.test(metric) ? this.#named(matchers) : (this.#records.get(metric) ?? []);
    const alive = rules.filter((rule) => this.#alive.has(rule));
    if (alive.length > 0 || !this.#series) return alive;
    return (this.#series.get(metric) ?? []).some(({ labels }) => fits(matchers, labels)) ? alive : undefined;
  }

  #named(matchers: string): readonly Rule[] {
    const match = /alertname\s*=(?<regex>~?)\s*(?<quote>["'])(?<name>.*?)\k<quote>/.exec(matchers)?.groups;
    if (!match) return this.#alerts;
    const pattern = match['regex'] === '~' ? new RegExp(`^(?:${match['name']})$`) : undefined;
    return this.#alerts.filter(({ alert = '' }) => (pattern ? pattern.test(alert) : alert === match['name']));
  }
}

/** Only by matchers of one value that is not empty. */
function fits(matchers: string, labels: Readonly<Record<string, string>>): boolean {
  return [...matchers.matchAll(/(?<label>\w+)\s*=\s*(?<quote>["'])(?<value>[^"']+)\k<quote>/g)].every(
    ({ groups }) => labels[groups?.['label'] ?? ''] === groups?.['value'],
  );
}
