// The graph of what depends on what: all that a flow depends on in the end, and cycles in it. Pure.

import type { Dependency } from './flow.js';

/** Something that flows have in common and that is no partner: a database, a queue, a file server. */
export interface Platform {
  readonly name: string;
  readonly title: string;
  readonly dependsOn: readonly Dependency[];
}

/** A dependency, and whether it is named itself or comes through another one. */
export interface Reached extends Dependency {
  readonly direct: boolean;
}

/** What something depends on itself; nothing for endpoints, and for what is not declared. */
export type DependenciesOf = (node: Dependency) => readonly Dependency[];

/** `flow factures-tge`, as the YAML writes it. */
export function dependencyName({ kind, name }: Dependency): string {
  return `${kind} ${name}`;
}

/** All that something depends on, what is nearest first, each once. Ends also where there are cycles. */
export function closure(start: Dependency, of: DependenciesOf): Reached[] {
  const reached = new Map<string, Reached>([[dependencyName(start), { ...start, direct: false }]]);
  let direct = true;
  for (let ring: readonly Dependency[] = of(start); ring.length > 0; ring = ring.flatMap(of), direct = false) {
    ring = ring.filter((node) => !reached.has(dependencyName(node)));
    for (const { kind, name } of ring) reached.set(`${kind} ${name}`, { kind, name, direct });
  }
  return [...reached.values()].slice(1);
}

/** A cycle, from the one that names another one before it in the chain: `a → b → a` ends with the link from b to a. */
export interface Cycle {
  /** The first is the last. */
  readonly chain: readonly Dependency[];
  /** What names the first of the chain and so closes it, and where in its list. */
  readonly closedBy: Dependency;
  readonly index: number;
}

/** The links that close cycles, one cycle for each: without them there is none. */
export function cycles(nodes: readonly Dependency[], of: DependenciesOf): Cycle[] {
  const found: Cycle[] = [];
  const done = new Set<string>();
  const visit = (node: Dependency, chain: readonly Dependency[]): void => {
    const path = [...chain, node];
    for (const [index, next] of of(node).entries()) {
      const begin = path.findIndex((one) => dependencyName(one) === dependencyName(next));
      if (begin >= 0) found.push({ chain: [...path.slice(begin), next], closedBy: node, index });
      else if (!done.has(dependencyName(next))) visit(next, path);
    }
    done.add(dependencyName(node));
  };
  for (const node of nodes) if (!done.has(dependencyName(node))) visit(node, []);
  return found;
}
