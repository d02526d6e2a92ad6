// What suites of the supervisor share: commands that run fake exporters, and a log that can be read.

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

/** A process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
