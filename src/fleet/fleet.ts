// The fleet: one process for each exporter that the YAML asks for, watched, and brought in line with the YAML on reload.

import type { Logger } from 'pino';
import { formatDiagnostic } from '../config/diagnostics.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/model.js';
import { assignPorts } from '../config/ports.js';
import { FLEET } from '../conventions.js';
import type { Clock } from '../domain/clock.js';
import { Reloads } from '../exporter/reloads.js';
import { VERSION } from '../version.js';
import { hostPort, localHost } from '../web/address.js';
import type { ChildCommand } from './child.js';
import { viewEndpoints } from './endpoints.js';
import { viewExporter } from './exporters.js';
import { viewFlows } from './flows.js';
import { Observer } from './observer.js';
import { changesBetween, planExporters, type PlannedExporter } from './plan.js';
import { portProblems } from './ports.js';
import { Supervisor } from './supervisor.js';
import type { FleetView, ReloadResult } from './view.js';
import { findWatchers, type Watchers } from './watchers.js';

export interface FleetOptions {
  /** Absolute path of the YAML. */
  readonly configFile: string;
  /** Address that the exporters listen on. */
  readonly host: string;
  /** Port of the fleet; those of the exporters follow. */
  readonly portBase: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes each line that an exporter writes to standard error. */
  readonly forward: (line: string) => void;
  /** What runs an exporter. */
  readonly commandFor: (exporter: PlannedExporter) => ChildCommand;
}

/** Why the fleet cannot start; the message is for the user and names what to do. */
export class FleetError extends Error {
  override readonly name = 'FleetError';
}

interface Running {
  readonly config: Config;
  readonly watchers: Watchers;
  readonly exporters: readonly PlannedExporter[];
  /** Milliseconds since the Unix epoch. */
  readonly loadedAt: number;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #supervisor: Supervisor;
  readonly #observer: Observer;
  readonly #startedAt: number;
  #running: Running;
  #reload: ReloadResult;
  readonly #reloads = new Reloads(() => this.#reloadNow());
  #stopping = false;

  private constructor(options: FleetOptions, running: Running, warnings: readonly string[]) {
    this.#options = options;
    this.#supervisor = new Supervisor(options);
    this.#observer = new Observer(options.clock);
    this.#startedAt = options.clock.now();
    this.#running = running;
    this.#reload = { successful: true, at: running.loadedAt, messages: warnings };
  }

  /** Reads the YAML and finds ports; starts nothing yet. @throws FleetError when the YAML has errors or a port is in use */
  static async prepare(options: FleetOptions): Promise<Fleet> {
    const loaded = await load(options, new Map());
    if (!loaded.running) throw new FleetError(loaded.messages.join('\n'));
    const problems = await portProblems(options.host, [{ source: FLEET, port: options.portBase }, ...loaded.running.exporters]);
    if (problems.length > 0) throw new FleetError(problems.join('\n'));
    return new Fleet(options, loaded.running, loaded.messages);
  }

  /** Starts all exporters, a few at a time; resolves when each has had its turn. */
  async start(): Promise<void> {
    const { exporters, config } = this.#running;
    this.#observe();
    await this.#supervisor.start(this.#commands(exporters), config);
  }

  /** Stops all exporters within 5 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#observer.stop();
    await this.#supervisor.shutDown();
  }

  /** Brings the fleet in line with the YAML as it is now; keeps everything as it is when the YAML has errors. */
  reload(): Promise<ReloadResult> {
    return this.#reloads.ask();
  }

  /** The exporters that should be there, also those that are down. */
  get exporters(): readonly PlannedExporter[] {
    return this.#running.exporters;
  }

  get env(): string {
    return this.#running.config.environment;
  }

  /** When a configuration was last loaded with success, in milliseconds since the Unix epoch. */
  get loadedAt(): number {
    return this.#running.loadedAt;
  }

  /** Exporters that have not finished their first collections yet. */
  get unready(): string[] {
    return this.exporters.map(({ source }) => source).filter((source) => !this.#observer.hasBeenReady(source));
  }

  view(): FleetView {
    const { config, watchers, exporters } = this.#running;
    const views = exporters.map((exporter) =>
      viewExporter(exporter, this.#supervisor.state(exporter.source), this.#observer.sighting(exporter.source)),
    );
    return {
      at: this.#options.clock.now(),
      startedAt: this.#startedAt,
      version: VERSION,
      configFile: config.files[0] ?? config.file,
      configSha: config.sha,
      exporters: views,
      flows: viewFlows(config, watchers, views, (source, sample) => this.#observer.perMinute(source, sample)),
      endpoints: viewEndpoints(views, (source) => this.#observer.lastStatus(source)?.samples ?? []),
      reload: this.#reload,
    };
  }

  async #reloadNow(): Promise<ReloadResult> {
    if (this.#stopping) return this.#reload;
    const { clock, logger } = this.#options;
    const before = this.#running.exporters;
    const loaded = await load(this.#options, new Map(before.map(({ source, port }) => [source, port])));
    const problems = loaded.running ? await portProblems(this.#options.host, newcomers(before, loaded.running.exporters)) : loaded.messages;
    if (!loaded.running || problems.length > 0) {
      this.#reload = { successful: false, at: clock.now(), messages: problems };
      logger.error({ problems }, 'reload failed, everything stays as it was');
      return this.#reload;
    }
    const refusals = await this.#apply(loaded.running);
    const messages = [...loaded.messages, ...[...refusals].map(([source, message]) => `${source} kept its configuration: ${message}`)];
    this.#reload = { successful: refusals.size === 0, at: clock.now(), messages };
    if (refusals.size === 0) logger.info({ sha: loaded.running.config.sha }, 'configuration reloaded');
    else logger.error({ problems: messages }, 'some exporters kept their configuration');
    return this.#reload;
  }

  /** @returns why an exporter did not take over its new configuration, by name */
  async #apply(next: Running): Promise<ReadonlyMap<string, string>> {
    const changes = changesBetween(this.#running.exporters, next.exporters);
    this.#running = next;
    await this.#supervisor.stop([...changes.stop, ...changes.restart.map(({ source }) => source)]);
    this.#observe(changes.restart);
    const [refusals] = await Promise.all([
      this.#supervisor.reload(changes.reload, next.config),
      this.#supervisor.start(this.#commands([...changes.start, ...changes.restart]), next.config),
    ]);
    return refusals;
  }

  #commands(exporters: readonly PlannedExporter[]): Map<string, ChildCommand> {
    return new Map(exporters.map((exporter) => [exporter.source, this.#options.commandFor(exporter)]));
  }

  /** @param anew exporters whose past says nothing of what they are now */
  #observe(anew: readonly PlannedExporter[] = []): void {
    if (this.#stopping) return;
    const host = localHost(this.#options.host);
    for (const { source } of anew) this.#observer.forget(source);
    this.#observer.watch(new Map(this.#running.exporters.map(({ source, port }) => [source, `http://${hostPort(host, port)}`])));
  }
}

interface Loaded {
  /** Undefined where the YAML has errors. */
  readonly running: Running | undefined;
  /** Errors and warnings, as the user reads them. */
  readonly messages: readonly string[];
}

/** @param taken ports of exporters that run: they keep them */
async function load({ configFile, portBase, clock }: FleetOptions, taken: ReadonlyMap<string, number>): Promise<Loaded> {
  const { config, diagnostics } = await loadConfig(configFile);
  const messages = diagnostics.map(formatDiagnostic);
  if (!config) return { running: undefined, messages };
  const ports = tryAssignPorts(config, portBase, taken);
  if (typeof ports === 'string') return { running: undefined, messages: [ports] };
  const exporters = planExporters(config, ports);
  return { running: { config, exporters, watchers: findWatchers(config), loadedAt: clock.now() }, messages };
}

/** @returns the ports by source, or why there are not enough of them */
function tryAssignPorts(config: Config, base: number, taken: ReadonlyMap<string, number>): ReadonlyMap<string, number> | string {
  try {
    return assignPorts(config, base, taken);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Exporters on ports that none of ours listens on yet. */
function newcomers(before: readonly PlannedExporter[], after: readonly PlannedExporter[]): PlannedExporter[] {
  const ours = new Set(before.map(({ port }) => port));
  return after.filter(({ port }) => !ours.has(port));
}
