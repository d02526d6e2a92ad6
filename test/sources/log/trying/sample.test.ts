// A log source that reads one given file.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scan } from '../../../../src/sources/log/reading/scan.js';
import { sampleOf } from '../../../../src/sources/log/trying/sample.js';
import type { SourceConfig } from '../../../../src/sources/kind.js';

const SOURCE = { name: 'app', timeout: 5000, options: { kind: 'log', files: ['*.log'], from: 'end' } };

function sourceConfig(): SourceConfig<(typeof SOURCE)['options']> {
  const none = { title: undefined, team: undefined, path: undefined, exporterPort: undefined };
  return { ...SOURCE, ...none, kind: 'log', env: 'prod', interval: 1000, maxStaleness: 60_000, maxSeries: 100, baseDir: '/' };
}

describe('a sample', () => {
  test('is read from its start, with time to reach its end, and all else is as the source has it', () => {
    const sample = sampleOf(sourceConfig(), '/var/tmp/sample.log');

    expect(sample).toMatchObject({ name: 'app', interval: 1000, timeout: 600_000 });
    expect(sample.options).toEqual({ kind: 'log', files: ['/var/tmp/sample.log'], from: 'start', follow: 'descriptor' });
  });

  test.each(['plain.log', 'a*b.log', 'a[1].log', 'a(1) {x,y}.log', '!a+b@c|d?.log', 'sub folder é.log'])(
    'may be called %s',
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'vigie-sample-'));
      try {
        for (const other of [name, 'a1.log', 'axb.log']) writeFileSync(join(folder, other), 'x\n');

        const { files } = await scan(sampleOf(sourceConfig(), join(folder, name)).options.files, '/');

        expect([...files.values()].map(({ path }) => path)).toEqual([join(folder, name)]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
