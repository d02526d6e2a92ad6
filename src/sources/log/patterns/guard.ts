// The watchdog: ends what runs for too long, and moves the pattern that is to blame to an engine that cannot.

import { runInThisContext, Script } from 'node:vm';
import type { Pattern } from './pattern.js';

/** `irregexp` is V8's own: the fastest, with exponential time in the worst case. `off`: the pattern matches nothing, and counts that. */
export type Engine = 'irregexp' | 'linear' | 'off';

export interface Demotion {
  /** Of the pattern. */
  readonly name: string;
  /** What it runs on from now on. */
  readonly engine: Exclude<Engine, 'irregexp'>;
  /** For people. */
  readonly reason: string;
}

/** What was run has been ended in mid-course: throw away what it did, give other tasks their turn, and run it again. */
export const STOPPED: unique symbol = Symbol('stopped');

/**
 * Milliseconds that a run may take, the first time, the second …: the event loop stands still for as long. A piece of 512 KiB takes some 5.
 * All below the second that nothing may stall the process for.
 */
const LIMITS = [100, 300, 750] as const;
/** With patterns on the linear engine, which is slow from the beginning. */
const LONGEST = 750;
/** Milliseconds of processor time that no pattern takes for one text, unless it runs away: usual ones take a millionth of that. */
const RUNAWAY = LIMITS[0] / 2;
/** How often something is run again because the process got too little of the processor to tell anything. */
const STARVED_RUNS = 6;
const MOST_DOUBLINGS = 6;

/** What was seen when a run was ended. */
interface Stop {
  readonly pattern: Pattern | undefined;
  /** Which one of the run it was, counted from 1. */
  readonly execution: number;
}

/**
 * One per source; used by one run at a time. What it runs must do the same when it is run again.
 *
 * The first stop blames nobody: the process may have been paused, or the piece may be slow as a whole. The run is repeated with more time.
 * When it comes to the execution of a pattern that it was ended in, a clock is read: if it is ended in the same one again, the time since
 * then went into one text, and tells whether the pattern is to blame. If it got further, or the text has not had much time, the run has
 * still more; the pattern that is current when that is used up, too, is the one that most of the time goes into.
 */
export class PatternGuard {
  /** The pattern that is running; it stays when it is ended. */
  #current: Pattern | undefined;
  /** Executions of patterns in this run. */
  #executions = 0;
  /** In this run, how often a pattern that is off was asked: where this grows while a line is understood, nobody knows what the line says. */
  abandoned = 0;
  /** Called when a run has been ended. */
  onDemotion: ((pattern: Pattern, demotion: Demotion) => void) | undefined;
  readonly #demotions: Demotion[] = [];
  /** Stops since a run came to its end, or a pattern was demoted. */
  #stops = 0;
  #starved = 0;
  #last: Stop | undefined;
  /** Milliseconds of processor time of this thread when the execution began that the last run was ended in; undefined before it does. */
  #suspectedSince: number | undefined;
  /** Where nothing that can be demoted is to blame, how often the limit is doubled beyond a second: else there would be no end. */
  #doublings = 0;
  #hasLinear = false;

  /** All that there were, oldest first. */
  get demotions(): readonly Demotion[] {
    return this.#demotions;
  }

  /** How long the next run may take, in milliseconds. */
  get limit(): number {
    const limit = this.#hasLinear ? LONGEST : (LIMITS[this.#stops] ?? LONGEST);
    return limit * 2 ** this.#doublings;
  }

  /**
   * Runs the action, synchronously. It costs some 0.15 ms: to be used for many lines at a time.
   * @throws what the action throws
   */
  run<T>(action: () => T): T | typeof STOPPED {
    const { limit } = this;
    this.#executions = 0;
    this.abandoned = 0;
    this.#current = undefined;
    this.#suspectedSince = undefined;
    const before = processorTime();
    try {
      const result = runWithin(limit, action);
      this.#forget();
      return result;
    } catch (error) {
      if (!isTimeout(error)) {
        this.#forget();
        throw error;
      }
      this.#stopped(limit, before);
      return STOPPED;
    } finally {
      this.#current = undefined;
    }
  }

  /** To be called by a pattern before each text. */
  began(pattern: Pattern): void {
    this.#current = pattern;
    this.#executions += 1;
    if (this.#executions === this.#last?.execution) this.#suspectedSince = processorTime();
  }

  /** To be called by a pattern after each text. */
  ended(): void {
    this.#current = undefined;
  }

  #stopped(limit: number, before: number): void {
    const now = processorTime();
    const stop: Stop = { pattern: this.#current, execution: this.#executions };
    const { pattern } = stop;
    // What was ended in mid-course may have left its caches in any state.
    pattern?.reset();
    const isSame = this.#last?.pattern === pattern && this.#last?.execution === stop.execution;
    this.#last = stop;
    const onOneText = isSame && this.#suspectedSince !== undefined ? now - this.#suspectedSince : 0;
    if (pattern && onOneText >= (pattern.engine === 'linear' ? limit / 2 : RUNAWAY)) {
      this.#demote(pattern, `it ran for more than ${Math.floor(onOneText)} ms on one text`);
      return;
    }
    this.#stops += 1;
    if (now - before < limit / 2) this.#starved += 1;
    if (this.#stops - this.#starved < LIMITS.length && this.#starved < STARVED_RUNS) return;
    if (pattern) this.#demote(pattern, `it takes most of the time of lines that take more than ${limit} ms`);
    else this.#doublings = Math.min(this.#doublings + 1, MOST_DOUBLINGS);
  }

  #demote(pattern: Pattern, reason: string): void {
    const demotion = pattern.demote(reason);
    this.#hasLinear ||= demotion.engine === 'linear';
    this.#demotions.push(demotion);
    this.#forget();
    this.onDemotion?.(pattern, demotion);
  }

  #forget(): void {
    this.#stops = 0;
    this.#starved = 0;
    this.#last = undefined;
    this.#doublings = 0;
  }
}

/** V8 ends scripts only: this one calls what is to be run. It is handed over by the global object that the script sees. */
const SCRIPT = new Script(`globalThis[Symbol.for('vigie.guarded')]()`, { filename: 'guarded' });
const handOver: (action: (() => void) | undefined) => void = runInThisContext(
  `(action) => { globalThis[Symbol.for('vigie.guarded')] = action; }`,
);

function runWithin<T>(limit: number, action: () => T): T {
  let done: { result: T } | undefined;
  handOver(() => {
    done = { result: action() };
  });
  try {
    SCRIPT.runInThisContext({ timeout: limit });
  } finally {
    handOver(undefined);
  }
  if (done === undefined) throw new Error('a guarded action cannot run another');
  return done.result;
}

/** Milliseconds of this thread, which runs the patterns; those of V8's other threads tell nothing of them. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
