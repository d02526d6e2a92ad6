// A whole fleet as a process of its own, on free ports and in a folder of its own.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ExporterJson, StatusJson } from '../../src/fleet/json.js';
import { isFree } from '../port.js';
import { until } from '../wait.js';
import { isAlive } from './children.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');
/** More ports in a row than any suite needs. */
const PORTS = 12;
const LOWEST_PORT = 20_000;
const BLOCKS = 1_000;
let block = process.pid;

/**
 * A port that is free, and so are those after it; below the range that the system gives to others. Each process begins with
 * another block, so that suites that run side by side do not take ports that another one has yet to use.
 */
async function freePortBase(): Promise<number> {
  for (;;) {
    const base = LOWEST_PORT + (block++ % BLOCKS) * PORTS;
    const free = await Promise.all(Array.from({ length: PORTS }, async (_, index) => isFree(base + index)));
    if (free.every(Boolean)) return base;
  }
}

export class TestFleet {
  readonly #processes: ChildProcess[] = [];
  /** What the fleet and its exporters wrote to standard error. */
  log = '';

  private constructor(
    readonly folder: string,
    readonly portBase: number,
  ) {}

  /** A folder with this YAML, and an empty database; starts nothing. */
  static async in(yaml: string): Promise<TestFleet> {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-fleet-'));
    const fleet = new TestFleet(folder, await freePortBase());
    fleet.sql(
      'CREATE TABLE pending (flow TEXT, partner TEXT, stage TEXT, arrived INTEGER); CREATE TABLE passed (flow, partner, stage, at)',
    );
    await writeFile(join(folder, 'exchange.log'), '');
    await fleet.write(yaml);
    return fleet;
  }

  get url(): string {
    return `http://127.0.0.1:${this.portBase}`;
  }

  get pid(): number {
    const pid = this.#processes.at(-1)?.pid;
    if (pid === undefined) throw new Error('the fleet was not started');
    return pid;
  }

  async write(yaml: string): Promise<void> {
    await writeFile(join(this.folder, 'exporters.yaml'), yaml);
  }

  sql(statements: string): void {
    const database = new DatabaseSync(join(this.folder, 'exchange.db'));
    database.exec(statements);
    database.close();
  }

  /** As the leader of a process group, as a shell starts it. */
  spawn(...args: readonly string[]): ChildProcess {
    const all = [MAIN, 'fleet', '--config', join(this.folder, 'exporters.yaml'), '--port-base', String(this.portBase), ...args];
    const process_ = spawn(process.execPath, all, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    process_.stderr.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    this.#processes.push(process_);
    return process_;
  }

  /** Starts it and waits until all exporters have looked once. */
  async start(...args: readonly string[]): Promise<ChildProcess> {
    const started = this.spawn(...args);
    const isOver = () => started.exitCode !== null || started.signalCode !== null;
    await until(async () => isOver() || (await fetch(`${this.url}/-/ready`)).ok, 20_000);
    if (isOver()) throw new Error(`the fleet ended instead of starting: ${this.log}`);
    return started;
  }

  async status(): Promise<StatusJson> {
    const answer = await fetch(`${this.url}/status.json`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the fleet itself wrote
    return (await answer.json()) as StatusJson;
  }

  async exporter(source: string): Promise<ExporterJson> {
    const { exporters } = await this.status();
    const found = exporters.find((exporter) => exporter.source === source);
    if (!found) throw new Error(`${source} is not in the fleet`);
    return found;
  }

  /** Process ids by source. */
  async pids(): Promise<Record<string, number>> {
    const { exporters } = await this.status();
    return Object.fromEntries(exporters.flatMap(({ source, pid }) => (pid === undefined ? [] : [[source, pid]])));
  }

  async metrics(source?: string): Promise<string> {
    const url = source === undefined ? `${this.url}/` : (await this.exporter(source)).url;
    return (await fetch(`${url}metrics`)).text();
  }

  async reload(): Promise<Response> {
    return fetch(`${this.url}/-/reload`, { method: 'POST' });
  }

  /** Ends everything that was started, however it fares. */
  async end(): Promise<void> {
    for (const { pid, exitCode, signalCode } of this.#processes) {
      if (pid === undefined || exitCode !== null || signalCode !== null) continue;
      process.kill(-pid, 'SIGKILL');
      await until(() => !isAlive(pid));
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A flow that a log, a database and an endpoint tell of. */
export const YAML = `
defaults: { interval: 1s, timeout: 1s, team: flux }
teams: { flux: { email: flux@example.org } }
partners: { chuv: { title: CHUV }, hug: { title: HUG } }
flows:
  factures:
    title: Factures
    team: flux
    direction: inbound
    partners: [chuv, hug]
    stages: [received, processed]
sources:
  exchange-log:
    kind: log
    files: [exchange.log]
    format: json
    events:
      - { when: { event: received }, flow: factures, stage: received }
  exchange-db:
    kind: sql
    driver: sqlite
    connection: { file: exchange.db }
    queries:
      waiting:
        sql: SELECT flow, partner, stage, COUNT(*) AS messages, MIN(arrived) AS oldest FROM pending GROUP BY flow, partner, stage
        stages: [processed]
        observe: { backlog: messages, backlog_oldest: oldest }
`;

/** The same with one more flow. */
export const WITH_ATTESTATIONS = YAML.replace(
  'flows:\n',
  `flows:
  attestations: { title: Attestations, team: flux, direction: outbound, partners: [chuv], stages: [processed] }
`,
);
