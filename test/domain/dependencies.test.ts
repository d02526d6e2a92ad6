// The graph of dependencies: what is reached, and the links that close cycles.

import { closure, cycles, dependencyName, type DependenciesOf } from '../../src/domain/dependencies.js';
import type { Dependency } from '../../src/domain/flow.js';
import { seeded } from '../random.js';

const flow = (name: string): Dependency => ({ kind: 'flow', name });

/** `{ a: 'b c' }`: a depends on b and c, all of them flows. */
function graph(links: Readonly<Record<string, string>>): { nodes: Dependency[]; of: DependenciesOf } {
  return {
    nodes: Object.keys(links).map(flow),
    of: ({ name }) =>
      (links[name] ?? '')
        .split(' ')
        .filter((word) => word !== '')
        .map(flow),
  };
}

const reach = (links: Readonly<Record<string, string>>, start: string) =>
  closure(flow(start), graph(links).of).map(({ name, direct }) => (direct ? name : `(${name})`));

const found = (links: Readonly<Record<string, string>>) => {
  const { nodes, of } = graph(links);
  return cycles(nodes, of).map(({ chain, closedBy, index }) => `${chain.map(({ name }) => name).join('→')} by ${closedBy.name}[${index}]`);
};

describe('NE8: what something depends on in the end', () => {
  test('is what it names itself, and what these depend on, each once', () => {
    expect(reach({ a: 'b c', b: 'd', c: 'd e', d: 'e' }, 'a')).toEqual(['b', 'c', '(d)', '(e)']);
  });

  test('is direct where it is named, also where it is reached by a longer way as well', () => {
    expect(reach({ a: 'b c', b: 'c' }, 'a')).toEqual(['b', 'c']);
    expect(reach({ a: 'c b', c: 'b' }, 'a')).toEqual(['c', 'b']);
  });

  test('does not hold itself, and ends where there are cycles', () => {
    expect(reach({ a: 'b', b: 'c', c: 'a b' }, 'a')).toEqual(['b', '(c)']);
    expect(reach({ a: 'a' }, 'a')).toEqual([]);
  });

  test('tells things of different kinds and the same name apart', () => {
    const twin: Dependency = { kind: 'platform', name: 'x' };

    expect(closure(flow('x'), (node) => (node.kind === 'flow' ? [twin] : []))).toEqual([{ kind: 'platform', name: 'x', direct: true }]);
  });
});

describe('NE8: cycles', () => {
  test('are written out, with the link that closes them', () => {
    expect(found({ a: 'x b', b: 'c', c: 'y z a' })).toEqual(['a→b→c→a by c[2]']);
    expect(found({ a: 'a' })).toEqual(['a→a by a[0]']);
  });

  test('are each told once, wherever they are entered from', () => {
    expect(found({ enter: 'b', a: 'b', b: 'a', c: 'd', d: 'c' })).toEqual(['b→a→b by a[0]', 'c→d→c by d[0]']);
  });

  test('are none where two ways lead to the same', () => {
    expect(found({ a: 'b c', b: 'd', c: 'd', d: '' })).toEqual([]);
  });

  test('are all found in graphs at random: without the links that close them nothing leads back', () => {
    const random = seeded(8);
    for (let round = 0; round < 300; round += 1) {
      const names = Array.from({ length: 7 }, (_, index) => `n${index}`);
      const links = Object.fromEntries(names.map((name) => [name, names.filter(() => random() < 0.25)]));
      const of: DependenciesOf = ({ name }) => (links[name] ?? []).map(flow);
      const closing = new Set(cycles(names.map(flow), of).map(({ closedBy, index }) => `${closedBy.name} ${index}`));

      const without: DependenciesOf = (node) => of(node).filter((_, index) => !closing.has(`${node.name} ${index}`));

      const returns = names.filter((name) =>
        without(flow(name)).some((next) => [next, ...closure(next, without)].some((one) => dependencyName(one) === `flow ${name}`)),
      );
      expect(returns).toEqual([]);
    }
  });
});
