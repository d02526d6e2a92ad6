// One exporter process under supervision: started, started again when it ends or hangs, told to reload, stopped.

import { spawn, type ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import type { Config } from '../config/model.js';
import type { Clock, Timer } from '../domain/clock.js';
import type { Gate } from './gate.js';
import { readMessage, type Configuration, type LifeRequest, type Reloaded } from './messages.js';
import { HANGS_AFTER_MS, Pulse } from './pulse.js';
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
  /** The same by the monotonic clock. */
  readonly phaseAt: number;
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
  #phaseAt: number;
  #run: Run | undefined;
  #restarts = 0;
  #lastEnd: ChildEnd | undefined;
  #pause: Timer | undefined;
  #pulse: Pulse | undefined;
  #hung = false;
  #leaveGate: () => void = () => {};
  #answer: ((answer: Reloaded) => void) | undefined;
  #config: Config;
  #configOfRun: Config | undefined;
  #looping = false;

  constructor(
    source: string,
    private readonly command: ChildCommand,
    config: Config,
    private readonly context: ChildContext,
  ) {
    this.#config = config;
    this.#logger = context.logger.child({ exporter: source });
    this.#since = context.clock.now();
    this.#phaseAt = context.clock.monotonic();
  }

  get state(): ChildState {
    return {
      phase: this.#phase,
      pid: this.#run?.process.pid,
      since: this.#since,
      phaseAt: this.#phaseAt,
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

  /** Lets the process run on this configuration from now on. One that ended is started at once: perhaps it can live with this one. */
  async reload(config: Config): Promise<Reloaded> {
    this.#config = config;
    const run = this.#run;
    if (this.#phase === 'waiting') this.#startAgain();
    if (!run || this.#phase !== 'listening') return { type: 'reloaded', ok: true };
    return new Promise((resolve) => {
      const settle = (answer: Reloaded): void => {
        late.cancel();
        this.#answer = undefined;
        resolve(answer);
      };
      const late = this.context.clock.after(RELOAD_ANSWER_MS, () => settle(refused(`no answer within ${RELOAD_ANSWER_MS / 1000} s`)));
      this.#answer = settle;
      this.#configure(run);
    });
  }

  #configure(run: Run): void {
    this.#configOfRun = this.#config;
    this.#send(run, { type: 'configuration', config: this.#config }, () =>
      this.#answer?.(refused('its process does not listen to the fleet any more')),
    );
  }

  /** A process that has just ended takes nothing: what matters then is its end. */
  #send({ process }: Run, request: Configuration | LifeRequest, failed: () => void): void {
    process.send(request, (error) => {
      if (error) failed();
    });
  }

  #kill({ process }: Run): void {
    this.#hung = true;
    this.#logger.error({ pid: process.pid }, 'exporter hangs, killing it');
    process.kill('SIGKILL');
  }

  #spawn(): void {
    const { program, args } = this.command;
    const tail = new LineTail(this.context.forward);
    this.#history.started(this.context.clock.monotonic());
    let process: ChildProcess;
    try {
      // The advanced serialization keeps what JSON would lose of a configuration: undefined, infinities.
      process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'advanced' });
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
      process.on('exit', (code, signal) => end(this.#howItEnded(code, signal)));
      process.on('error', (error) => {
        if (process.pid === undefined) end(`it cannot be started: ${error.message}`);
      });
    });
    const run = { process, tail, over };
    this.#run = run;
    this.#enter('starting');
    if (process.pid === undefined) return;
    this.#configure(run);
    this.#hung = false;
    const ask = (): void => this.#send(run, { type: 'alive?' }, () => {});
    this.#pulse = new Pulse(this.context.clock, ask, () => this.#kill(run));
  }

  #hear(message: ReturnType<typeof readMessage>): void {
    if (message?.type === 'reloaded') this.#answer?.(message);
    // One that is alive and never listens hangs as well.
    if (message?.type === 'alive' && this.#phase === 'listening') this.#pulse?.beat();
    if (message?.type !== 'listening' || this.#phase !== 'starting' || !this.#run) return;
    this.#enter('listening');
    this.#logger.info({ url: message.url, pid: this.#run.process.pid }, 'exporter listens');
    this.#leaveGate();
    if (this.#configOfRun !== this.#config) this.#configure(this.#run);
  }

  #howItEnded(code: number | null, signal: string | null): string {
    if (this.#hung) return `it did not answer for ${HANGS_AFTER_MS / 1000} s and was killed`;
    return signal === null ? `exit code ${code}` : `signal ${signal}`;
  }

  #ended(reason: string, { lines }: LineTail): void {
    const { clock } = this.context;
    this.#run = undefined;
    this.#pulse?.stop();
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
    this.#phaseAt = this.context.clock.monotonic();
  }
}

function refused(message: string): Reloaded {
  return { type: 'reloaded', ok: false, message };
}
