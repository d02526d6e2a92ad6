// Being told at once that something happened in a folder.

import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchFolders, type FolderWatch } from '../../../../src/sources/log/reading/watch.js';
import { until } from '../../../wait.js';

describe('a watch of folders', () => {
  let folder: string;
  let watch: FolderWatch | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-watch-'));
  });
  afterEach(async () => {
    watch?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('tells that a file appeared, was written, and got another name', async () => {
    const kinds: string[] = [];
    watch = watchFolders([folder], (kind) => kinds.push(kind));
    await writeFile(join(folder, 'app.log'), 'x');
    await until(() => kinds.includes('rename') && kinds.includes('change'));
    kinds.length = 0;

    await rename(join(folder, 'app.log'), join(folder, 'app.log.1'));

    await until(() => kinds.includes('rename'));
    expect(kinds).toContain('rename');
  });

  test('tolerates a folder that is not there, and takes it when it is', async () => {
    const late = join(folder, 'late');
    let events = 0;
    watch = watchFolders([late], () => events++);
    await mkdir(late);
    watch.update([late]);

    await writeFile(join(late, 'app.log'), 'x');

    await until(() => events > 0);
    expect(events).toBeGreaterThan(0);
  });

  test('tolerates a folder that vanishes, and takes the one that comes in its place', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    let events = 0;
    watch = watchFolders([inner], () => events++);
    await rm(inner, { recursive: true });
    await until(() => events > 0);
    await mkdir(inner);
    const before = events;

    await until(async () => {
      watch?.update([inner]);
      await writeFile(join(inner, 'app.log'), 'x');
      return events > before;
    });

    expect(events).toBeGreaterThan(before);
  });

  test('is quiet when it is closed', async () => {
    let events = 0;
    watch = watchFolders([folder], () => events++);
    watch.close();

    await writeFile(join(folder, 'app.log'), 'x');
    await new Promise((resolve) => setImmediate(resolve));

    expect(events).toBe(0);
  });
});
