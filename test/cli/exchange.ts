// A small exchange to try: its YAML in a folder of its own, SQLite databases beside it, and `vigie` as a process on it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');

const DECLARED = `
defaults: { team: exchange }
teams: { exchange: { email: exchange@example.org } }
partners: { chuv: {}, hug: {} }
flows:
  invoices: { title: Invoices, team: exchange, direction: inbound, partners: [chuv], stages: [received] }
  orders: { title: Orders, team: exchange, direction: inbound, partners: [hug], stages: [received] }
`;

export const PENDING = `
  CREATE TABLE pending (flow TEXT, partner TEXT, stage TEXT, messages INTEGER);
  INSERT INTO pending VALUES ('invoices', 'chuv', 'received', 5), ('orders', 'hug', 'received', 1234);
`;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Exchange {
  readonly folder = mkdtempSync(join(tmpdir(), 'vigie-exchange-'));
  readonly file = join(this.folder, 'exporters.yaml');

  /** @param sources the blocks of the section, indented by two spaces */
  declare(sources: string): void {
    writeFileSync(this.file, `${DECLARED}sources:${sources}`);
  }

  /** A SQLite source called exchange-db, over exchange.db. */
  declareQueries(queries: string, more = ''): void {
    const head = `kind: sql\n    driver: sqlite\n    connection: { file: exchange.db }\n    interval: 5s\n${more}`;
    this.declare(`\n  exchange-db:\n    ${head}    queries:${queries}`);
  }

  database(sql: string, name = 'exchange.db'): void {
    const database = new DatabaseSync(join(this.folder, name));
    database.exec(sql);
    database.close();
  }

  /** @param input what comes through standard input */
  async vigie(args: readonly string[], environment: Readonly<Record<string, string>> = {}, input?: string): Promise<Ended> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    child.stdin.end(input);
    const texts = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    await once(child, 'close');
    return { code: child.exitCode, ...texts };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The comments of a try without those of metrics, durations taken out. */
export function comments(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => /^#(?! (?:HELP|TYPE) )/.test(line))
    .map((line) => line.replaceAll(/\d+(?:\.\d+)? ms/g, '… ms'));
}

/** All that is neither comment nor empty. */
export function series(stdout: string): string[] {
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
