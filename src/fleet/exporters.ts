// How each exporter fares: what its process does, and what it says of itself, as one state with its reason.

import type { CollectorStatus, ExporterStatus, RunStatus } from '../exporter/status.js';
import type { ChildEnd, ChildState } from './child.js';
import type { Sighting } from './observer.js';
import type { PlannedExporter } from './plan.js';

/**
 * `starting`: the process is not there yet, or its first collections are not done; `up`; `failing`: the process answers, its
 * source does not; `unresponsive`: the process runs and does not answer; `down`: it ended and is started again soon;
 * `crash-loop`: it keeps ending soon after its start.
 */
export type ExporterState = 'starting' | 'up' | 'failing' | 'unresponsive' | 'down' | 'crash-loop';

export interface ExporterView extends PlannedExporter {
  readonly state: ExporterState;
  /** When the state of the process began, in milliseconds since the Unix epoch. */
  readonly since: number;
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly crashLoop: boolean;
  /** Why it is not up, in one line. */
  readonly problem: string | undefined;
  readonly lastEnd: ChildEnd | undefined;
  /** What it says now; undefined when it does not answer: what it said before holds no longer. */
  readonly status: ExporterStatus | undefined;
  /** Why it did not take over the configuration at its last reload. */
  readonly refusedReload: string | undefined;
}

export function viewExporter(plan: PlannedExporter, child: ChildState | undefined, sighting: Sighting): ExporterView {
  const current = child?.phase === 'listening' && sighting.status?.pid === child.pid ? sighting.status : undefined;
  const failure = sighting.failedAt > (child?.phaseAt ?? 0) ? sighting.failure : undefined;
  return {
    ...plan,
    ...judge(child, current, failure),
    since: child?.since ?? 0,
    pid: child?.pid,
    restarts: child?.restarts ?? 0,
    crashLoop: child?.crashLoop ?? false,
    lastEnd: child?.lastEnd,
    status: current,
    refusedReload: current?.reload.successful === false ? (current.reload.message ?? 'it does not say why') : undefined,
  };
}

/** The process runs and answers, whatever it says of its source. */
export function answers({ status }: ExporterView): boolean {
  return status !== undefined;
}

function judge(
  child: ChildState | undefined,
  status: ExporterStatus | undefined,
  failure: string | undefined,
): Pick<ExporterView, 'state' | 'problem'> {
  if (child?.crashLoop) {
    const how = status ? 'kept ending soon after its start, and runs again now' : 'keeps ending soon after its start';
    return { state: 'crash-loop', problem: `${how}: ${describeEnd(child.lastEnd)}` };
  }
  if (child?.phase === 'waiting') return { state: 'down', problem: `its process ended: ${describeEnd(child.lastEnd)}` };
  if (child?.phase === 'listening' && !status && failure !== undefined)
    return { state: 'unresponsive', problem: `its process does not answer: ${failure}` };
  if (!status?.ready) return { state: 'starting', problem: 'it is starting' };
  if (!status.up) return { state: 'failing', problem: failureOf(status.collectors) };
  return { state: 'up', problem: undefined };
}

/** `exit code 1: port 9703 on 127.0.0.1 is in use …`: with its last words, where they are for people and not a line of the log or a trace. */
function describeEnd(end: ChildEnd | undefined): string {
  if (!end) return 'not known how';
  const last = end.lines.at(-1) ?? '';
  const speaks = end.reason.startsWith('exit code') && !/^(?:\{|Node\.js v|\s*$)/.test(last);
  return speaks ? `${end.reason}: ${last}` : end.reason;
}

/** The failure that began first, and how many others there are. */
function failureOf(collectors: readonly CollectorStatus[]): string {
  const failing = collectors.filter(({ up }) => !up).toSorted((a, b) => (a.failingSince ?? 0) - (b.failingSince ?? 0));
  const [first] = failing;
  if (!first) return 'its source is down';
  const others = failing.length > 1 ? ` (and ${failing.length - 1} more)` : '';
  return `${collectors.length > 1 ? `${first.name}: ` : ''}${failureOfCollector(first)}${others}`;
}

/** `refused in connect: no answer at 127.0.0.1:5432` */
function failureOfCollector(collector: CollectorStatus): string {
  const error = lastError(collector);
  return error ? `${failureInShort(collector)}: ${error.message}` : failureInShort(collector);
}

/** `refused in connect` */
export function failureInShort(collector: CollectorStatus): string {
  const error = lastError(collector);
  if (error) return `${error.class} in ${error.phase}`;
  return collector.stale ? 'what it saw is too old' : 'nothing was seen yet';
}

function lastError({ runs }: CollectorStatus): RunStatus['error'] {
  return runs.find(({ error }) => error !== undefined)?.error;
}
