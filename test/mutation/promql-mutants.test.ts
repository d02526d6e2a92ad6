// What the mutation run changes of an expression, and what it leaves alone.

import { mutateExpression, otherDurations, parses } from './promql-mutants.js';

function texts(expr: string, constant: readonly string[] = []): string[] {
  return mutateExpression(expr, new Set(constant)).map(({ text }) => text);
}

describe('mutants of an expression', () => {
  test('drop each matcher and each label', () => {
    expect(texts('group by (a, b) (x{c="1", d=~"2"})')).toEqual([
      'group by (b) (x{c="1", d=~"2"})',
      'group by (a) (x{c="1", d=~"2"})',
      'group by (a, b) (x{d=~"2"})',
      'group by (a, b) (x{c="1"})',
    ]);
  });

  test('flip comparisons and set operators, and drop branches', () => {
    expect(texts('a > b')).toEqual(['a < b', 'a >= b']);
    expect(texts('a or b')).toEqual(['a', 'b']);
    expect(texts('a unless b')).toEqual(['a', 'a and b']);
  });

  test('change numbers by a tenth and durations by half, but not how finely a subquery looks', () => {
    expect(texts('x * 20')).toEqual(['x * 22', 'x * 18']);
    expect(texts('x * 0')).toEqual(['x * 1']);
    expect(texts('x[10m:1m] offset 1h')).toEqual([
      'x[6m40s:1m] offset 1h',
      'x[15m:1m] offset 1h',
      'x[10m:1m] offset 40m',
      'x[10m:1m] offset 1h30m',
    ]);
    expect(otherDurations('2m')).toEqual(['1m20s', '3m']);
  });

  test('swap aggregations, but not those of what has one value only', () => {
    expect(texts('max(x)')).toEqual(['min(x)']);
    expect(texts('sum(x)')).toEqual(['max(x)']);
    expect(texts('max(x)', ['x'])).toEqual([]);
    expect(texts('max(x) + sum(x)', ['x'])).toEqual(['max(x) + max(x)']);
  });

  test('have descriptions of their own, and are PromQL', () => {
    const mutants = mutateExpression('max by (a) (x{b="1"}[1m]) > 1 and on (a) max by (a) (x{b="1"}) > 1', new Set());

    expect(new Set(mutants.map(({ what }) => what)).size).toBe(mutants.length);
    expect(mutants.every(({ text }) => parses(text))).toBe(true);
    expect(parses('max by (')).toBe(false);
  });
});
