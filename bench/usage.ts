// What a process uses, as the kernel tells it. Linux only.

import { readFile } from 'node:fs/promises';

/** Of times in /proc/<pid>/stat, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;

/** CPU time of all its threads, user and system, in seconds. */
export async function cpuSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name of the program in brackets, and may hold anything. The state follows, the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[14 - 3]) + Number(fields[15 - 3])) / TICKS_PER_SECOND;
}

/** All its pages in memory in MB, those that it shares included: now, and the most there have been. */
export async function residentMB(pid: number | undefined): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { now: kilobytes(status, 'VmRSS') / 1024, peak: kilobytes(status, 'VmHWM') / 1024 };
}

/** Bytes that it has read, of files and all else. */
export async function readBytes(pid: number | undefined): Promise<number> {
  const io = await readFile(`/proc/${pid}/io`, 'utf8');
  return Number(/^rchar: (?<bytes>\d+)$/m.exec(io)?.groups?.['bytes']);
}

/** PSS in MB: pages that it shares count for their share. */
export async function proportionalMB(pid: number | undefined): Promise<number> {
  return kilobytes(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') / 1024;
}

function kilobytes(text: string, name: string): number {
  const amount = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (amount === undefined) throw new Error(`the kernel tells no ${name}`);
  return Number(amount);
}
