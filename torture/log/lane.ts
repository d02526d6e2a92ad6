// One exporter from its start to the comparison: some things are done to it for certain, then anything until time is over. The choice of what is
// done comes from the seed; its timing does not.

import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { between, chanceOf, pick, shuffled } from '../random.js';
import { acts, type Act } from './acts.js';
import type { Deeds } from './deeds.js';
import { StateDisk, type DiskKind } from './disk.js';
import type { Form } from './forms.js';
import { Site } from './site.js';
import type { Difference } from './tally.js';

/** In so many collections nothing more is counted: then it is settled. */
const SETTLED_COLLECTIONS = 2;

export interface LaneOptions {
  readonly form: Form;
  readonly folder: string;
  readonly seed: number;
  /** What is done at least once. */
  readonly once: readonly Act[];
  /** Whether it is time to end, once that is done. */
  readonly over: () => boolean;
}

export interface LaneReport {
  readonly name: string;
  readonly records: number;
  readonly bytes: number;
  readonly series: number;
  readonly scrapes: number;
  readonly disk: DiskKind;
  readonly differences: readonly Difference[];
  /** Counters that fell, and whatever kept it from ending well. */
  readonly failures: readonly string[];
  /** What the exporter said last. */
  readonly output: string;
  readonly deeds: Deeds;
}

export async function runLane({ form, folder, seed, once, over }: LaneOptions): Promise<LaneReport> {
  await mkdir(join(folder, 'logs'), { recursive: true });
  const real = await realpath(folder);
  const disk = await StateDisk.create(join(real, 'state'));
  const site = new Site(form, real, disk, chanceOf(seed));
  try {
    const failure = await attempt(site, once, over);
    return report(form.name, site, [...(failure === undefined ? [] : [failure]), ...site.watch.falls]);
  } finally {
    await site.watch.stop();
    await site.exporter.kill();
    await disk.remove();
  }
}

/** @returns what kept it from ending well */
async function attempt(site: Site, once: readonly Act[], over: () => boolean): Promise<string | undefined> {
  try {
    for (const writer of site.writers) await writer.write();
    await site.writeYaml();
    site.watch.start();
    await site.start();
    // What it has not looked at once is history, which it may leave out.
    await site.collected((now) => now >= 1);
    await torture(site, once, over);
    await settle(site);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function torture(site: Site, once: readonly Act[], over: () => boolean): Promise<void> {
  const first = shuffled(site.chance, once);
  for (;;) {
    const next = first.shift() ?? (over() ? undefined : pick(site.chance, acts));
    if (!next) return;
    await next(site);
    await site.work(between(site.chance, 50, 600));
    await site.checkpointWhereDue();
  }
}

/** All is counted and stays so; it stands in the record too, for the files are gone before the exporter is killed once more. */
async function settle(site: Site): Promise<void> {
  for (const writer of site.writers) await writer.close();
  await site.caughtUp();
  const { collections } = site.watch;
  await site.collected((now) => now >= collections + SETTLED_COLLECTIONS);
  if (site.differences().length > 0) return;
  for (const writer of site.writers) for (const rotated of writer.rotated.slice()) await writer.remove(rotated);
  await site.kill();
  await site.exporter.start();
  await site.collected((now) => now >= 1);
}

function report(name: string, site: Site, failures: readonly string[]): LaneReport {
  const { writers, tally, watch, disk, exporter, deeds } = site;
  return {
    name,
    records: writers.reduce((sum, { records }) => sum + records, 0),
    bytes: writers.reduce((sum, { bytes }) => sum + bytes, 0),
    series: tally.amounts.size,
    scrapes: watch.answers,
    disk: disk.kind,
    differences: site.differences(),
    failures,
    output: exporter.output,
    deeds,
  };
}
