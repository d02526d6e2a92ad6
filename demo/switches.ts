// Switches parts of the exchange off and on while the rest goes on.

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Part } from './listen.js';

/** What can be switched. */
export const PARTS = ['sftp', 'https'] as const;
export type PartName = (typeof PARTS)[number];

/** Keeps the parts as a folder says: a file called like a part means that it is off. So a person, a script and a test do it alike. */
export class Switches {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #parts: Readonly<Record<PartName, Part>>;
  #following: Promise<void> = Promise.resolve();

  constructor(folder: string, logger: Logger, parts: Readonly<Record<PartName, Part>>) {
    this.#folder = folder;
    this.#logger = logger;
    this.#parts = parts;
  }

  /** Does what the folder says, one after the other, whoever asks. @throws NodeJS.ErrnoException when a port is taken */
  follow(): Promise<void> {
    const before = this.#following;
    this.#following = this.#followAfter(before);
    return this.#following;
  }

  async set(name: PartName, on: boolean): Promise<void> {
    const file = join(this.#folder, name);
    if (on) rmSync(file, { force: true });
    else writeFileSync(file, '');
    await this.follow();
  }

  async stop(): Promise<void> {
    await this.#following.catch(() => {});
    await Promise.all(Object.values(this.#parts).map((part) => part.stop()));
  }

  async #followAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => {});
    for (const name of PARTS) {
      const part = this.#parts[name];
      const wanted = !existsSync(join(this.#folder, name));
      if (wanted === part.running) continue;
      await (wanted ? part.start() : part.stop());
      this.#logger.info({ part: name, running: wanted }, 'part of the demo exchange switched');
    }
  }
}
