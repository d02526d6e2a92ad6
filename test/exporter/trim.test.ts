// Memory after large collections, in a process of its own: flags of V8 hold for a whole process.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TRIM = join(import.meta.dirname, '..', '..', 'src', 'exporter', 'trim.js');

/** What a process uses, in MB, that has made 150 MB of short-lived objects three times and said each time that so many series were collected. */
async function sizes(series: number): Promise<{ young: number; resident: number }> {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { setImmediate as nextTurn } from 'node:timers/promises';
    import { MemoryLimit } from ${JSON.stringify(TRIM)};
    const memory = new MemoryLimit();
    const collect = () => Array.from({ length: 1_000_000 }, (_, index) => ({ index, labels: { code: 'E' + index } })).length;
    for (let time = 0; time < 3; time++) {
      collect();
      memory.collected(${series});
      await nextTurn();
      await nextTurn();
    }
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size;
    console.log(JSON.stringify({ young: young / 1e6, resident: process.memoryUsage().rss / 1e6 }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout);
}

describe('a process whose source tells many series at once', () => {
  it('gives back after each collection what that took', async () => {
    const small = await sizes(0);
    const large = await sizes(100_000);

    expect(large.young).toBeLessThan(10);
    expect(large.resident).toBeLessThan(small.resident / 2);
  });
});
