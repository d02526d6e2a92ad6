// The catalogue as an exporter: the intentions of the YAML in place of a source.

import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Config } from '../config/model.js';
import { CATALOG } from '../conventions.js';
import { concat } from '../domain/observation.js';
import type { Subject } from '../exporter/subject.js';
import type { Collector, Source, SourceContext } from '../sources/kind.js';
import { HolidayBook, HOLIDAYS_PHASE } from '../sources/holidays.js';
import { expectedNumbers, ExpectedPeriods } from './expectations.js';
import { intentions, placements } from './intentions.js';
import { PlannedWork } from './maintenance.js';
import { Windows } from './windows.js';

const TIMING = {
  /** What only changes with the YAML needs no more than to be known as fresh. */
  intentions: { interval: 15_000, timeout: 10_000, maxStaleness: 60_000 },
  /** An opening is seen within a second of its moment. The first look computes holidays and may take longer. */
  windows: { interval: 1_000, timeout: 30_000, maxStaleness: 60_000 },
  /** So are the beginning and the end of planned work. */
  maintenance: { interval: 1_000, timeout: 10_000, maxStaleness: 60_000 },
  /** The same holds for a period that begins. */
  expectations: { interval: 1_000, timeout: 30_000, maxStaleness: 60_000 },
} as const;

/** The exporter of the intentions of all flows. */
export function catalogSubject(config: Config): Subject {
  return {
    name: CATALOG,
    kind: CATALOG,
    title: 'Intentions from the YAML',
    env: config.environment,
    // What is declared is never dropped: the YAML itself is its bound.
    maxSeries: Number.MAX_SAFE_INTEGER,
    errors: { [HOLIDAYS_PHASE]: ['timeout', 'internal'] },
    baseDir: dirname(config.file),
    fingerprint: fingerprint(config),
    create: (context) => Promise.resolve(createCatalog(config, context)),
  };
}

/** Several collectors, so that holidays that cannot be computed take away the windows and deadlines but not the rest of the intentions. */
function createCatalog(config: Config, { clock, handover }: SourceContext): Source {
  const book = handover instanceof HolidayBook ? handover : new HolidayBook();
  const windows = new Windows(config, book);
  const work = new PlannedWork(config);
  const periods = new ExpectedPeriods(config, book);
  // The same object each time, so that nothing is rendered anew; its observations are made for that and not kept.
  const declared = { [Symbol.iterator]: () => concat([intentions(config), expectedNumbers(config)])[Symbol.iterator]() };
  const collectors: Collector[] = [
    { name: 'intentions', ...TIMING.intentions, collect: () => Promise.resolve(declared) },
    { name: 'maintenance', ...TIMING.maintenance, collect: () => Promise.resolve(work.at(clock.now())) },
    { name: 'windows', ...TIMING.windows, collect: (signal) => windows.at(clock.now(), signal) },
    { name: 'expectations', ...TIMING.expectations, collect: (signal) => periods.at(clock.now(), signal) },
  ];
  return { collectors, close: () => Promise.resolve(book) };
}

/** Of what is exported and of the calendars behind it; not of how sources are read. */
function fingerprint(config: Config): string {
  const calendars = [...new Set(placements(config).map(({ calendar }) => calendar))].map((name) => [
    name,
    name === undefined ? undefined : config.calendars[name],
  ]);
  const expectations = config.flows.map((flow) => flow.expectations);
  const hash = createHash('sha256').update(JSON.stringify([calendars, expectations, config.maintenance]));
  for (const { metric, labels, value } of intentions(config)) hash.update(JSON.stringify([metric.name, labels, value]));
  return hash.digest('hex');
}
