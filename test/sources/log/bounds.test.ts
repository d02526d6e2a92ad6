// Logs that would take all memory if they could, read by a real exporter: what it takes is bounded, metrics say what goes on, and it recovers.

import { randomFillSync } from 'node:crypto';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Exporter } from '../../../torture/exporter.js';
import { scrapeSamples, valueOf } from '../../exporter/http.js';
import { until } from '../../wait.js';

const MB = 1024 * 1024;
const LIMIT_MS = 60_000;
/** What it may have resident, whatever it reads. Measured: 96 to 101 MB, of which starting takes 86 for a moment. */
const MOST_MEMORY = 120 * MB;
/** Garbage is no ASCII and full of errors, and takes more room for a moment: 126 MB, however much of it there is. */
const MOST_WITH_GARBAGE = 150 * MB;

const YAML = JSON.stringify({
  teams: { exchange: { email: 'exchange@example.org' } },
  partners: { chuv: {} },
  flows: { invoices: { title: 'Invoices', team: 'exchange', direction: 'inbound', partners: ['chuv'], stages: ['received'] } },
  sources: {
    exchange: {
      kind: 'log',
      interval: '1s',
      files: ['app.log'],
      from: 'start',
      format: 'json',
      events: [{ flow: 'invoices', partner: 'chuv', stage: 'received', bytes: 'size' }],
    },
  },
});

let folder: string;
let exporter: Exporter;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-bounds-'));
  await writeFile(path('exporters.yaml'), YAML);
  await writeFile(path('app.log'), '{"size":1}\n');
  exporter = new Exporter(['exporter', 'exchange', '--config', path('exporters.yaml'), '--state-dir', path('state')]);
  await exporter.start();
  await until(() => exporter.url, LIMIT_MS);
  await until(async () => (await lines('matched')) === 1, LIMIT_MS);
}, LIMIT_MS);
afterEach(async () => {
  await exporter.kill();
  await rm(folder, { recursive: true, force: true });
});

function path(name: string): string {
  return join(folder, name);
}

async function value(metric: string, labels: Record<string, string> = {}): Promise<number> {
  return valueOf(await scrapeSamples(exporter.url ?? ''), metric, labels) ?? 0;
}

function lines(result: string): Promise<number> {
  return value('vigie_log_lines_total', { result });
}

describe('a log source', () => {
  test(
    'says how far it is behind a log that grows faster than it is read, in bounded memory, and catches up',
    async () => {
      const block = Buffer.from(`${JSON.stringify({ size: 10, text: 'x'.repeat(77) })}\n`.repeat(10_000));
      const blocks = 250;
      const log = await open(path('app.log'), 'a');
      const seen = { bytes: 0, seconds: 0 };
      async function look(): Promise<number> {
        const samples = await scrapeSamples(exporter.url ?? '');
        seen.bytes = Math.max(seen.bytes, valueOf(samples, 'vigie_log_bytes_behind') ?? 0);
        seen.seconds = Math.max(seen.seconds, valueOf(samples, 'vigie_log_seconds_behind') ?? 0);
        return valueOf(samples, 'vigie_log_lines_total', { result: 'matched' }) ?? 0;
      }
      for (let written = 0; written < blocks; written++) await log.write(block);
      await log.close();

      await until(async () => (await look()) === 1 + blocks * 10_000, LIMIT_MS);
      await until(async () => (await value('vigie_log_bytes_behind')) === 0 && (await value('vigie_log_seconds_behind')) === 0, LIMIT_MS);

      expect(seen.bytes).toBeGreaterThan(block.length);
      expect(seen.seconds).toBeGreaterThan(0);
      expect(await value('flow_message_bytes_total')).toBe(1 + blocks * 100_000);
      expect((await exporter.peakMemory()) ?? 0).toBeLessThan(MOST_MEMORY);
    },
    LIMIT_MS,
  );

  test(
    'tells a line of 100 MB once, in bounded memory, and reads what follows',
    async () => {
      const log = await open(path('app.log'), 'a');
      const part = Buffer.alloc(MB, 'x');
      for (let written = 0; written < 100; written++) await log.write(part);
      await until(async () => (await lines('too_long')) === 1, LIMIT_MS);
      await log.write('\n{"size":2}\n');
      await log.close();

      await until(async () => (await lines('matched')) === 2, LIMIT_MS);

      expect(await lines('too_long')).toBe(1);
      expect(await lines('malformed')).toBe(0);
      expect((await exporter.peakMemory()) ?? 0).toBeLessThan(MOST_MEMORY);
    },
    LIMIT_MS,
  );

  test(
    'counts lines of binary garbage as malformed, in bounded memory, and reads what follows',
    async () => {
      const garbage = randomFillSync(Buffer.alloc(60 * MB));
      const count = garbage.filter((byte) => byte === 0x0a).length;
      await appendFile(path('app.log'), garbage);
      await appendFile(path('app.log'), '\n{"size":2}\n');

      await until(async () => (await lines('matched')) === 2 && (await value('vigie_log_bytes_behind')) === 0, LIMIT_MS);

      expect((await lines('malformed')) + (await lines('unmatched'))).toBe(count + 1);
      expect((await exporter.peakMemory()) ?? 0).toBeLessThan(MOST_WITH_GARBAGE);
    },
    LIMIT_MS,
  );
});
