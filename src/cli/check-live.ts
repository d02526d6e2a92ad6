// What `vigie check --live` adds to the check: a look at every source, whose failures and warnings are reported at their places in the YAML.

import type { Reportable } from '../config/load.js';
import type { Config } from '../config/model.js';
import { within, type Report, type Spot } from '../config/report.js';
import { asArray, asObject } from '../config/words.js';
import { findSource } from '../exporter/source-subject.js';
import { cannotBeSetUp } from '../exporter/watch.js';
import type { ConfigPath, SourceConfig } from '../sources/kind.js';
import { lookOnce, queryOf, seriesWarning, undeclaredWarning, type CollectorLook, type Look } from './look.js';
import { visible } from './visible.js';

/** Sources that are looked at in the same moment. */
const AT_ONCE = 4;
/** Keys of a source under which blocks are named as their collectors are. */
const NAMED_BLOCKS = ['queries', 'endpoints'];
/** Keys of lists whose entries are. */
const LISTED_BLOCKS = ['directories'];

export interface LiveCounts {
  readonly collectors: number;
  readonly failed: number;
}

/** Looks once at every source, and reports what is wrong; rows are not reported, for they may be personal data. */
export async function checkLive(config: Config, { report, sources: spots }: Reportable): Promise<LiveCounts> {
  let collectors = 0;
  let failed = 0;
  // One queue for all: who is done with a source takes the next one.
  const queue = config.sources.values();
  const work = async () => {
    for (const source of queue) {
      const spot = spots.get(source.name);
      const look = spot && (await lookAt(config, source, spot, report));
      collectors += look?.collectors.length ?? 0;
      failed += look?.collectors.filter(({ error }) => error !== undefined).length ?? 0;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { collectors, failed };
}

/** @returns undefined where the source cannot even be set up */
async function lookAt(config: Config, source: SourceConfig, spot: Spot, report: Report): Promise<Look | undefined> {
  const subject = await findSource(config, source.name);
  if (!subject) return undefined;
  try {
    const look = await lookOnce(config, subject);
    for (const collector of look.collectors) reportCollector(collector, source, spot, report);
    for (const warning of [...look.warnings, ...look.undeclared.map(undeclaredWarning)]) report.warning(spot, visible(warning));
    const full = seriesWarning(look);
    if (full !== undefined) report.warning(within(spot, 'max_series'), full);
    return look;
  } catch (error) {
    report.error(spot, visible(cannotBeSetUp(subject, error)));
    return undefined;
  }
}

function reportCollector({ name, error, findings }: CollectorLook, { options }: SourceConfig, spot: Spot, report: Report): void {
  const path = blockOf(options, name);
  const place = within(spot, ...path);
  // Several collectors may be made from one block, and not every block bears the name.
  const isNamed = path.at(-1) === name;
  if (error) report.error(place, visible(`${isNamed ? '' : `${name} `}failed (${error.phase}, ${error.class}): ${error.message}`));
  for (const warning of findings.warnings ?? []) {
    report.warning(place, visible(isNamed || warning.includes(name) ? warning : `${name}: ${warning}`));
  }
}

/** Path from the block of the source to the one that the collector is made from; empty where that is the block itself. */
function blockOf(options: unknown, collector: string): ConfigPath {
  const block = asObject(options);
  for (const key of NAMED_BLOCKS) {
    const name = [collector, queryOf(collector)].find((one) => one !== undefined && Object.hasOwn(asObject(block[key]), one));
    if (name !== undefined) return [key, name];
  }
  for (const key of LISTED_BLOCKS) {
    const index = asArray(block[key])
      .map(asObject)
      .findIndex(({ name, path }) => (name ?? path) === collector);
    if (index >= 0) return [key, index];
  }
  return Object.hasOwn(block, collector) ? [collector] : [];
}
