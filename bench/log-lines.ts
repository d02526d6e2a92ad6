// The files that the bench of logs reads: the log of an exchange platform, the same for the same number of lines.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { between, chanceOf, pick, type Chance } from '../torture/random.js';
import { interfaces } from './log-rules.js';

const SEED = 7;
const WRITE_BYTES = 1024 * 1024;
const BEGIN = Date.UTC(2026, 2, 2);
const MS_PER_LINE = 37;

/** A line without time and line end. */
type Kind = (chance: Chance, index: number) => string;

/** Three in ten lines are requests, three transfers, two jobs; two are of no interest. */
export function exchangeLine(chance: Chance, index: number): string {
  const dice = chance();
  if (dice < 0.3) return request(chance, index);
  if (dice < 0.6) return transfer(chance, index);
  return dice < 0.8 ? job(chance, index) : noise(chance, index);
}

/** Eight in ten lines are of one of the fifty kinds; two are of no interest. */
export function interfaceLine(chance: Chance, index: number): string {
  if (chance() >= 0.8) return noise(chance, index);
  const size = between(chance, 0, 999_999);
  const result = pick(chance, ['OK', 'OK', 'KO']);
  return `INFO  [worker-${index % 8}] ${pick(chance, interfaces)}: partner=${partner(chance)} file=outbox/2026-03/message_${index}.xml result=${result} size=${size} in ${between(chance, 0, 899)} ms, queue length ${index % 77}`;
}

/** Writes so many lines of some 150 bytes. @throws a system error */
export async function writeLines(path: string, count: number, kind: Kind): Promise<void> {
  const chance = chanceOf(SEED);
  const file = createWriteStream(path);
  let text = '';
  for (let index = 0; index < count; index++) {
    text += `${new Date(BEGIN + index * MS_PER_LINE).toISOString()} ${kind(chance, index)}\n`;
    if (text.length < WRITE_BYTES) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await once(file, 'close');
}

function request(chance: Chance, index: number): string {
  const method = pick(chance, ['GET', 'POST', 'PUT']);
  const path = `/api/v1/${pick(chance, ['orders', 'invoices', 'claims'])}/${between(chance, 0, 999_999)}`;
  const status = pick(chance, [200, 200, 200, 404, 500]);
  return `INFO  [worker-${index % 8}] http: ${method} ${path} status=${status} bytes=${between(chance, 0, 99_999)} took=${between(chance, 0, 899)}ms client=10.0.${index % 256}.${index % 199} agent=exchange-client/2.1`;
}

function transfer(chance: Chance, index: number): string {
  const stage = pick(chance, ['received', 'routed', 'answered']);
  const result = pick(chance, ['OK', 'OK', 'KO']);
  return `INFO  [worker-${index % 8}] transfer: partner=${partner(chance)} file=inbox/2026-03/invoice_${index}.xml stage=${stage} result=${result} size=${between(chance, 0, 999_999)} in ${between(chance, 0, 899)} ms`;
}

function job(chance: Chance, index: number): string {
  const seconds = (chance() * 90).toFixed(2);
  return `WARN  [scheduler-1] job: ${pick(chance, ['import', 'export', 'purge'])} run ${index} finished with code ${pick(chance, [0, 0, 0, 1, 2])} after ${seconds} s, next run in 3600 s, queue length ${index % 77}`;
}

function noise(chance: Chance, index: number): string {
  const key = between(chance, 0, 999_999_999).toString(16);
  return `DEBUG [pool-${index % 13}] cache: lookup of key ${key} missed, loading from store segment ${index % 64}, generation ${index % 1024}, ttl 300 s, entries ${index % 9999}`;
}

function partner(chance: Chance): string {
  return pick(chance, ['chuv', 'hug', 'hirslanden']);
}
