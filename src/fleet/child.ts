// One exporter process under supervision: started, started again when it ends, told to reload, stopped.

import { spawn, type ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../domain/clock.js';
import type { Gate } from './gate.js';
import { readMessage, type Reloaded, type ReloadRequest } from './messages.js';
import { RestartHistory, SOON_MS } from './restarts.js';
import { LineTail } from './tail.js';

/** What to run. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
}

export interface ChildContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes each line that the process writes to standard error, without its newline. */
  readonly forward: (line: string) => void;
  /** First starts queue here; restarts do not, so that a dead exporter never waits for others. */
  readonly gate: Gate;
}

/**
 * `queued`: waits for its turn to start; `starting`: runs, does not listen yet; `listening`; `waiting`: ended, is started
 * again after a pause; `stopped`: on purpose.
 */
export type ChildPhase = 'queued' | 'starting' | 'listening' | 'waiting' | 'stopped';

/** How a run ended that nobody asked to end. */
export interface ChildEnd {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** `exit code 1`, `signal SIGKILL`, or why it could not be started. */
  readonly reason: string;
  /** The last lines it wrote to standard error, oldest first. */
  readonly lines: readonly string[];
}

export interface ChildState {
  readonly phase: ChildPhase;
  readonly pid: number | undefined;
  /** When the phase began, in milliseconds since the Unix epoch. */
  readonly since: number;
  readonly restarts: number;
  readonly crashLoop: boolean;
  readonly lastEnd: ChildEnd | undefined;
}

/** A process that has not said that it listens by then gives its place in the queue of starts to the next one. */
const START_TURN_MS = 10_000;
const RELOAD_ANSWER_MS = 10_000;
/** Between SIGTERM and SIGKILL; with what the fleet itself needs, a stop takes less than 5 s. */
const STOP_GRACE_MS = 4_000;

interface Run {
  readonly process: ChildProcess;
  readonly tail: LineTail;
  readonly over: Promise<void>;
}

export class Child {
  readonly #history = new RestartHistory();
  readonly #logger: Logger;
  #phase: ChildPhase = 'stopped';
  #since: number;
  #run: Run | undefined;
  #restarts = 0;
  #lastEnd: ChildEnd | undefined;
  #pause: Timer | undefined;
  #leaveGate: () => void = () => {};
  #answer: ((answer: Reloaded) => void) | undefined;
  #reloadOnceListening = false;
  #looping = false;

  constructor(
    source: string,
    private readonly command: ChildCommand,
    private readonly context: ChildContext,
  ) {
    this.#logger = context.logger.child({ exporter: source });
    this.#since = context.clock.now();
  }

  get state(): ChildState {
    return {
      phase: this.#phase,
      pid: this.#run?.process.pid,
      since: this.#since,
      restarts: this.#restarts,
      crashLoop: this.#history.crashLooping(this.context.clock.monotonic()),
      lastEnd: this.#lastEnd,
    };
  }

  /** Starts the process when its turn comes; resolves when it listens, ended, or has had its turn. */
  async start(): Promise<void> {
    this.#enter('queued');
    const leave = await this.context.gate.enter();
    if (this.#phase !== 'queued') {
      leave();
      return;
    }
    await new Promise<void>((resolve) => {
      const turn = this.context.clock.after(START_TURN_MS, () => this.#leaveGate());
      this.#leaveGate = () => {
        turn.cancel();
        leave();
        resolve();
      };
      this.#spawn();
    });
  }

  /** SIGTERM, and SIGKILL for what has not ended after 4 s. Resolves when the process is gone; it is not started again. */
  async stop(): Promise<void> {
    this.#pause?.cancel();
    this.#enter('stopped');
    const run = this.#run;
    this.#leaveGate();
    if (!run) return;
    const kill = this.context.clock.after(STOP_GRACE_MS, () => {
      this.#logger.warn('exporter did not stop in time, killing it');
      run.process.kill('SIGKILL');
    });
    run.process.kill('SIGTERM');
    await run.over;
    kill.cancel();
  }

  /** Tells a running process to take over the YAML as it is now. One that ended is started at once: perhaps it can live with this one. */
  async reload(): Promise<Reloaded> {
    const run = this.#run;
    if (this.#phase === 'waiting') this.#startAgain();
    if (this.#phase === 'starting') this.#reloadOnceListening = true;
    if (!run || this.#phase !== 'listening') return { type: 'reloaded', ok: true };
    return new Promise((resolve) => {
      const settle = (answer: Reloaded): void => {
        late.cancel();
        this.#answer = undefined;
        resolve(answer);
      };
      const late = this.context.clock.after(RELOAD_ANSWER_MS, () => settle(refused(`no answer within ${RELOAD_ANSWER_MS / 1000} s`)));
      this.#answer = settle;
      this.#request(run);
    });
  }

  #request({ process }: Run): void {
    const request: ReloadRequest = { type: 'reload' };
    process.send(request, (error) => {
      if (error) this.#answer?.(refused('its process does not listen to the fleet any more'));
    });
  }

  #spawn(): void {
    const { program, args } = this.command;
    const tail = new LineTail(this.context.forward);
    this.#history.started(this.context.clock.monotonic());
    let process: ChildProcess;
    try {
      process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    } catch (error) {
      this.#ended(`it cannot be started: ${error instanceof Error ? error.message : String(error)}`, tail);
      return;
    }
    process.stderr?.on('data', (chunk: Buffer) => tail.write(chunk)).on('end', () => tail.end());
    process.on('message', (message) => this.#hear(readMessage(message)));
    const over = new Promise<void>((resolve) => {
      const end = (reason: string): void => {
        if (this.#run?.process === process) this.#ended(reason, tail);
        resolve();
      };
      process.on('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
      process.on('error', (error) => {
        if (process.pid === undefined) end(`it cannot be started: ${error.message}`);
      });
    });
    this.#run = { process, tail, over };
    this.#reloadOnceListening = false;
    this.#enter('starting');
  }

  #hear(message: ReturnType<typeof readMessage>): void {
    if (message?.type === 'reloaded') this.#answer?.(message);
    if (message?.type !== 'listening' || this.#phase !== 'starting' || !this.#run) return;
    this.#enter('listening');
    this.#logger.info({ url: message.url, pid: this.#run.process.pid }, 'exporter listens');
    this.#leaveGate();
    if (this.#reloadOnceListening) this.#request(this.#run);
    this.#reloadOnceListening = false;
  }

  #ended(reason: string, { lines }: LineTail): void {
    const { clock } = this.context;
    this.#run = undefined;
    this.#leaveGate();
    this.#answer?.(refused(`its process ended: ${reason}`));
    if (this.#phase === 'stopped') return;
    this.#pause?.cancel();
    const pauseMs = this.#history.ended(clock.monotonic());
    this.#lastEnd = { at: clock.now(), reason, lines };
    this.#enter('waiting');
    this.#logger.warn({ reason, restart_in_seconds: pauseMs / 1000 }, 'exporter ended');
    this.#noteCrashLoop();
    this.#pause = clock.after(pauseMs, () => this.#startAgain());
  }

  #startAgain(): void {
    this.#pause?.cancel();
    this.#restarts++;
    this.#pause = this.context.clock.after(SOON_MS, () => this.#noteCrashLoop());
    this.#spawn();
  }

  /** Says once that a crash loop began, and once that it is over. */
  #noteCrashLoop(): void {
    const looping = this.state.crashLoop;
    if (looping === this.#looping) return;
    this.#looping = looping;
    if (looping) this.#logger.error({ within_seconds: SOON_MS / 1000 }, 'exporter keeps ending soon after its start');
    else this.#logger.info('exporter runs again');
  }

  #enter(phase: ChildPhase): void {
    this.#phase = phase;
    this.#since = this.context.clock.now();
  }
}

function refused(message: string): Reloaded {
  return { type: 'reloaded', ok: false, message };
}
