// What the files of round trips are called. They are ours: no directory counts them.

import { randomBytes } from 'node:crypto';

const PREFIX = '.vigie-canary-';
/** While it is being written. */
export const CANARY_PARTIAL = '.tmp';
const RANDOM_BYTES = 8;

export function isCanary(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** `.vigie-canary-<source>-<16 hexadecimal digits>`: two exporters of one source never write the same file. */
export function newCanaryName(source: string): string {
  return `${PREFIX}${source}-${randomBytes(RANDOM_BYTES).toString('hex')}`;
}

/** Whether it is, by its name, a file of a round trip of this source, of whatever exporter; nothing else is ever removed. */
export function isCanaryOf(source: string, name: string): boolean {
  const start = `${PREFIX}${source}-`;
  return name.startsWith(start) && /^[0-9a-f]{16}(?:\.tmp)?$/.test(name.slice(start.length));
}
