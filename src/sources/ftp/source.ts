// The ftp source: everything of the frame of file exchanges, over a few connections that are shared.

import { createHash } from 'node:crypto';
import { TrustStore, type Trust } from '../endpoints/tls.js';
import { createExchange } from '../exchanges/source.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { AccountGuard } from '../login-guard.js';
import { CertificateSight, certificateCollector } from './certificate.js';
import { Connection } from './connection.js';
import { reach, type Surroundings, type Target } from './connect.js';
import { lateLogin, openError } from './errors.js';
import { login } from './login.js';
import { Pool } from './pool.js';
import { addressOf, DEFAULT_CONNECTIONS, portOf, tlsOf, type FtpOptions } from './schema.js';
import { FtpStore, type StoreOptions } from './store.js';
import { utcMinute, type LocalMinute } from './times.js';

type Config = SourceConfig<FtpOptions>;

export async function createFtp(config: Config, context: SourceContext): Promise<Source> {
  const { options } = config;
  const { clock } = context;
  const target = targetReader(options, context);
  const sight = new CertificateSight(clock);
  const guard = new AccountGuard(context.record(`login-${accountOf(options)}`), clock);
  const around: Surroundings = { clock, guard, onCertificate: (times) => sight.see(times) };
  const unreadable = new Map<string, number>();
  const reading = { encoding: options.encoding ?? 'utf8', toUtc: await localMinute(options.server_timezone) };
  const opener = new Opener(options, context, around, target, {
    ...reading,
    onListed: (directory, lines) => void (lines === 0 ? unreadable.delete(directory) : unreadable.set(directory, lines)),
  });
  const pool = new Pool((signal) => opener.open(signal), options.connections ?? DEFAULT_CONNECTIONS);
  const exchange = await createExchange(config, context, {
    use: (signal, work) => pool.use(signal, work),
    close: () => pool.close(),
    address: addressOf(options, portOf(options)),
    loggedIn: guard,
  });
  const look = async (signal: AbortSignal) => (await reach(await target(), around, signal)).client.close();
  const certificates = tlsOf(options).mode === 'none' ? [] : [certificateCollector(config, clock, sight, look)];
  return {
    ...exchange,
    collectors: [...exchange.collectors, ...certificates],
    warnings: () => [...(exchange.warnings?.() ?? []), ...[...unreadable].map(unreadableWarning)],
  };
}

function unreadableWarning([directory, lines]: readonly [string, number]): string {
  return `${lines} lines of the listing of ${directory} are in no known form and were not counted; \`list: mlsd\` may help`;
}

type Reading = Pick<StoreOptions, 'encoding' | 'toUtc' | 'onListed'>;

class Opener {
  readonly #options: FtpOptions;
  readonly #context: SourceContext;
  readonly #around: Surroundings;
  readonly #target: () => Promise<Target>;
  readonly #reading: Reading;

  constructor(options: FtpOptions, context: SourceContext, around: Surroundings, target: () => Promise<Target>, reading: Reading) {
    this.#options = options;
    this.#context = context;
    this.#around = around;
    this.#target = target;
    this.#reading = reading;
  }

  /** Credentials are read at each connect, so that rotated ones are picked up, and are not kept. @throws SourceError, LoginPaused */
  async open(signal: AbortSignal): Promise<FtpStore> {
    const [target, password] = await Promise.all([this.#target(), this.#password()]);
    return await this.#around.guard.attempt(password, signal, async (verdict) => {
      const reached = await reach(target, this.#around, signal);
      const { client, secured } = reached;
      const onAbort = () => client.close();
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const { user, data_address: dataAddress = 'control', list = 'auto' } = this.#options;
        const session = await login(reached, { user, password }, target.address, verdict);
        const { clock } = this.#context;
        const connection = new Connection(client, { address: target.address, clock, secured, dataAddress });
        return new FtpStore(connection, { ...this.#reading, ...session, list, clock });
      } catch (error) {
        client.close();
        throw signal.aborted ? lateLogin(target.address) : openError(error, target.address);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    });
  }

  async #password(): Promise<string> {
    try {
      return await this.#context.readSecret(this.#options.password);
    } catch (error) {
      if (error instanceof SourceError) throw new SourceError('login', error.errorClass, error.message, { cause: error });
      throw error;
    }
  }
}

/** Certificates and keys are read at each connect too. */
function targetReader(options: FtpOptions, context: SourceContext): () => Promise<Target> {
  const store = new TrustStore(context);
  const { host, encoding = 'utf8' } = options;
  const { mode, trust } = tlsOf(options);
  const port = portOf(options);
  const read = async (): Promise<Trust> => {
    try {
      return await store.read(trust);
    } catch (error) {
      if (error instanceof SourceError) throw new SourceError('prepare', error.errorClass, error.message, { cause: error });
      throw error;
    }
  };
  return async () => ({ host, port, address: addressOf(options, port), mode, trust: await read(), encoding });
}

/** Temporal is loaded where a zone is named, and nowhere else. */
async function localMinute(timezone: string | undefined): Promise<LocalMinute> {
  if (timezone === undefined || timezone === 'UTC') return utcMinute;
  const { createZoneReader } = await import('../zone.js');
  return createZoneReader(timezone, 'first');
}

function accountOf(options: FtpOptions): string {
  const account = `${options.user}@${addressOf(options, portOf(options))}`;
  return createHash('sha256').update(account).digest('hex').slice(0, 16);
}
