// The scenario while the demo runs: whoever writes another name into the file `scenario` changes it.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { SCENARIOS, type Scenario } from './scenario.js';

export class ScenarioFile {
  readonly #path: string;
  readonly #logger: Logger;
  #scenario: Scenario;
  #text: string;

  constructor(path: string, scenario: Scenario, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#scenario = scenario;
    this.#text = `${scenario}\n`;
    writeFileSync(path, this.#text);
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  /** Whether the file names another scenario than before. A name that there is not is told once, and changes nothing. */
  read(): boolean {
    const text = readFileSync(this.#path, 'utf8');
    // A file that is being written is empty for a moment.
    if (text === this.#text || text.trim() === '') return false;
    this.#text = text;
    const found = SCENARIOS.find((name) => name === text.trim());
    if (found === undefined) this.#logger.warn({ name: text.trim(), known: SCENARIOS }, 'no such scenario');
    if (found === undefined || found === this.#scenario) return false;
    this.#scenario = found;
    this.#logger.info({ scenario: found }, 'demo exchange changes its scenario');
    return true;
  }
}
