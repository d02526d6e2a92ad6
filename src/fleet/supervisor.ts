// Keeps one process for each exporter: starts, stops and reloads them by name.

import type { Logger } from 'pino';
import type { Config } from '../config/model.js';
import type { Clock } from '../domain/clock.js';
import { Child, type ChildCommand, type ChildContext, type ChildState } from './child.js';
import { Gate } from './gate.js';
import type { Reloaded } from './messages.js';

/** Starting takes a core each; more at once would make all of them late. */
const STARTS_AT_ONCE = 4;

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes each line that a process writes to standard error. */
  readonly forward: (line: string) => void;
}

export class Supervisor {
  readonly #children = new Map<string, Child>();
  readonly #context: ChildContext;
  #closed = false;

  constructor({ clock, logger, forward }: SupervisorOptions) {
    this.#context = { clock, logger, forward, gate: new Gate(STARTS_AT_ONCE) };
  }

  /** Undefined for a name that is not under supervision. */
  state(name: string): ChildState | undefined {
    return this.#children.get(name)?.state;
  }

  /** Starts processes on a configuration, a few at a time in the order given; resolves when each has had its turn. */
  async start(commands: ReadonlyMap<string, ChildCommand>, config: Config): Promise<void> {
    if (this.#closed) return;
    const starts = [...commands].map(([name, command]) => {
      const child = new Child(name, command, config, this.#context);
      this.#children.set(name, child);
      return child.start();
    });
    await Promise.all(starts);
  }

  /** Stops processes and forgets them; resolves when they are gone. */
  async stop(names: Iterable<string>): Promise<void> {
    const stops = [...names].map(async (name) => {
      const child = this.#children.get(name);
      await child?.stop();
      if (this.#children.get(name) === child) this.#children.delete(name);
    });
    await Promise.all(stops);
  }

  /** Stops all processes; none starts any more. */
  async shutDown(): Promise<void> {
    this.#closed = true;
    await this.stop(this.#children.keys());
  }

  /** Tells processes to take over the changed configuration. @returns why one refused, by name; empty when all did. */
  async reload(names: Iterable<string>, config: Config): Promise<ReadonlyMap<string, string>> {
    const answers = await Promise.all([...names].map(async (name) => [name, await this.#children.get(name)?.reload(config)] as const));
    return new Map(answers.flatMap(([name, answer]) => refusal(name, answer)));
  }
}

function refusal(name: string, answer: Reloaded | undefined): [string, string][] {
  return !answer || answer.ok ? [] : [[name, answer.message ?? 'it kept its configuration without saying why']];
}
