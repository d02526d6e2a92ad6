// The sftp source: one collector for each directory, all of them over one connection.

import { constants } from 'node:fs';
import type { Secret } from '../../domain/secret.js';
import { SourceError, type Collector, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { schedule } from '../schedule.js';
import { expectedHostKeys } from '../ssh-trust/host-key.js';
import { openConnection, type Target } from './connect.js';
import type { Connection, Entry } from './connection.js';
import { Directory, type Tally } from './directory.js';
import { DEFAULT_PORT, type DirectoryOptions, type SftpOptions } from './schema.js';
import { Session } from './session.js';

type Config = SourceConfig<SftpOptions>;

export function createSftp(config: Config, context: SourceContext): Promise<Source> {
  const session = new Session(async (signal, onEnd) => openConnection(await readTarget(config.options, context), signal, onEnd));
  const collectors = config.options.directories.map((options) => createCollector(options, config, context, session));
  return Promise.resolve({ collectors, close: () => session.close() });
}

function createCollector(options: DirectoryOptions, config: Config, context: SourceContext, session: Session): Collector {
  const directory = new Directory(options, context.flows, config);
  const list = async (connection: Connection, signal: AbortSignal) => {
    const tally = directory.tally(({ label, value }) => context.undeclared(label, value));
    await connection.list(options.path, (entry) => count(entry, tally), signal);
    return tally.observations();
  };
  return {
    name: directory.name,
    ...schedule(config, options),
    collect: (signal) => session.use(signal, (connection) => list(connection, signal)),
  };
}

function count({ filename, attrs }: Entry, tally: Tally): void {
  if (!isFile(attrs)) return;
  const { size, mtime } = attrs;
  tally.add({
    name: filename,
    size: Number.isFinite(size) ? size : undefined,
    modified: Number.isFinite(mtime) ? mtime : undefined,
  });
}

/** Links lead to what is counted elsewhere, or nowhere. What a server tells no type of is taken for a file. */
function isFile(attrs: Entry['attrs']): boolean {
  return attrs.isFile() || (attrs.mode & constants.S_IFMT) === 0;
}

/** Credentials and host keys are read at each connect, so that rotated ones are picked up, and are not kept. */
async function readTarget(options: SftpOptions, context: SourceContext): Promise<Target> {
  const { host, user, port = DEFAULT_PORT } = options;
  const [hostKeys, key, passphrase, password] = await Promise.all([
    expectedHostKeys(options.host_key, { host, port }, (path) => context.resolvePath(path)),
    readCredential(options.key, context),
    readCredential(options.passphrase, context),
    readCredential(options.password, context),
  ]);
  return { host, port, user, key, passphrase, password, hostKeys };
}

async function readCredential(secret: Secret | undefined, context: SourceContext): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  try {
    return await context.readSecret(secret);
  } catch (error) {
    if (error instanceof SourceError) throw new SourceError('login', error.errorClass, error.message, { cause: error });
    throw error;
  }
}
