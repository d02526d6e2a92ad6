// The frame of all kinds of file exchanges: one collector for each thing that is looked at, all of them over what the kind opens.

import type { Observation } from '../../domain/observation.js';
import { LoginPaused, type LoginGuard } from '../login-guard.js';
import { SourceError, type Collector, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { schedule } from '../schedule.js';
import { Directory } from './directory.js';
import type { DirectoryOptions, ExchangeOptions } from './schema.js';
import type { UseStore } from './store.js';

/** What a kind gives the frame. */
export interface Access {
  readonly use: UseStore;
  /** Frees connections and descriptors. */
  readonly close: () => Promise<void>;
  /** What is looked at, for pages and transcripts: `host:port`, or where the files are. No user, no password. */
  readonly address: string;
  /** The guard of the account, for kinds that log in: whether it is paused is exported. */
  readonly loggedIn?: LoginGuard | undefined;
  /** What the kind has to say of the server beside, once a look has succeeded. */
  readonly observations?: () => readonly Observation[];
}

type Config = SourceConfig<ExchangeOptions>;

export function createExchange(source: Config, context: SourceContext, access: Access): Promise<Source> {
  const { directories = [] } = source.options;
  const collectors = directories.map((options) => directoryCollector(options, source, context, access));
  const [first] = collectors;
  if (first && access.observations) collectors[0] = alsoObserving(first, access.observations);
  return Promise.resolve({ collectors, close: () => access.close() });
}

/** Series of the source as a whole come with one collector, so that they come once. */
function alsoObserving(collector: Collector, observations: () => readonly Observation[]): Collector {
  return { ...collector, collect: async (signal) => [...(await collector.collect(signal)), ...observations()] };
}

function directoryCollector(options: DirectoryOptions, source: Config, context: SourceContext, { use }: Access): Collector {
  const directory = new Directory(options, context.flows, source);
  return {
    name: directory.name,
    ...schedule(source, options),
    collect: (signal) =>
      asSourceError(() =>
        use(signal, async (store) => {
          // Begun anew where the connection was lost and the listing is tried again.
          const tally = directory.tally(({ label, value }) => context.undeclared(label, value));
          await store.list(options.path, (file) => tally.add(file), signal);
          return tally.observations();
        }),
      ),
  };
}

async function asSourceError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LoginPaused) throw new SourceError('login', 'auth', error.message, { cause: error });
    throw error;
  }
}
