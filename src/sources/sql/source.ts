// A database as a source: one collector for each query, one connection for all of them.

import { SourceError, type Collector, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { schedule } from '../schedule.js';
import { CANCEL_LIMIT_MS, type ConnectContext } from './driver.js';
import { drivers } from './drivers/registry.js';
import { RowMapper } from './rows.js';
import { DEFAULT_MAX_ROWS, type SqlOptions } from './schema.js';
import { Session } from './session.js';

/** So that a limit of ours tells what happened before the frame's own, coarser one does. */
const FRAME_MARGIN_MS = 500;

export async function create(source: SourceConfig<SqlOptions>, context: SourceContext): Promise<Source> {
  const { driver: name, connection = {}, queries } = source.options;
  const driver = drivers[name];
  const connectContext: ConnectContext = {
    application: `vigie/${source.name}`,
    readSecret: (secret) => context.readSecret(secret),
    resolvePath: (path) => context.resolvePath(path),
  };
  const session = new Session({ connect: (signal) => driver.connect(connection, connectContext, signal), clock: context.clock });
  // Each query may hold the connection for its time-out and a little more: a hung neighbour makes a query late, not fail.
  let waitMs = 0;
  for (const query of Object.values(queries)) waitMs += schedule(source, query).timeout + CANCEL_LIMIT_MS;

  const collectors = Object.entries(queries).map(([queryName, query]): Collector => {
    const { interval, timeout, maxStaleness } = schedule(source, query);
    const mapper = new RowMapper(queryName, query, { source: context, env: source.env, path: source.path, timeHint: driver.timeHint });
    const maxRows = query.max_rows ?? DEFAULT_MAX_ROWS;
    return {
      name: queryName,
      interval,
      timeout: waitMs + timeout + FRAME_MARGIN_MS,
      maxStaleness,
      collect: async (signal) => {
        const result = await session
          .query({ name: queryName, statement: { sql: query.sql }, maxRows, timeoutMs: timeout, waitMs, signal })
          .catch((error: unknown) => {
            throw inQuery(queryName, error);
          });
        return mapper.observations(result);
      },
    };
  });
  return { collectors, close: () => session.close() };
}

/** Errors of a query name it; those of the connection concern all queries alike. */
function inQuery(name: string, error: unknown): unknown {
  if (!(error instanceof SourceError) || error.phase !== 'query') return error;
  return new SourceError(error.phase, error.errorClass, `query ${name}: ${error.message}`);
}
