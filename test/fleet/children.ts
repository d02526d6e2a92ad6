// What suites of the supervisor share: commands that run fake exporters, and a log that can be read.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { ChildCommand } from '../../src/fleet/child.js';

const FAKE = fileURLToPath(new URL('fake-exporter.js', import.meta.url));

export function fake(behaviour: string, text = ''): ChildCommand {
  return { program: process.execPath, args: [FAKE, behaviour, text] };
}

/** A logger, and the messages it was given with their fields. */
export function recordingLogger() {
  const lines: string[] = [];
  return { lines, logger: pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) }) };
}

/** A process of this id runs; one that ended and waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return !existsSync('/proc/self/stat');
  }
}
