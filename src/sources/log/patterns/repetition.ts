// Where JavaScript and RE2 do not agree on what a repetition matches.

import type { AST } from '@eslint-community/regexpp';

/**
 * What there is of such in a pattern. JavaScript forgets at each repetition what the one before captured, and takes back one that matched
 * nothing (https://tc39.es/ecma262/#sec-runtime-semantics-repeatmatcher-abstract-operation); RE2 does neither.
 *
 * @returns what it is, a noun, and where; undefined if they agree
 */
export function repetitionProblem(
  pattern: AST.Pattern,
  kept: readonly AST.CapturingGroup[],
): { readonly what: string; readonly part: AST.Node } | undefined {
  for (const group of kept) {
    const around = ancestors(group);
    if (around.some((node, index) => node.type === 'Quantifier' && node.max > 1 && maySkip(around.slice(0, index)))) {
      return { what: 'a group that not every repetition sets', part: group };
    }
  }
  const part = optionalEmpties(pattern).find((quantifier) => isAmbiguous(quantifier, kept));
  return part && { what: 'the repetition of what may be empty', part };
}

/** From the inside to the outside. */
function ancestors(group: AST.CapturingGroup): AST.Node[] {
  const found: AST.Node[] = [];
  for (let node: AST.Node | null = group.parent; node !== null; node = node.parent) found.push(node);
  return found;
}

/** Whether what is within these can be left out. */
function maySkip(nodes: readonly AST.Node[]): boolean {
  return nodes.some((node) => (node.type === 'Quantifier' ? node.min === 0 : 'alternatives' in node && node.alternatives.length > 1));
}

/** Repetitions, beyond those that there must be, of what may be empty. */
function optionalEmpties(node: AST.Node): AST.Quantifier[] {
  const within = children(node).flatMap(optionalEmpties);
  return node.type === 'Quantifier' && node.max > node.min && mayBeEmpty(node.element) ? [node, ...within] : within;
}

/** Where there is but one way to match as much as possible, and nobody asks how it was shared out, it does not matter. */
function isAmbiguous(quantifier: AST.Quantifier, kept: readonly AST.CapturingGroup[]): boolean {
  if (kept.some((group) => ancestors(group).includes(quantifier))) return true;
  const isChoice = (node: AST.Node): boolean =>
    (node.type === 'Quantifier' && !node.greedy) ||
    ('alternatives' in node && node.alternatives.length > 1) ||
    children(node).some(isChoice);
  return isChoice(quantifier);
}

function mayBeEmpty(node: AST.Element | AST.Alternative): boolean {
  switch (node.type) {
    case 'Alternative':
      return node.elements.every(mayBeEmpty);
    case 'Group':
    case 'CapturingGroup':
      return node.alternatives.some(mayBeEmpty);
    case 'Quantifier':
      return node.min === 0 || mayBeEmpty(node.element);
    case 'Assertion':
    case 'Backreference':
      return true;
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      break;
  }
  return false;
}

function children(node: AST.Node): readonly (AST.Element | AST.Alternative)[] {
  if (node.type === 'Quantifier') return [node.element];
  if (node.type === 'Alternative') return node.elements;
  const isGroup = node.type === 'Pattern' || node.type === 'Group' || node.type === 'CapturingGroup';
  return isGroup ? node.alternatives : [];
}
