// What `vigie check` says of a regular expression that some texts would keep busy for minutes.

import { createRequire } from 'node:module';
import type { AST } from '@eslint-community/regexpp';
import type * as Scslre from 'scslre';
import { expandBlocks, type Expanded } from './blocks.js';
import { compileLinear, NotLinearError } from './linear.js';
import { rivalAlternatives } from './rivals.js';
import { FLAGS, parsePattern, type Syntax } from './syntax.js';

export interface RunawayProblem {
  /** The part that is to blame, why, what would be right, and what happens at run time. */
  readonly message: string;
  /** Some thirty characters are enough. Otherwise it takes a line of some thousand. */
  readonly exponential: boolean;
}

/**
 * Time to the power of two goes unreported: on a text of 10 KB it takes 0.06 to 0.1 s (measured on ten patterns), as every search for
 * `\s+$` does, and usual patterns are full of it: `status=(\d+).* took`. To the power of three it takes minutes.
 */
const DEGREE = 3;

/** Loaded for this only: 30 ms and 14 MB. */
let scslre: typeof Scslre | undefined;

function loadScslre(): typeof Scslre {
  const require: (name: string) => typeof Scslre = createRequire(import.meta.url);
  return require('scslre');
}

/**
 * Why the pattern can run away; undefined if there is no known reason. Finds what comes of repeating one character, which is nearly all that
 * there is.
 * @throws SyntaxError
 */
export function runawayProblem(source: string): RunawayProblem | undefined {
  const expanded = expandBlocks(source);
  const syntax = parsePattern(expanded.source);
  const reports = analyse(expanded.source);
  const exponential = rivalReason(syntax, expanded) ?? exponentialReason(reports, expanded, source);
  const reason = exponential ?? polynomialReason(reports, expanded);
  if (reason === undefined) return undefined;
  return { message: reason + consequence(syntax, expanded), exponential: exponential !== undefined };
}

function analyse(source: string): Scslre.Report[] {
  scslre ??= loadScslre();
  return scslre.analyse({ source, flags: FLAGS }).reports;
}

type Quote = (part: { readonly start: number; readonly end: number }) => string;

function rivalReason(syntax: Syntax, expanded: Expanded): string | undefined {
  const quote = quoting(expanded);
  const rivals = rivalAlternatives(syntax);
  if (rivals === undefined) return undefined;
  const { repetition, first, second, text } = rivals;
  return rivalry(quote(repetition), `${quote(first)} and ${quote(second)}`, text);
}

function exponentialReason(all: readonly Scslre.Report[], expanded: Expanded, source: string): string | undefined {
  const quote = quoting(expanded);
  const reports = all.filter((report) => report.exponential);
  const [report] = reports.toSorted((a, b) => rank(a) - rank(b));
  if (report === undefined || report.type === 'Move') return undefined;
  const worst = exponentially(report.character.pick);
  const example = expanded.source === source ? fixed(reports) : '';
  if (report.type === 'Self') {
    const { parentQuant, quant } = report;
    const better = `repeat one of the two only, or let each repetition begin with what ${quote(quant)} cannot match`;
    return `${quote(parentQuant)} ${worst}, as it repeats ${quote(quant)}, which repeats already: ${better}${example}`;
  }
  const { startQuant, endQuant } = report;
  const both = `${quote(startQuant)} and ${quote(endQuant)}`;
  return rivalry(quote(repetitionAround(startQuant, endQuant)), both, report.character.pick) + example;
}

function rivalry(repetition: string, both: string, text: string): string {
  return `${repetition} ${exponentially(text)}, as both ${both} in it match ${shown(text)}: let one of the two exclude it`;
}

function exponentially(text: string): string {
  return `can take exponential time (30 times ${shown(text)} can keep it busy for seconds, 40 for hours)`;
}

/** The pattern without what is wrong, if the library knows how to mend all of it. */
function fixed(reports: readonly Scslre.Report[]): string {
  const mended = reports.map((report) => report.fix()?.source).find((source) => source !== undefined && analyse(source).length === 0);
  return mended === undefined ? '' : `; the same without is "${mended}"`;
}

/** What repeats itself is the easiest to understand, of those the outermost. */
function rank(report: Scslre.Report): number {
  return report.type === 'Self' ? report.parentQuant.start - 1e6 : report.type === 'Trade' ? report.startQuant.start : 1e6;
}

/** The innermost repetition that both are in: it makes exponential what would be polynomial. */
function repetitionAround(first: AST.Node, second: AST.Node): AST.Node {
  for (let node: AST.Node | null = first.parent; node !== null; node = node.parent) {
    if (node.type === 'Quantifier' && node.start <= second.start && node.end >= second.end) return node;
  }
  return first;
}

function polynomialReason(reports: readonly Scslre.Report[], expanded: Expanded): string | undefined {
  const quote = quoting(expanded);
  const trades = reports.filter((report) => report.type === 'Trade');
  const rivals = mostRivals(trades.filter((trade) => canFail(trade, trades)));
  const [first] = rivals;
  const last = rivals.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const isTriedEverywhere = reports.some((report) => report.type === 'Move' && report.quant.start === first.start);
  if (rivals.length + (isTriedEverywhere ? 1 : 0) < DEGREE) return undefined;
  const pick = trades.find(({ startQuant }) => startQuant === first)?.character.pick ?? '';
  const names = rivals.map((rival) => quote(rival));
  const all = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  const everywhere = isTriedEverywhere ? ', from each position on' : '';
  return (
    `${quote(commonPart(first, last))} can take minutes on a line of 10 KB, as ${all} match ${shown(pick)} and all ways of sharing it out ` +
    `among them are tried${everywhere}: ${advice(rivals, quote)}`
  );
}

/** The most repetitions each of which can take characters from each other one. */
function mostRivals(trades: readonly Scslre.TradeReport[]): AST.Quantifier[] {
  const isTrade = (a: AST.Quantifier, b: AST.Quantifier) =>
    trades.some(({ startQuant, endQuant }) => (startQuant === a && endQuant === b) || (startQuant === b && endQuant === a));
  const quantifiers = [...new Set(trades.flatMap(({ startQuant, endQuant }) => [startQuant, endQuant]))].toSorted(
    (a, b) => a.start - b.start,
  );
  let most: AST.Quantifier[] = [];
  for (const [index, start] of quantifiers.entries()) {
    const rivals = [start];
    for (const next of quantifiers.slice(index + 1)) if (rivals.every((rival) => isTrade(rival, next))) rivals.push(next);
    if (rivals.length > most.length) most = rivals;
  }
  return most.length > 1 ? most : [];
}

/** Where a character separates the two, the first should stop there. */
function advice(rivals: readonly AST.Quantifier[], quote: Quote): string {
  for (const rival of rivals.slice(0, -1)) {
    const separator = following(rival);
    if (separator) return `let each stop where the next begins, e.g. "${excluding(separator.raw)}" in place of ${quote(rival)}`;
  }
  return 'join them, or let each exclude what the next one begins with';
}

/** The character that must come behind. */
function following(node: AST.Node): AST.Character | undefined {
  const { parent } = node;
  if (parent?.type !== 'Alternative') return undefined;
  const next = parent.elements[parent.elements.findIndex((element) => element === node) + 1];
  if (next?.type === 'Character') return next;
  const isLast = next === undefined && (parent.parent.type === 'Group' || parent.parent.type === 'CapturingGroup');
  return isLast ? following(parent.parent) : undefined;
}

function excluding(raw: string): string {
  return `[^${/^[\]^-]$/.test(raw) ? `\\${raw}` : raw}]*`;
}

/** From the first to the last, with the parentheses around them. */
function commonPart(first: AST.Node, last: AST.Node): { start: number; end: number } {
  for (let node: AST.Node | null = first; node !== null; node = node.parent) {
    if (node.type !== 'Alternative' || last.start < node.start || last.end > node.end) continue;
    const within = node.elements.filter(({ start, end }) => end > first.start && start < last.end);
    return { start: within[0]?.start ?? first.start, end: within.at(-1)?.end ?? last.end };
  }
  return { start: first.start, end: last.end };
}

/**
 * Once `.*` is reached, and nothing must come behind it, the pattern matches: nothing is tried again. The library thinks that it may be
 * where something may come, as in `(.*)\s*$`.
 */
function canFail({ endQuant }: Scslre.TradeReport, trades: readonly Scslre.TradeReport[]): boolean {
  return !trades.some(({ startQuant, endQuant: other }) =>
    [startQuant, other].some((quantifier) => quantifier.start <= endQuant.start && takesTheRest(quantifier)),
  );
}

function takesTheRest(quantifier: AST.Quantifier): boolean {
  const { min, max, element } = quantifier;
  return element.type === 'CharacterSet' && element.kind === 'any' && min === 0 && max === Infinity && isAtTheEnd(quantifier);
}

/** Whether the pattern needs nothing behind it. */
function isAtTheEnd(element: AST.Element): boolean {
  const { parent } = element;
  if (parent.type !== 'Alternative') return false;
  const index = parent.elements.findIndex((sibling) => sibling === element);
  if (!parent.elements.slice(index + 1).every(isOptional)) return false;
  const around = parent.parent;
  if (around.type === 'Pattern') return true;
  // Modifiers may make `.` stop at the end of a line.
  return around.type === 'CapturingGroup' || (around.type === 'Group' && around.modifiers === null) ? isAtTheEnd(around) : false;
}

/** Whether it can be passed over at the end of the text. */
function isOptional(element: AST.Element): boolean {
  if (element.type === 'Assertion') return element.kind === 'end';
  if (element.type === 'Quantifier') return element.min === 0;
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return false;
  return element.alternatives.some(({ elements }) => elements.every(isOptional));
}

/** What happens when it runs away. */
function consequence({ pattern, groups }: Syntax, expanded: Expanded): string {
  try {
    compileLinear(
      pattern,
      groups.filter(({ name }) => name !== null),
    );
    return '';
  } catch (error) {
    if (!(error instanceof NotLinearError)) throw error;
    const part = error.part === undefined ? '' : ` ${quoting(expanded)(error.part)}`;
    return `; when that happens, the pattern is switched off, as the linear engine does not know ${error.message}${part}`;
  }
}

function quoting({ quote }: Expanded): Quote {
  return ({ start, end }) => `"${quote(start, end)}"`;
}

function shown(character: string): string {
  return character === ' ' ? 'a blank' : JSON.stringify(character);
}
