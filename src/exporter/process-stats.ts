// What the exporter's process uses, read when it is scraped.

import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the event loop is sampled: rare enough that an idle process stays idle. */
const LAG_RESOLUTION_MS = 100;

/** In seconds and bytes; undefined where the operating system does not tell. */
export interface ProcessStats {
  readonly cpu: number;
  readonly startTime: number;
  /** What the clock says. */
  readonly time: number;
  readonly residentMemory: number;
  readonly virtualMemory: number | undefined;
  readonly openFds: number | undefined;
  readonly maxFds: number | undefined;
  readonly heapUsed: number;
  readonly eventLoopLag: number;
}

/** All of them but the CPU time, which is a counter. */
export const PROCESS_GAUGES = [
  'startTime',
  'time',
  'residentMemory',
  'virtualMemory',
  'openFds',
  'maxFds',
  'heapUsed',
  'eventLoopLag',
] as const satisfies readonly (keyof ProcessStats)[];

/** @returns a function that reads the figures; the lag is that since it was last called. */
export function processStats(): () => ProcessStats {
  const startTime = performance.timeOrigin / 1000;
  const delays = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delays.enable();
  const maxFds = number(/^Max open files\s+(\d+)/m, '/proc/self/limits');
  return () => {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const virtualKiB = number(/^VmSize:\s+(\d+) kB/m, '/proc/self/status');
    return {
      cpu: (user + system) / 1e6,
      startTime,
      time: Date.now() / 1000,
      residentMemory: rss,
      virtualMemory: virtualKiB === undefined ? undefined : virtualKiB * 1024,
      openFds: countOpenFds(),
      maxFds,
      heapUsed,
      eventLoopLag: lag(delays),
    };
  };
}

/** The histogram holds whole periods, the wanted one included. */
function lag(delays: ReturnType<typeof monitorEventLoopDelay>): number {
  const seconds = delays.count === 0 ? 0 : delays.percentile(99) / 1e9 - LAG_RESOLUTION_MS / 1000;
  delays.reset();
  return Math.max(0, seconds);
}

/** /proc exists on Linux alone. */
function number(pattern: RegExp, file: string): number | undefined {
  try {
    const text = pattern.exec(readFileSync(file, 'utf8'))?.[1];
    return text === undefined ? undefined : Number(text);
  } catch {
    return undefined;
  }
}

function countOpenFds(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
