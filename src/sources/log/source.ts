// The log source: one collector that reads what is new in all its files, at each interval and when the system tells that files have changed.

import { setFlagsFromString } from 'node:v8';
import type { Timer } from '../../domain/clock.js';
import type { Observation } from '../../domain/observation.js';
import { collectGarbage, heapUsed } from '../../memory.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { Engine, type Round } from './engine.js';
import { watchFolders, type FolderWatch } from './reading/watch.js';
import type { LogOptions } from './schema.js';
import { demotionWarnings, readingObservations } from './telling.js';

/** How much of its time-out a round may read for; what is left over is read by the next one. */
const READING_SHARE = 0.7;
/** While it catches up, what has been counted is kept and shown this often. */
const ROUND_MS = 500;
/** The first round is short where no room has been made yet: who has much to catch up with makes it first, of what starting took. */
const FIRST_ROUND_MS = 20;
/**
 * V8 marks what lives a little at a time, and takes all that is read meanwhile for living: 30 MB. While there is much to read, all of it is
 * collected at once instead, every two seconds, in some 15 ms.
 */
const COLLECT_AFTER_ROUNDS = 4;
/** Text that is no ASCII takes more room than the young generation has. */
const COLLECT_AFTER_BYTES = 16 * 1024 * 1024;
/** How soon after a change it looks for new files, and reads: a log that is written to all the time is not read all the time. */
const MEET_AFTER_MS = 50;
const READ_AFTER_MS = 1_000;

/** What starting took has been collected. */
let hasRoom = false;

/** Makes room for what is read, while there is nothing to read yet. */
export function makeRoom(): void {
  collectGarbage();
  hasRoom = true;
}

export async function createLogSource(config: SourceConfig<LogOptions>, context: SourceContext): Promise<Source> {
  // Nearly all of what reading leaves behind is garbage at once: a larger young generation makes it no faster, and takes 30 MB.
  setFlagsFromString('--semi-space-growth-factor=1');
  const source = new LogSource(config, context);
  await source.begin();
  return source;
}

class LogSource implements Source {
  readonly collectors: Source['collectors'];
  readonly #engine: Engine;
  readonly #clock: SourceContext['clock'];
  readonly #watch: FolderWatch;
  /** Rounds follow each other. */
  #last: Promise<unknown> = Promise.resolve();
  #running: Promise<Round> | undefined;
  #isFirst = !hasRoom;
  /** Rounds since garbage was collected, and what was in use then. */
  #rounds = 0;
  #heapAfter = heapUsed();
  #closing = false;
  #closed: Promise<unknown> | undefined;
  #meeting: Timer | undefined;
  #reading: Timer | undefined;

  constructor(
    private readonly config: SourceConfig<LogOptions>,
    context: SourceContext,
  ) {
    const { interval, timeout, maxStaleness } = config;
    this.#clock = context.clock;
    this.#engine = new Engine(config, context, context.handover);
    const accumulator = context.accumulator('files');
    const collect = (signal: AbortSignal) => this.#collect(signal);
    this.collectors = [{ name: 'files', interval, timeout, maxStaleness, accumulator, collect }];
    this.#watch = watchFolders([], (kind) => this.#changed(kind));
  }

  /** A record that cannot be read is told by the first look, and tried again by the next one. */
  async begin(): Promise<void> {
    try {
      await this.#engine.begin();
      // What vanishes before the first look is open then: after a reload, files that were open a moment ago above all.
      await this.#engine.meet();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
    }
  }

  warnings(): string[] {
    return demotionWarnings(this.#engine.demotions);
  }

  /** Once, however often it is asked: there would be no places to hand over the second time. */
  close(): Promise<unknown> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<unknown> {
    this.#closing = true;
    this.#meeting?.cancel();
    this.#reading?.cancel();
    this.#watch.close();
    await this.#last.catch(() => undefined);
    return this.#engine.close();
  }

  /** A round that is under way will do: two of them may take longer than there is time for. */
  async #collect(signal: AbortSignal): Promise<Observation[]> {
    const round = await (this.#running ?? this.#round(this.config.timeout * READING_SHARE, signal));
    if (round.error) throw round.error;
    return readingObservations(this.config, round, this.#clock.monotonic());
  }

  /** One at a time. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action, action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #round(limitMs: number, signal?: AbortSignal): Promise<Round> {
    const running = this.#inTurn(async () => {
      const end = this.#clock.monotonic() + Math.min(limitMs, this.#isFirst ? FIRST_ROUND_MS : ROUND_MS);
      let isStopped = false;
      const stop = () => (isStopped ||= this.#closing || signal?.aborted === true || this.#clock.monotonic() > end);
      const round = await this.#engine.round(stop);
      this.#tidyUp(isStopped);
      this.#watch.update(this.#engine.folders);
      // What cannot be read yet, such as a file that is still being compressed, has to wait for the interval.
      if (isStopped && !round.caughtUp && !this.#closing) this.#goOn();
      return round;
    });
    this.#running = running;
    const ended = () => {
      if (this.#running === running) this.#running = undefined;
    };
    running.then(ended, ended);
    return running;
  }

  /** @param isBehind the round has left something unread */
  #tidyUp(isBehind: boolean): void {
    const isDue = this.#isFirst || ++this.#rounds >= COLLECT_AFTER_ROUNDS || heapUsed() > this.#heapAfter + COLLECT_AFTER_BYTES;
    this.#isFirst = false;
    if (!isBehind || !isDue) return;
    collectGarbage();
    this.#rounds = 0;
    this.#heapAfter = heapUsed();
  }

  /** What a round had no time for is read by the next one, and not only when the interval is over. */
  #goOn(): void {
    this.#reading ??= this.#later(0, () => this.#round(ROUND_MS));
  }

  #changed(kind: 'rename' | 'change'): void {
    if (this.#closing) return;
    if (kind === 'rename') {
      this.#meeting ??= this.#clock.after(MEET_AFTER_MS, () => {
        this.#meeting = undefined;
        void this.#inTurn(() => this.#engine.meet()).catch(() => undefined);
      });
    }
    this.#reading ??= this.#later(READ_AFTER_MS, () => this.#round(ROUND_MS));
  }

  /** What goes wrong is told by the next look at the interval, which meets it as well. */
  #later(ms: number, action: () => Promise<unknown>): Timer {
    return this.#clock.after(ms, () => {
      this.#reading = undefined;
      if (!this.#closing) void action().catch(() => undefined);
    });
  }
}
