// One answer to a scrape: the ready bytes of the source, and the exporter's metrics of itself, both of the same moment.

import { CONTENT_TYPES, ENDINGS, renderFamilies, type Format } from './exposition.js';
import { endGzip } from './gzip.js';
import type { OwnState } from './own-metrics.js';
import type { Watch } from './watch.js';

export interface Scrape {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly chunks: readonly Buffer[];
}

/** What the exporter knows beside the source. */
export type Surroundings = Pick<OwnState, 'configSha' | 'reloadSuccessful' | 'configLoadedAt' | 'process'>;

export async function scrape(watch: Watch, surroundings: () => Surroundings, format: Format, gzip: boolean): Promise<Scrape> {
  const { snapshot, text } = await consistent(watch, surroundings(), format);
  const rest = Buffer.from(text + ENDINGS[format]);
  const headers = { 'Content-Type': CONTENT_TYPES[format], Vary: 'Accept, Accept-Encoding' };
  if (!gzip) return answer(headers, [...snapshot.pieces(format), rest]);
  const start = await snapshot.gzip(format);
  return answer({ ...headers, 'Content-Encoding': 'gzip' }, [start.bytes, endGzip(start, rest)]);
}

/** prom-client answers by promise: when something happens to the source meanwhile, both parts are taken anew. */
async function consistent(watch: Watch, surroundings: Surroundings, format: Format) {
  for (;;) {
    const { revision } = watch;
    const snapshot = watch.snapshot();
    const collectors = watch.collectors();
    const families = await watch.own.families({
      ...surroundings,
      up: collectors.every(({ up }) => up),
      collectors,
      series: snapshot.assembly.series,
    });
    if (watch.revision === revision) return { snapshot, text: renderFamilies(families, format) };
  }
}

function answer(headers: Readonly<Record<string, string>>, chunks: readonly Buffer[]): Scrape {
  return { headers: { ...headers, 'Content-Length': chunks.reduce((sum, { length }) => sum + length, 0) }, chunks };
}
