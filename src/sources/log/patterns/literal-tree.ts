// Which literal ends at a place of a text, told by a few of its characters: to cut it out and to look it up would cost as much as the search.

/** What belongs to the literals that can end at a place. */
export interface Ending<T> {
  readonly item: T;
  /** The length of the longest of them. */
  readonly length: number;
}

/** Tells literals apart by one character, so many places before the end. */
interface Fork<T> {
  readonly before: number;
  readonly branches: Map<number, Fork<T> | Ending<T>>;
}

export class LiteralTree<T> {
  readonly #root: Fork<T> | Ending<T>;

  /** @param itemOf what belongs to literals that their last characters do not tell apart: one is the end of the other */
  constructor(literals: readonly string[], itemOf: (literals: readonly string[]) => T) {
    this.#root = grow(literals, itemOf);
  }

  /** @param end a place of the text at which one of the literals ends; elsewhere the answer may be anything */
  find(text: string, end: number): Ending<T> | undefined {
    let node: Fork<T> | Ending<T> | undefined = this.#root;
    while (node !== undefined && 'branches' in node) node = node.branches.get(text.charCodeAt(end - node.before));
    return node;
  }
}

function grow<T>(literals: readonly string[], itemOf: (literals: readonly string[]) => T): Fork<T> | Ending<T> {
  const before = bestPlace(literals);
  if (before === undefined) return { item: itemOf(literals), length: Math.max(...literals.map(({ length }) => length)) };
  const groups = Map.groupBy(literals, (literal) => literal.charCodeAt(literal.length - before));
  return { before, branches: new Map(Array.from(groups, ([code, group]) => [code, grow(group, itemOf)])) };
}

/** The place that tells most of them apart, counted from the end; undefined where none does. */
function bestPlace(literals: readonly string[]): number | undefined {
  const shortest = Math.min(...literals.map(({ length }) => length));
  let best: number | undefined;
  let most = 1;
  for (let before = 1; before <= shortest; before++) {
    const different = new Set(literals.map((literal) => literal.charCodeAt(literal.length - before))).size;
    if (different <= most) continue;
    best = before;
    most = different;
  }
  return best;
}
