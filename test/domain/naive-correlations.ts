// What correlations are, said as plainly as possible: lists that are searched from one end to the other.

import type { CorrelationLimits, EndOutcome, StartOutcome } from '../../src/domain/correlations.js';

interface Start {
  readonly id: string;
  readonly time: number;
  readonly origin: string;
}

interface End {
  readonly id: string;
  readonly time: number;
}

export class NaiveCorrelations {
  completed = 0;
  #starts: Start[] = [];
  #ends: End[] = [];

  constructor(private readonly limits: CorrelationLimits) {}

  open(origin: string): number {
    return this.#starts.filter((start) => start.origin === origin).length;
  }

  oldest(origin: string): number | undefined {
    const times = this.#starts.filter((start) => start.origin === origin).map(({ time }) => time);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  start(id: string, time: number, origin: string): StartOutcome<string> {
    const start = { id, time, origin };
    if (this.#starts.some((other) => other.id === id)) return { result: 'repeated' };
    const end = this.#ends.find((other) => this.#belong(start, other));
    if (end) return this.#complete(start, end);
    if (this.#starts.length >= this.limits.maxOpen) return { result: 'dropped' };
    this.#starts.push(start);
    return { result: 'open' };
  }

  end(id: string, time: number): EndOutcome<string> {
    const end = { id, time };
    const start = this.#starts.find((other) => this.#belong(other, end));
    if (start) return this.#complete(start, end);
    if (this.#ends.some((other) => other.id === id)) return { result: 'no_start' };
    this.#ends.push(end);
    if (this.#ends.length <= this.limits.maxOpen) return { result: 'waiting' };
    const oldest = Math.min(...this.#ends.map((other) => other.time));
    const gone = this.#ends.find((other) => other.time === oldest);
    this.#ends = this.#ends.filter((other) => other !== gone);
    return { result: 'no_start' };
  }

  expire(now: number): { timedOut: string[]; noStart: number } {
    const old = this.#starts.filter(({ time }) => now - time > this.limits.timeoutMs);
    const late = this.#ends.filter(({ time }) => now - time > this.limits.earlyMs);
    this.#starts = this.#starts.filter((start) => !old.includes(start));
    this.#ends = this.#ends.filter((end) => !late.includes(end));
    return { timedOut: old.map(({ origin }) => origin).toSorted(), noStart: late.length };
  }

  #belong(start: Start, end: End): boolean {
    return start.id === end.id && end.time - start.time >= -2000 && end.time - start.time <= this.limits.timeoutMs;
  }

  #complete(start: Start, end: End): StartOutcome<string> & EndOutcome<string> {
    this.completed++;
    this.#starts = this.#starts.filter((other) => other !== start);
    this.#ends = this.#ends.filter((other) => other !== end);
    return {
      result: 'completed',
      seconds: Math.max(0, end.time - start.time) / 1000,
      origin: start.origin,
      endedAt: end.time,
      detail: '',
    };
  }
}
