// What the probes of a source did and saw: as text for a terminal, as JSON, and as the answer to somebody who wants one run now.

import { suggest } from '../domain/suggest.js';
import type { ErrorClass, Journal, Transcript } from '../sources/kind.js';
import type { RunStatus } from './status.js';

/** What `POST /probes/<name>` answers. */
export interface ProbeAnswer {
  /** 200: it is up; 502: it is not; 404: there is no such probe; 409: stopped meanwhile; 500: something is missing on our side. */
  readonly status: 200 | 404 | 409 | 500 | 502;
  readonly text: string;
}

export interface Probing {
  readonly journals: readonly Journal[] | undefined;
  lookNow(collector: string): Promise<RunStatus | undefined>;
}

/** Runs a probe now, or waits for the one that runs, and tells what it did and saw. */
export async function probeNow(probing: Probing, name: string): Promise<ProbeAnswer> {
  const before = find(probing, name);
  if (!before) return { status: 404, text: noProbe(probing.journals ?? [], name) };
  const [known] = before.last;
  const run = await probing.lookNow(name);
  if (!run) return { status: 409, text: `the probe of ${name} was stopped: the exporter stops, or takes over a configuration; try again` };
  const [transcript] = find(probing, name)?.last ?? [];
  // One whose turn did not come has none.
  const told = transcript === undefined || transcript === known ? [] : [transcriptText(before, transcript)];
  if (run.error) {
    const { phase, class: errorClass, message } = run.error;
    const isOurs = OUR_PHASES.has(phase) || OUR_CLASSES.has(errorClass);
    const text = `${name}: ${isOurs ? 'could not be asked' : 'failed'} (${phase}, ${errorClass}): ${message}`;
    return { status: isOurs ? 500 : 502, text: [text, ...told].join('\n') };
  }
  return { status: transcript?.failure === undefined ? 200 : 502, text: told.join('\n') };
}

/** What a look does before it reaches the other side, and the errors that say nothing of it. */
const OUR_PHASES: ReadonlySet<string> = new Set(['turn', 'prepare', 'secret', 'state', 'probe']);
const OUR_CLASSES: ReadonlySet<ErrorClass> = new Set<ErrorClass>(['secret', 'state', 'config', 'internal', 'schema', 'syntax']);

function find({ journals }: Probing, name: string): Journal | undefined {
  return journals?.find(({ collector }) => collector === name);
}

/** `there is no probe "chuv-ap" (is it "chuv-api"?)` */
export function noProbe(journals: readonly Journal[], name: string): string {
  const names = journals.map(({ collector }) => collector);
  return `there is no probe "${name}"${suggest(name, names)}`;
}

/** A line that says how it ended, then what it did and saw, with milliseconds from its beginning. */
export function transcriptText({ collector, address }: Pick<Journal, 'collector' | 'address'>, transcript: Transcript): string {
  const { at, durationMs, failure, lines } = transcript;
  return [
    `${collector}: ${failure ?? 'ok'}`,
    `# ${address}, ${new Date(at).toISOString()}, ${milliseconds(durationMs)}`,
    ...lines.map(({ afterMs, text }) => `${milliseconds(afterMs).padStart(12)}  ${text}`),
  ].join('\n');
}

/** To a tenth where it matters: 0.4 ms, 37 ms. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** The twin of the page for programs. */
export function probesJson(journals: readonly Journal[]): object {
  return { probes: journals.map(probeJson) };
}

export function probeJson(journal: Journal): object {
  const { collector, address, last, failed } = journal;
  return { name: collector, address, up: isUp(journal) ?? null, last: last.map(transcriptJson), failed: failed.map(transcriptJson) };
}

function transcriptJson({ at, durationMs, failure, lines }: Transcript): object {
  return { at, durationMs, failure: failure ?? null, lines };
}

/** Undefined before its first look. */
export function isUp({ up, last: [newest] }: Journal): boolean | undefined {
  return up ?? (newest && newest.failure === undefined);
}
