// Real exporters against logs that are rotated in every way while the exporters are killed, reloaded and short of disk: in the end their
// counters must equal what was written, and no counter may ever have fallen.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sum, type Deed } from './log/deeds.js';
import { acts } from './log/acts.js';
import { forms } from './log/forms.js';
import { runLane, type LaneReport } from './log/lane.js';

/** Differences, and failures, that are told per source where there are more. */
const MOST_TOLD = 20;

export interface TortureOptions {
  readonly seed: number;
  /** Of writing and rotating; what must be done at least once, and the end, take longer. */
  readonly seconds: number;
  /** Of `forms`, by name; all where none is named. */
  readonly only?: readonly string[];
  /** Each thing is done to one of the exporters at least, rather than to all of them: for a short run. */
  readonly dealt?: boolean;
  /** Leaves the files, to look at them. */
  readonly keep?: boolean;
  readonly tell: (text: string) => void;
}

export interface TortureResult extends Record<string, unknown> {
  readonly ok: boolean;
  readonly seed: number;
  readonly records: number;
  readonly rotations: number;
  readonly deeds: Readonly<Record<Deed, number>>;
  readonly differences: number;
  readonly failures: number;
}

/** Of `npm run torture -- log`. */
export async function tortureLog(args: readonly string[]): Promise<TortureResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string', multiple: true },
      keep: { type: 'boolean', default: false },
    },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
  if (!(seconds > 0) || !Number.isSafeInteger(seed)) throw new Error('--seconds is a number above 0, and --seed a whole one');
  return torture({ seconds, seed, keep: values.keep, ...(values.only && { only: values.only }), tell: toPeople });
}

function toPeople(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One exporter for each form, all at the same time. */
export async function torture({ seed, seconds, only, dealt = false, keep = false, tell }: TortureOptions): Promise<TortureResult> {
  const chosen = forms.filter(({ name }) => only === undefined || only.includes(name));
  if (chosen.length === 0) throw new Error(`no such form; there are ${forms.map(({ name }) => name).join(', ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'vigie-torture-'));
  tell(`seed ${seed}, ${seconds} s, in ${folder}`);
  let interrupted = false;
  const interrupt = () => (interrupted = true);
  process.once('SIGINT', interrupt);
  const end = performance.now() + seconds * 1000;
  const over = () => interrupted || performance.now() > end;
  try {
    const lanes = chosen.map((form, index) => {
      const once = dealt ? acts.filter((_, act) => act % chosen.length === index) : acts;
      return runLane({ form, folder: join(folder, form.name), seed: seed * 100 + forms.indexOf(form), once, over });
    });
    const reports = await Promise.all(lanes);
    return summary(seed, reports, tell);
  } finally {
    process.removeListener('SIGINT', interrupt);
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

function summary(seed: number, reports: readonly LaneReport[], tell: (text: string) => void): TortureResult {
  const deeds = sum(reports.map((report) => report.deeds));
  for (const report of reports) tellLane(report, tell);
  tell(
    `done: ${Object.entries(deeds)
      .map(([deed, count]) => `${deed.replaceAll('_', ' ')} ${count}`)
      .join(', ')}`,
  );
  const kinds = new Set(reports.map(({ disk }) => disk));
  if (kinds.has('permissions')) tell('the disk for the state could not be filled without root: its folder was made unwritable instead');
  if (kinds.has('none'))
    tell('NOT DONE: a full disk for the state; neither can a file system be mounted here nor the right to write be taken');
  const count = (of: (report: LaneReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const differences = count((report) => report.differences.length);
  const failures = count((report) => report.failures.length);
  const ok = differences === 0 && failures === 0;
  tell(ok ? `equal: every counter is what was written (seed ${seed})` : `NOT EQUAL: repeat with --seed ${seed}`);
  return {
    ok,
    seed,
    records: count(({ records }) => records),
    rotations: deeds.renames + deeds.copytruncates,
    deeds,
    differences,
    failures,
  };
}

function tellLane(report: LaneReport, tell: (text: string) => void): void {
  const { name, records, bytes, series, scrapes, differences, failures, output, deeds } = report;
  const size = (bytes / 1024 / 1024).toFixed(1);
  const verdict = differences.length === 0 ? 'equal' : `${differences.length} DIFFERENT`;
  tell(
    `${name.padEnd(15)} ${String(records).padStart(7)} records, ${size.padStart(5)} MB, ${scrapes} scrapes; ${series} series: ${verdict}`,
  );
  for (const failure of failures.slice(0, MOST_TOLD)) tell(`  FAILED: ${failure}`);
  for (const { series: one, written, counted } of differences.slice(0, MOST_TOLD)) tell(`  ${one}: written ${written}, counted ${counted}`);
  if (differences.length === 0 && failures.length === 0) return;
  tell(`  what was done last:\n${deeds.history.map((line) => `    ${line}`).join('\n')}`);
  tell(`  what the exporter said last:\n${output.replace(/^/gm, '    ')}`);
}
