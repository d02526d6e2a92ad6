// What is wrong with a PromQL expression, as far as its text tells: by the grammar of Prometheus' own editor, and by kinds of values.
// https://prometheus.io/docs/prometheus/latest/querying/basics/#expression-language-data-types

import { parser } from '@prometheus-io/lezer-promql';
import { shorten } from './words.js';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** `instant` and `scalar` can be computed with, `range` only given to a function. */
type Kind = 'instant' | 'range' | 'scalar' | 'string';

interface Problem {
  readonly at: number;
  readonly message: string;
}

/** Functions that take a range, as `rate(x[5m])`. https://prometheus.io/docs/prometheus/latest/querying/functions/ */
const RANGE_FUNCTION =
  /^(?:rate|irate|increase|delta|idelta|deriv|predict_linear|changes|resets|double_exponential_smoothing|\w+_over_time)$/;
const SCALAR_FUNCTION = /^(?:time|scalar|pi)$/;

/** @returns undefined where nothing is wrong with it; else what is, and where in the expression */
export function expressionProblem(expr: string): string | undefined {
  const tree = parser.parse(expr);
  const found = syntaxProblem(tree.topNode, expr) ?? kindProblem(tree.topNode, expr);
  if (!found) return undefined;
  const before = expr.slice(0, found.at).split('\n');
  return `${found.message}, at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} of the expression`;
}

/** The first place at which the grammar expects something else. */
function syntaxProblem(top: SyntaxNode, expr: string): Problem | undefined {
  let found: Problem | undefined;
  top.cursor().iterate(({ type, from }) => {
    if (!type.isError || found) return;
    const rest = expr.slice(from).trimStart();
    const at = expr.length - rest.length;
    const called = rest.startsWith('(') ? /\w+\s*$/.exec(expr.slice(0, at))?.[0] : undefined;
    if (called !== undefined) found = { at: at - called.length, message: `knows no function "${shorten(called.trim())}"` };
    else
      found = { at, message: rest === '' ? 'ends too early' : `is no PromQL: "${shorten(rest.split(/\s/)[0] ?? '')}" cannot stand there` };
  });
  return found;
}

function kindProblem(top: SyntaxNode, expr: string): Problem | undefined {
  const root = childrenOf(top).find(({ name }) => name !== 'LineComment');
  if (!root) return undefined;
  try {
    const kind = kindOf(root, expr);
    if (kind === 'instant') return undefined;
    const mends = {
      range: 'is a range: give it to a function, e.g. avg_over_time(x[5m])',
      scalar: 'is a number without labels: make a series of it, vector(…)',
      string: 'is a text, and no value',
    };
    return { at: root.from, message: mends[kind] };
  } catch (error) {
    if (error instanceof WrongKind) return error;
    throw error;
  }
}

class WrongKind extends Error implements Problem {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

/** @throws WrongKind where a function is given a range that takes none, or the other way round */
function kindOf(node: SyntaxNode, expr: string): Kind {
  const parts = childrenOf(node);
  switch (node.name) {
    case 'NumberDurationLiteral':
      return 'scalar';
    case 'StringLiteral':
      return 'string';
    case 'MatrixSelector':
      return 'range';
    case 'SubqueryExpr':
      for (const part of parts.slice(0, 1)) void kindOf(part, expr);
      return 'range';
    case 'VectorSelector':
      return 'instant';
    case 'BinaryExpr':
      return binaryKind(parts, expr);
    case 'AggregateExpr':
      for (const one of argumentsOf(parts)) refuse(one, kindOf(one, expr), 'range', 'is a range, and an aggregation takes none');
      return 'instant';
    case 'FunctionCall':
      return callKind(node, parts, expr);
    default: {
      // ParenExpr, UnaryExpr, OffsetExpr, StepInvariantExpr: the kind of what they hold.
      const inner = parts.find(({ name }) => EXPRESSIONS.has(name));
      return inner ? kindOf(inner, expr) : 'instant';
    }
  }
}

const EXPRESSIONS: ReadonlySet<string> = new Set([
  'NumberDurationLiteral',
  'StringLiteral',
  'MatrixSelector',
  'SubqueryExpr',
  'VectorSelector',
  'BinaryExpr',
  'AggregateExpr',
  'FunctionCall',
  'ParenExpr',
  'UnaryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
]);

function binaryKind(parts: readonly SyntaxNode[], expr: string): Kind {
  const kinds = parts
    .filter(({ name }) => EXPRESSIONS.has(name))
    .map((one) => {
      const kind = kindOf(one, expr);
      refuse(one, kind, 'range', 'is a range, and cannot be computed with: give it to a function, e.g. rate(x[5m])');
      return kind;
    });
  return kinds.every((kind) => kind === 'scalar') ? 'scalar' : 'instant';
}

function callKind(node: SyntaxNode, parts: readonly SyntaxNode[], expr: string): Kind {
  const [identifier] = parts;
  const name = identifier ? expr.slice(identifier.from, identifier.to) : '';
  const given = argumentsOf(parts).map((one) => ({ one, kind: kindOf(one, expr) }));
  if (RANGE_FUNCTION.test(name)) {
    if (!given.some(({ kind }) => kind === 'range')) throw new WrongKind(node.from, `${name} takes a range, e.g. ${name}(x[5m])`);
  } else {
    for (const { one, kind } of given) refuse(one, kind, 'range', `is a range, and ${name} takes none`);
  }
  return SCALAR_FUNCTION.test(name) ? 'scalar' : 'instant';
}

function refuse(node: SyntaxNode, kind: Kind, refused: Kind, message: string): void {
  if (kind === refused) throw new WrongKind(node.from, message);
}

function argumentsOf(parts: readonly SyntaxNode[]): SyntaxNode[] {
  return parts
    .filter(({ name }) => name === 'FunctionCallBody')
    .flatMap(childrenOf)
    .filter(({ name }) => EXPRESSIONS.has(name));
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}
