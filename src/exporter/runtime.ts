// One exporter from start to stop: loads the configuration, watches the subject, serves, reloads.

import type { Logger } from 'pino';
import { formatDiagnostic } from '../config/diagnostics.js';
import type { Loaded } from '../config/load.js';
import type { Config } from '../config/model.js';
import { systemClock, type Clock } from '../domain/clock.js';
import { createLogger } from '../log.js';
import { hostPort, localHost } from '../web/address.js';
import { portOf, stopServer, type Listen, type RunningServer } from '../web/server.js';
import { toSourceError } from './collector-loop.js';
import { loadApart } from './load-apart.js';
import { processStats } from './process-stats.js';
import { Reloads } from './reloads.js';
import { exporterStatus, type ConfigState } from './report.js';
import { scrape } from './scrape.js';
import { startServer, type Exposed, type ReloadAnswer } from './server.js';
import { StartError } from './start-error.js';
import { defaultStateFolder, stateRecord } from './state-store.js';
import type { ExporterStatus } from './status.js';
import type { SubjectFinder } from './subject.js';
import { cannotBeSetUp, Watch, type Assignment, type WatchOptions } from './watch.js';

/** All of a stop, so that a supervisor that waits a little longer never has to kill. */
const STOP_LIMIT_MS = 3_000;

export interface ExporterOptions {
  readonly find: SubjectFinder;
  /** What to say when the configuration has no such subject at the start. */
  readonly missing: (config: Config) => string;
  readonly configFile: string;
  readonly listen: Listen | ((config: Config) => Listen);
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Where this exporter stands; a label of what it sees from there. */
  readonly site?: string | undefined;
  /** Where collectors keep what must outlive the process. Default: `defaultStateFolder`. */
  readonly stateFolder?: string | undefined;
  /** Default: in a process of its own. */
  readonly loadConfig?: (file: string) => Promise<Loaded>;
}

export interface RunningExporter {
  readonly url: string;
  readonly port: number;
  status(): ExporterStatus;
  /**
   * Takes over a configuration: the one given, else that in the file as it is now; an unusable one changes nothing.
   * Reloads follow each other; those asked for while one runs become one.
   */
  reload(config?: Config): Promise<ReloadAnswer>;
  /** Lets running scrapes finish. Takes no longer than 3 s. */
  stop(): Promise<void>;
}

/** @throws StartError for everything that a user can mend: the configuration, an unknown source, the port */
export async function startExporter(options: ExporterOptions): Promise<RunningExporter> {
  const { clock = systemClock } = options;
  const load = () => loadOrExplain(options);
  const config = await load();
  if (typeof config === 'string') throw new StartError(config);
  const subject = await options.find(config);
  if (!subject) throw new StartError(options.missing(config));
  const logger = options.logger ?? createLogger({ source: subject.name, kind: subject.kind });
  const folder = options.stateFolder ?? defaultStateFolder(config.file);
  const record: WatchOptions['record'] = (source, collector) => stateRecord(folder, source, collector);
  const watch = await createWatch({ subject, config }, { clock, logger, record, site: options.site });
  const exporter = new Exporter(watch, config, { find: options.find, load, clock, logger });
  const { listen } = options;
  try {
    await exporter.listen(typeof listen === 'function' ? listen(config) : listen);
  } catch (error) {
    await watch.stop();
    throw error;
  }
  watch.start();
  return exporter;
}

async function createWatch(assignment: Assignment, options: WatchOptions): Promise<Watch> {
  try {
    return await Watch.of(assignment, options);
  } catch (error) {
    throw new StartError(cannotBeSetUp(assignment.subject, error));
  }
}

interface Surroundings {
  readonly find: SubjectFinder;
  /** The configuration, or why there is none. */
  readonly load: () => Promise<Config | string>;
  readonly clock: Clock;
  readonly logger: Logger;
}

class Exporter implements RunningExporter, Exposed {
  readonly #readProcess = processStats();
  readonly #startedAt: number;
  #server: RunningServer | undefined;
  #address: Listen = { host: '', port: 0 };
  #config: ConfigState;
  readonly #reloads = new Reloads(() => this.#reload());
  /** Handed over to the next reload. */
  #given: Config | undefined;

  constructor(
    private readonly watch: Watch,
    config: Config,
    private readonly surroundings: Surroundings,
  ) {
    this.#startedAt = this.now();
    this.#config = { sha: config.sha, loadedAt: this.now(), attempt: { successful: true, at: this.now() } };
  }

  async listen(listen: Listen): Promise<void> {
    this.#server = await startServer(this, listen, this.surroundings.logger);
    this.#address = { host: listen.host, port: portOf(this.#server) };
  }

  get port(): number {
    return this.#address.port;
  }

  get url(): string {
    const { host, port } = this.#address;
    return `http://${hostPort(localHost(host), port)}`;
  }

  get ready(): boolean {
    return this.watch.ready;
  }

  now(): number {
    return this.surroundings.clock.now();
  }

  get journals(): Exposed['journals'] {
    return this.watch.journals;
  }

  lookNow(collector: string): ReturnType<Exposed['lookNow']> {
    return this.watch.lookNow(collector);
  }

  status(): ExporterStatus {
    return exporterStatus(this.watch, this.#config, this.#startedAt);
  }

  scrape: Exposed['scrape'] = (format, gzip) => {
    const process = this.#readProcess();
    const { watch } = this;
    const surroundings = () => {
      const { sha, loadedAt, attempt } = this.#config;
      return { configSha: sha, configLoadedAt: loadedAt, reloadSuccessful: attempt.successful, process };
    };
    return scrape(watch, surroundings, format, gzip);
  };

  async reload(config?: Config): Promise<ReloadAnswer> {
    this.#given = config ?? this.#given;
    return this.#reloads.ask();
  }

  async stop(): Promise<void> {
    const { clock } = this.surroundings;
    const limit = new Promise<void>((resolve) => clock.after(STOP_LIMIT_MS, resolve));
    const stopped = Promise.all([this.#server && stopServer(this.#server, STOP_LIMIT_MS - 500), this.watch.stop()]);
    await Promise.race([stopped, limit]);
  }

  async #reload(): Promise<ReloadAnswer> {
    const { load, find, logger } = this.surroundings;
    const given = this.#given;
    this.#given = undefined;
    const config = given ?? (await load());
    if (typeof config === 'string') return this.#refuse(config);
    const subject = await find(config);
    if (!subject) {
      return this.#accept(
        undefined,
        `${this.watch.subject.name} is no longer in the configuration: it runs on as it was until it is stopped`,
      );
    }
    try {
      if (subject.fingerprint !== this.watch.subject.fingerprint) await this.watch.replace({ subject, config });
    } catch (error) {
      return this.#refuse(cannotBeSetUp(subject, error));
    }
    logger.info({ sha: config.sha }, 'configuration loaded');
    return this.#accept(config.sha, undefined);
  }

  #accept(sha: string | undefined, message: string | undefined): ReloadAnswer {
    const at = this.now();
    const attempt = { successful: true, at, ...(message === undefined ? {} : { message }) };
    this.#config = { sha: sha ?? this.#config.sha, loadedAt: sha === undefined ? this.#config.loadedAt : at, attempt };
    return { ok: true, message: message ?? `configuration ${this.#config.sha} loaded` };
  }

  #refuse(message: string): ReloadAnswer {
    this.surroundings.logger.error({ reason: message }, 'configuration not loaded, the old one stays');
    this.#config = { ...this.#config, attempt: { successful: false, at: this.now(), message } };
    return { ok: false, message };
  }
}

/** The configuration, or what is wrong with it. */
async function loadOrExplain({ configFile, loadConfig = loadApart }: ExporterOptions): Promise<Config | string> {
  try {
    const { config, diagnostics } = await loadConfig(configFile);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    return config ?? errors.map(formatDiagnostic).join('\n');
  } catch (error) {
    return error instanceof StartError ? error.message : `${configFile} cannot be loaded: ${toSourceError(error).message}`;
  }
}
