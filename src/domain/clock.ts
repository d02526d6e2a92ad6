// Time as a dependency, so that tests run in no time and time may even run backwards in them.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never runs backwards. Use it for durations. */
  monotonic(): number;
  /** Calls back once after at least `ms` milliseconds. A pending timer keeps no process alive. */
  after(ms: number, callback: () => void): Timer;
}

/** setTimeout fires at once for delays above 2^31-1 ms; longer ones are clamped to it, and the caller looks at the clock again. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_DELAY_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
