// What a piece of a file says, kept apart until the whole piece is understood: only then is it counted, and all of it.

import type { CounterHandle, GaugeHandle, HistogramHandle } from '../../../domain/accumulator.js';
import type { Exemplar } from '../../../domain/observation.js';

/** One series that has something to be counted. */
interface Touched {
  commit(ids: ExemplarIds): void;
  drop(): void;
}

/** Makes an exemplar of the ids of a line: texts that may be part of a piece, and are copied. */
export type ExemplarIds = (ids: LineIds, value: number) => Exemplar | undefined;

/** The ids of a line by which people find it in their log store. */
export interface LineIds {
  readonly id: string | undefined;
  readonly traceId: string | undefined;
}

export class Pending {
  readonly #touched: Touched[] = [];
  /** What else is to be done with what the piece says, in the order of its lines. */
  readonly #actions: (() => void)[] = [];

  constructor(private readonly exemplar: ExemplarIds) {}

  touch(series: Touched): void {
    this.#touched.push(series);
  }

  whenKept(action: () => void): void {
    this.#actions.push(action);
  }

  commit(): void {
    // Actions may touch series.
    for (const action of this.#actions) action();
    this.#actions.length = 0;
    for (const series of this.#touched) series.commit(this.exemplar);
    this.#touched.length = 0;
  }

  drop(): void {
    for (const series of this.#touched) series.drop();
    this.#touched.length = 0;
    this.#actions.length = 0;
  }
}

export class PendingCounter implements Touched {
  #amount = 0;
  #ids: LineIds | undefined;
  #last = 0;
  #isTouched = false;

  constructor(
    private readonly pending: Pending,
    private readonly handle: CounterHandle,
  ) {}

  add(amount: number, ids?: LineIds): void {
    if (!this.#isTouched) {
      // In this order: the watchdog may stop it between the two, and what is not on the list would never be dropped.
      this.pending.touch(this);
      this.#isTouched = true;
    }
    // Two numbers that a line may tell can add up to more than there are: that must not keep the rest of the piece from being counted.
    this.#amount = Math.min(this.#amount + amount, Number.MAX_VALUE);
    if (ids === undefined) return;
    this.#ids = ids;
    this.#last = amount;
  }

  commit(exemplar: ExemplarIds): void {
    this.handle.add(this.#amount, this.#ids && exemplar(this.#ids, this.#last));
    this.drop();
  }

  drop(): void {
    this.#amount = 0;
    this.#ids = undefined;
    this.#isTouched = false;
  }
}

export class PendingGauge implements Touched {
  #value: number | undefined;

  /** @param raises the value only ever grows: of several lines the newest counts, whatever their order */
  constructor(
    private readonly pending: Pending,
    private readonly handle: GaugeHandle,
    private readonly raises: boolean,
  ) {}

  set(value: number): void {
    if (this.#value === undefined) this.pending.touch(this);
    else if (this.raises && value <= this.#value) return;
    this.#value = value;
  }

  commit(): void {
    if (this.#value === undefined) return;
    if (this.raises) this.handle.raise(this.#value);
    else this.handle.set(this.#value);
    this.drop();
  }

  drop(): void {
    this.#value = undefined;
  }
}

export class PendingHistogram implements Touched {
  readonly #values: number[] = [];
  #ids: LineIds | undefined;

  constructor(
    private readonly pending: Pending,
    private readonly handle: HistogramHandle,
  ) {}

  observe(value: number, ids?: LineIds): void {
    if (this.#values.length === 0) this.pending.touch(this);
    this.#values.push(value);
    this.#ids = ids;
  }

  /** The last line of the piece stands for it as exemplar: one for each piece is plenty. */
  commit(exemplar: ExemplarIds): void {
    const last = this.#values.length - 1;
    for (const [index, value] of this.#values.entries()) {
      this.handle.observe(value, index === last && this.#ids ? exemplar(this.#ids, value) : undefined);
    }
    this.drop();
  }

  drop(): void {
    this.#values.length = 0;
    this.#ids = undefined;
  }
}
