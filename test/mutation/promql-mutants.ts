// Expressions that differ from one of PromQL in one place: what a person could get wrong in it. Pure.

import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { formatDuration, parseDuration } from '../../src/domain/duration.js';

/** A change of one place of a text. */
export interface Mutation {
  /** What is done, with the text it is done to; unique within one text. */
  readonly what: string;
  readonly text: string;
}

interface Edit {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  Gtr: ['<', '>='],
  Gte: ['<', '>'],
  Lss: ['>', '<='],
  Lte: ['>', '<'],
  Eql: ['!='],
  Neq: ['=='],
};
const SETS: Readonly<Record<string, string>> = { And: 'unless', Unless: 'and' };
const AGGREGATIONS: Readonly<Record<string, string>> = { Max: 'min', Min: 'max', Sum: 'max', Bottomk: 'topk' };
const OVER_TIME: Readonly<Record<string, string>> = { MaxOverTime: 'min_over_time', MinOverTime: 'max_over_time' };

/**
 * Every mutation of the expression: a matcher or a label dropped, a comparison or a set operator flipped, a branch dropped, a number or a
 * duration changed, an aggregation swapped for another. Few of them may be no PromQL: `parses` tells.
 * @param constant metrics of which all series have the value 1: their greatest is their least
 */
export function mutateExpression(expr: string, constant: ReadonlySet<string>): Mutation[] {
  const edits: Edit[] = [];
  parser.parse(expr).iterate({ enter: ({ node }) => void edits.push(...editsOf(node, expr, constant)) });
  const texts = new Set([expr]);
  return numbered(edits).flatMap(({ what, from, to, by }) => {
    const text = expr.slice(0, from) + by + expr.slice(to);
    if (texts.has(text)) return [];
    texts.add(text);
    return [{ what, text }];
  });
}

/** Whether it is PromQL as far as its grammar goes; Prometheus refuses more. */
export function parses(expr: string): boolean {
  let sound = true;
  parser.parse(expr).iterate({ enter: ({ type }) => void (sound &&= !type.isError) });
  return sound;
}

/** The duration half as long again, and a third shorter. */
export function otherDurations(duration: string): string[] {
  const ms = parseDuration(duration) ?? 0;
  return [formatDuration(Math.max(1, Math.round(ms / 1500)) * 1000), formatDuration(Math.round((ms * 1.5) / 1000) * 1000)];
}

function editsOf(node: SyntaxNode, expr: string, constant: ReadonlySet<string>): Edit[] {
  const text = expr.slice(node.from, node.to);
  const replaced = (by: string): Edit => ({ what: `${text} → ${by}`, from: node.from, to: node.to, by });
  const name = node.name;
  if (name === 'LabelMatchers' || name === 'GroupingLabels') return items(node, expr);
  if (name === 'BinaryExpr') return branches(node, expr);
  if (name in COMPARISONS) return (COMPARISONS[name] ?? []).map(replaced);
  if (name in SETS) return [replaced(SETS[name] ?? '')];
  if (name in AGGREGATIONS && !(node.parent && sameValues(node, expr, constant))) return [replaced(AGGREGATIONS[name] ?? '')];
  if (name in OVER_TIME) return [replaced(OVER_TIME[name] ?? '')];
  if (name === 'NumberDurationLiteral') return otherNumbers(text).map(replaced);
  if (name === 'NumberDurationLiteralInDurationContext' && !isStep(node)) return otherDurations(text).map(replaced);
  return [];
}

/** Each element of a list dropped, with the comma beside it. */
function items(list: SyntaxNode, expr: string): Edit[] {
  const elements: SyntaxNode[] = [];
  for (let each = list.firstChild; each; each = each.nextSibling) elements.push(each);
  const before =
    expr
      .slice(Math.max(0, list.from - 30), list.from)
      .split('\n')
      .at(-1)
      ?.trimStart() ?? '';
  return elements.map((element, index) => {
    const next = elements[index + 1];
    const from = next ? element.from : (elements[index - 1]?.to ?? element.from);
    const what = `${before.split(' ').slice(-2).join(' ')}(… ${expr.slice(element.from, element.to)} …): dropped`;
    return { what, from, to: next ? next.from : element.to, by: '' };
  });
}

/** `a or b` becomes a, and b; `a and b` and `a unless b` become a. */
function branches(node: SyntaxNode, expr: string): Edit[] {
  const operator = node.getChild('Or') ?? node.getChild('And') ?? node.getChild('Unless');
  const [left, right] = [node.firstChild, node.lastChild];
  if (!operator || !left || !right) return [];
  const sides = operator.name === 'Or' ? [left, right] : [left];
  return sides.map((side) => {
    const lost = side === left ? expr.slice(operator.from, right.to) : expr.slice(left.from, operator.to);
    return { what: `${shortened(lost)}: dropped`, from: node.from, to: node.to, by: expr.slice(side.from, side.to) };
  });
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 90 ? line : `${line.slice(0, 42)} … ${line.slice(-42)}`;
}

/** A tenth more and less, of whole numbers at least one; of 0 and 1 their neighbours. */
function otherNumbers(text: string): string[] {
  const value = Number(text);
  if (Number.isNaN(value)) return otherDurations(text);
  if (value === 0) return ['1'];
  if (!Number.isInteger(value)) return [String(Number((value * 1.1).toPrecision(6))), String(Number((value / 1.1).toPrecision(6)))];
  return [String(Math.ceil(value * 1.1)), String(Math.min(value - 1, Math.floor(value / 1.1)))];
}

/** The step of a subquery is how finely it looks, not what it judges. */
function isStep(node: SyntaxNode): boolean {
  const duration = node.parent;
  return duration?.name === 'DurationExpr' && duration.parent?.name === 'SubqueryExpr' && duration.prevSibling?.name === 'DurationExpr';
}

/** Whether all that is aggregated has the value 1. */
function sameValues(operator: SyntaxNode, expr: string, constant: ReadonlySet<string>): boolean {
  if (operator.name !== 'Max' && operator.name !== 'Min') return false;
  const body = operator.parent?.parent?.getChild('FunctionCallBody');
  const metrics: string[] = [];
  let compares = false;
  body?.cursor().iterate(({ name, from, to }) => {
    if (from < body.from || to > body.to) return false;
    if (name === 'Identifier') metrics.push(expr.slice(from, to));
    compares ||= name === 'BoolModifier' || name === 'Add' || name === 'Mul';
    return true;
  });
  return metrics.length > 0 && !compares && metrics.every((metric) => constant.has(metric));
}

/** The second and later ones of the same description get a number. */
function numbered(edits: readonly Edit[]): Edit[] {
  const seen = new Map<string, number>();
  return edits.map((edit) => {
    const count = (seen.get(edit.what) ?? 0) + 1;
    seen.set(edit.what, count);
    return count === 1 ? edit : { ...edit, what: `${edit.what} (${count})` };
  });
}
