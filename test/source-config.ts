// A source as the configuration gives it to its kind, for tests of kinds.

import type { SourceConfig } from '../src/sources/kind.js';

type Own = Pick<SourceConfig, 'name' | 'kind' | 'interval' | 'timeout'>;

/** @param own times in milliseconds; it is stale after three intervals */
export function sourceConfigOf<Options>(own: Own, options: Options): SourceConfig<Options> {
  return {
    ...own,
    title: undefined,
    team: undefined,
    env: 'prod',
    path: undefined,
    maxStaleness: 3 * own.interval,
    maxSeries: 10_000,
    exporterPort: undefined,
    baseDir: '/',
    options,
  };
}
