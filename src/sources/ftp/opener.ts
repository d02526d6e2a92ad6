// Opens connections as the YAML says, with what is read anew each time: the password, certificates, keys.

import { TrustStore } from '../endpoints/tls.js';
import { SourceError, type SourceContext } from '../kind.js';
import type { Verdict } from '../login-guard.js';
import { Connection } from './connection.js';
import { reach, type Surroundings, type Target } from './connect.js';
import { lateLogin, openError } from './errors.js';
import { login } from './login.js';
import { addressOf, portOf, tlsOf, type FtpOptions } from './schema.js';
import { FtpStore, type StoreOptions } from './store.js';

export type Reading = Pick<StoreOptions, 'encoding' | 'toUtc' | 'onListed'>;

export class Opener {
  readonly #options: FtpOptions;
  readonly #context: SourceContext;
  readonly #around: Surroundings;
  readonly #trust: TrustStore;
  readonly #reading: Reading;

  constructor(options: FtpOptions, context: SourceContext, around: Surroundings, reading: Reading) {
    this.#options = options;
    this.#context = context;
    this.#around = around;
    this.#trust = new TrustStore(context);
    this.#reading = reading;
  }

  /** Credentials are read at each connect, so that rotated ones are picked up, and are not kept. @throws SourceError, LoginPaused */
  async open(signal: AbortSignal): Promise<FtpStore> {
    const [target, password] = await Promise.all([this.target(), this.#password()]);
    let entering: Promise<FtpStore> | undefined;
    try {
      return await this.#around.guard.attempt(password, signal, (verdict) => (entering = this.#enter(target, password, signal, verdict)));
    } catch (error) {
      if (!signal.aborted || error instanceof SourceError) throw error;
      // The guard gives up as soon as the signal does; what was begun ends with it too, and knows how far it came.
      if (entering) return await entering;
      throw new SourceError('login', 'timeout', `${target.address}: no turn to log in in time: another login is waiting for its answer`);
    }
  }

  async #enter(target: Target, password: string, signal: AbortSignal, verdict: Verdict): Promise<FtpStore> {
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
  }

  async #password(): Promise<string> {
    try {
      return await this.#context.readSecret(this.#options.password);
    } catch (error) {
      if (error instanceof SourceError) throw new SourceError('login', error.errorClass, error.message, { cause: error });
      throw error;
    }
  }

  /** Certificates and keys of ours are read at each connect too. @throws SourceError of phase `prepare` */
  async target(): Promise<Target> {
    const { host, encoding = 'utf8' } = this.#options;
    const { mode, trust } = tlsOf(this.#options);
    const port = portOf(this.#options);
    try {
      return { host, port, address: addressOf(this.#options, port), mode, trust: await this.#trust.read(trust), encoding };
    } catch (error) {
      if (error instanceof SourceError) throw new SourceError('prepare', error.errorClass, error.message, { cause: error });
      throw error;
    }
  }
}
