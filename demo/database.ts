// The database of the exchange: what waits, what has passed, what was refused.

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ExchangeEvent, PassedEvent, Result, Sink } from './events.js';

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  CREATE TABLE pending (id INTEGER PRIMARY KEY, flow TEXT, partner TEXT, stage TEXT, arrived_at INTEGER);
  CREATE TABLE history (id INTEGER, flow TEXT, partner TEXT, stage TEXT, outcome TEXT, passed_at INTEGER);
  CREATE INDEX history_by_place ON history (flow, partner, stage, outcome, passed_at);
  CREATE TABLE rejects (id INTEGER, flow TEXT, partner TEXT, code TEXT, rejected_at INTEGER);
`;

const OUTCOMES: Readonly<Record<Result, string>> = { OK: 'ok', KO: 'error', REFUSED: 'rejected' };

export class ExchangeDatabase implements Sink {
  readonly #database: DatabaseSync;
  readonly #wait: StatementSync;
  readonly #leave: StatementSync;
  readonly #record: StatementSync;
  readonly #reject: StatementSync;

  /** Creates the file, which must not exist. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(SCHEMA);
    this.#wait = this.#database.prepare('INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?)');
    this.#leave = this.#database.prepare('DELETE FROM pending WHERE id = ?');
    this.#record = this.#database.prepare('INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)');
    this.#reject = this.#database.prepare('INSERT INTO rejects VALUES (?, ?, ?, ?, ?)');
  }

  /** One transaction, so that a query never sees half of what happened. */
  apply(events: readonly ExchangeEvent[]): void {
    this.#database.exec('BEGIN');
    for (const event of events) {
      if (event.type === 'waiting') this.#wait.run(event.id, event.flow, event.partner, event.stage, seconds(event.at));
      else if (event.type === 'passed') this.#pass(event);
    }
    this.#database.exec('COMMIT');
  }

  close(): void {
    this.#database.close();
  }

  #pass({ id, flow, partner, stage, result, code, record, at }: PassedEvent): void {
    this.#leave.run(id);
    if (record === 'history') this.#record.run(id, flow, partner, stage, OUTCOMES[result], seconds(at));
    if (code !== undefined) this.#reject.run(id, flow, partner, code, seconds(at));
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
