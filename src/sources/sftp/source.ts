// The sftp source: the frame of file exchanges over one connection, and what is remembered of the account and of the server.

import type { Secret } from '../../domain/secret.js';
import { CREDENTIALS_COLLECTOR } from '../exchanges/check.js';
import { createExchange } from '../exchanges/source.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { AccountGuard } from '../login-guard.js';
import { expectedHostKeys } from '../ssh-trust/host-key.js';
import { addressOf, openConnection } from './connect.js';
import type { Connection } from './connection.js';
import { HostKeyMemory } from './host-keys.js';
import type { Credentials } from './login.js';
import { DEFAULT_PORT, keysOf, type SftpOptions } from './schema.js';
import { Session } from './session.js';

type Config = SourceConfig<SftpOptions>;

/** What outlives a reload: so that a password that was wrong is told from the one that has been put right. */
class Handover {
  constructor(
    readonly guard: AccountGuard,
    readonly exchange: unknown,
  ) {}
}

export async function createSftp(config: Config, context: SourceContext): Promise<Source> {
  const { host, port = DEFAULT_PORT } = config.options;
  const { handover } = context;
  const before = handover instanceof Handover ? handover : undefined;
  const guard = before?.guard ?? new AccountGuard(context.record(CREDENTIALS_COLLECTOR), context.clock);
  const address = addressOf({ host, port });
  const hostKeys = new HostKeyMemory(address, { source: config.name, kind: config.kind });
  const session = new Session(async (signal, ended) => {
    const credentials = await readCredentials(config.options, context);
    const expected = await expectedHostKeys(config.options.host_key, { host, port }, (path) => context.resolvePath(path));
    const target = { host, port, credentials, hostKeys: hostKeys.expected(expected) };
    const announced = (keys: readonly Buffer[], shown: Buffer) => hostKeys.announced(keys, shown, expected);
    let opening: Promise<Connection> | undefined;
    try {
      return await guard.attempt(JSON.stringify(credentials), signal, (verdict) => {
        opening = openConnection(target, signal, { verdict, announced, ended });
        return opening;
      });
    } catch (error) {
      if (!signal.aborted || error instanceof SourceError) throw error;
      // The guard does not wait for what the signal ends; that knows how far it had come.
      if (opening) return opening;
      throw new SourceError('login', 'timeout', `${address}: another login was still going on`);
    }
  });
  const exchange = await createExchange(
    config,
    { ...context, handover: before?.exchange },
    {
      use: session.use,
      close: () => session.close(),
      address,
      loggedIn: guard,
      observations: () => hostKeys.observations(),
    },
  );
  return {
    ...exchange,
    warnings: () => [...(exchange.warnings?.() ?? []), ...hostKeys.warnings()],
    close: async () => new Handover(guard, await exchange.close()),
  };
}

/** Read at each connect, so that rotated ones are picked up, and not kept. */
async function readCredentials(options: SftpOptions, context: SourceContext): Promise<Credentials> {
  const [keys, passphrase, password] = await Promise.all([
    Promise.all(keysOf(options).map(async (key) => readSecret(key, context))),
    options.passphrase && readSecret(options.passphrase, context),
    options.password && readSecret(options.password, context),
  ]);
  return { user: options.user, keys, passphrase, password };
}

async function readSecret(secret: Secret, context: SourceContext): Promise<string> {
  try {
    return await context.readSecret(secret);
  } catch (error) {
    if (error instanceof SourceError) throw new SourceError('login', error.errorClass, error.message, { cause: error });
    throw error;
  }
}
