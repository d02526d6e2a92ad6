// What belongs to each set of label values. Values are looked up one after the other: a text made of all of them would have to be made and
// hashed for each line.

export interface LabelNode<T> {
  /** By the value that comes next. */
  readonly next: Map<string, LabelNode<T>>;
  /** What belongs to the values up to here. */
  item: T | undefined;
}

export class LabelSets<T> {
  readonly root: LabelNode<T> = { next: new Map(), item: undefined };

  get(values: readonly string[]): T | undefined {
    let node: LabelNode<T> | undefined = this.root;
    for (const value of values) node = node?.next.get(value);
    return node?.item;
  }

  set(values: readonly string[], item: T): void {
    let node = this.root;
    for (const value of values) {
      const next: LabelNode<T> = node.next.get(value) ?? { next: new Map(), item: undefined };
      node.next.set(value, next);
      node = next;
    }
    node.item = item;
  }
}
