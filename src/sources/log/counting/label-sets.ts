// What belongs to each set of label values. Values are looked up one after the other: a text made of all of them would have to be made and
// hashed for each line.

export class LabelSets<T> {
  readonly #children = new Map<string, LabelSets<T>>();
  /** What belongs to the values up to here. */
  item: T | undefined;

  /** The part in which this value comes next. */
  next(value: string): LabelSets<T> | undefined {
    return this.#children.get(value);
  }

  get(values: readonly string[]): T | undefined {
    let part: LabelSets<T> | undefined = this;
    for (const value of values) part = part?.next(value);
    return part?.item;
  }

  set(values: readonly string[], item: T): void {
    let part: LabelSets<T> = this;
    for (const value of values) {
      const next: LabelSets<T> = part.next(value) ?? new LabelSets<T>();
      part.#children.set(value, next);
      part = next;
    }
    part.item = item;
  }
}
