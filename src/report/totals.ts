// What a report knows of one flow with one partner, and sums of it. Pure.

/** What is not known is undefined, and never 0. */
export interface Traffic {
  readonly flow: string;
  readonly partner: string;
  readonly env: string;
  readonly messages: number;
  readonly errors: number;
  readonly rejected: number;
  readonly bytes: number | undefined;
}

/** Messages within each upper bound, per flow and stage. */
export interface Durations {
  readonly flow: string;
  readonly env: string;
  readonly stage: string;
  /** By upper bound in seconds, in growing order; the last is Infinity. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

/**
 * As histogram_quantile() of Prometheus: linear within a bucket; beyond the last finite bound, that bound.
 * @returns seconds, or undefined where there is nothing
 */
export function quantile(q: number, buckets: Durations['buckets']): number | undefined {
  const total = buckets.at(-1)?.count ?? 0;
  if (!(total > 0)) return undefined;
  const rank = q * total;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const [bucket, below] = [buckets[index], buckets[index - 1]];
  if (!bucket) return undefined;
  if (bucket.le === Infinity) return below?.le;
  const [start, counted] = [below?.le ?? 0, below?.count ?? 0];
  if (bucket.count === counted) return bucket.le;
  return start + (bucket.le - start) * ((rank - counted) / (bucket.count - counted));
}

/** Undefined where all are. */
export function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0) / values.length;
}

export function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
