// One exporter from start to stop: loads the configuration, watches the subject, serves, reloads.

import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { formatDiagnostic } from '../config/diagnostics.js';
import { loadConfig, type Loaded } from '../config/load.js';
import type { Config } from '../config/model.js';
import { systemClock, type Clock } from '../domain/clock.js';
import { createLogger } from '../log.js';
import { toSourceError } from './collector-loop.js';
import { processStats } from './process-stats.js';
import { exporterStatus, type ConfigState } from './report.js';
import { scrape } from './scrape.js';
import { portOf, StartError, startServer, stopServer, type Exposed, type Listen } from './server.js';
import type { ExporterStatus } from './status.js';
import type { Subject, SubjectFinder } from './subject.js';
import { Watch } from './watch.js';

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
  readonly loadConfig?: (file: string) => Promise<Loaded>;
}

export interface RunningExporter {
  readonly url: string;
  readonly port: number;
  status(): ExporterStatus;
  /** Takes over the configuration as it is in the file now; an unusable one changes nothing. Reloads asked for at the same time follow each other. */
  reload(): Promise<{ readonly ok: boolean; readonly message: string }>;
  /** Lets running scrapes finish. Takes no longer than 3 s. */
  stop(): Promise<void>;
}

/** @throws StartError for everything that a user can mend: the configuration, an unknown source, the port */
export async function startExporter(options: ExporterOptions): Promise<RunningExporter> {
  const { clock = systemClock } = options;
  const load = options.loadConfig ?? loadConfig;
  const loaded = await load(options.configFile);
  if (!loaded.config) throw new StartError(errorsOf(loaded));
  const subject = options.find(loaded.config);
  if (!subject) throw new StartError(options.missing(loaded.config));
  const logger = options.logger ?? createLogger({ source: subject.name, kind: subject.kind });
  const watch = await createWatch(subject, loaded.config, clock, logger);
  const exporter = new Exporter(watch, loaded.config, { find: options.find, load: () => load(options.configFile), clock, logger });
  const { listen } = options;
  try {
    await exporter.listen(typeof listen === 'function' ? listen(loaded.config) : listen);
  } catch (error) {
    await watch.stop();
    throw error;
  }
  watch.start();
  return exporter;
}

async function createWatch(subject: Subject, config: Config, clock: Clock, logger: Logger): Promise<Watch> {
  try {
    return await Watch.of({ subject, config }, clock, logger);
  } catch (error) {
    const { phase, errorClass, message } = toSourceError(error);
    throw new StartError(`source ${subject.name} cannot be set up (${phase}, ${errorClass}): ${message}`);
  }
}

interface Surroundings {
  readonly find: SubjectFinder;
  readonly load: () => Promise<Loaded>;
  readonly clock: Clock;
  readonly logger: Logger;
}

class Exporter implements RunningExporter, Exposed {
  readonly #readProcess = processStats();
  readonly #startedAt: number;
  #server: Server | undefined;
  #host = '';
  #config: ConfigState;
  #reloading: Promise<unknown> = Promise.resolve();

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
    this.#host = listen.host;
  }

  get port(): number {
    if (!this.#server) throw new Error('the exporter does not listen yet');
    return portOf(this.#server);
  }

  get url(): string {
    const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[this.#host] ?? this.#host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get ready(): boolean {
    return this.watch.ready;
  }

  now(): number {
    return this.surroundings.clock.now();
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

  async reload(): Promise<{ ok: boolean; message: string }> {
    const turn = this.#reloading.then(() => this.#reload());
    this.#reloading = turn;
    return turn;
  }

  async stop(): Promise<void> {
    const { clock } = this.surroundings;
    const limit = new Promise<void>((resolve) => clock.after(STOP_LIMIT_MS, resolve));
    const stopped = Promise.all([this.#server && stopServer(this.#server, STOP_LIMIT_MS - 500), this.watch.stop()]);
    await Promise.race([stopped, limit]);
  }

  async #reload(): Promise<{ ok: boolean; message: string }> {
    const { load, find, logger } = this.surroundings;
    try {
      const loaded = await load();
      if (!loaded.config) return this.#refuse(errorsOf(loaded));
      const subject = find(loaded.config);
      if (!subject)
        return this.#accept(
          undefined,
          `${this.watch.subject.name} is no longer in the configuration: it runs on as it was until it is stopped`,
        );
      if (subject.fingerprint !== this.watch.subject.fingerprint) await this.watch.replace({ subject, config: loaded.config });
      logger.info({ sha: loaded.config.sha }, 'configuration loaded');
      return this.#accept(loaded.config.sha, undefined);
    } catch (error) {
      const { phase, errorClass, message } = toSourceError(error);
      return this.#refuse(`the source cannot be set up (${phase}, ${errorClass}): ${message}`);
    }
  }

  #accept(sha: string | undefined, message: string | undefined): { ok: boolean; message: string } {
    const at = this.now();
    const attempt = { successful: true, at, ...(message === undefined ? {} : { message }) };
    this.#config = { sha: sha ?? this.#config.sha, loadedAt: sha === undefined ? this.#config.loadedAt : at, attempt };
    return { ok: true, message: message ?? `configuration ${this.#config.sha} loaded` };
  }

  #refuse(message: string): { ok: boolean; message: string } {
    this.surroundings.logger.error({ reason: message }, 'configuration not loaded, the old one stays');
    this.#config = { ...this.#config, attempt: { successful: false, at: this.now(), message } };
    return { ok: false, message };
  }
}

function errorsOf({ diagnostics }: Loaded): string {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(formatDiagnostic)
    .join('\n');
}
