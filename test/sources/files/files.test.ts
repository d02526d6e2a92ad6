// The kind `files` on real directories of this machine.

import { execFile } from 'node:child_process';
import { constants, writeFileSync, type Dir, type Stats, type StatsFs } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  open,
  opendir,
  lstat,
  readdir,
  rm,
  statfs,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { Accumulator } from '../../../src/domain/accumulator.js';
import { systemClock } from '../../../src/domain/clock.js';
import type { ListedFile } from '../../../src/sources/exchanges/store.js';
import { files } from '../../../src/sources/files/index.js';
import { Gate, slotsFor } from '../../../src/sources/files/gate.js';
import { fileSystem, LocalStore, type FileSystem } from '../../../src/sources/files/local-store.js';
import type { FilesOptions } from '../../../src/sources/files/schema.js';
import { SourceError, type Source } from '../../../src/sources/kind.js';
import { MemoryRecord } from '../../records.js';
import { until } from '../../wait.js';
import { flows, lines, of, partners, sourceConfig } from '../exchanges/rig.js';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const MANY = 100_000;

async function look(source: Source, name = source.collectors[0]?.name): Promise<string[]> {
  const collector = source.collectors.find((one) => one.name === name);
  return lines([...((await collector?.collect(AbortSignal.timeout(30_000))) ?? [])]);
}

function store(system?: FileSystem): LocalStore {
  return new LocalStore(new Gate(3), (path) => path, system);
}

async function failure(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof SourceError ? `${error.phase} ${error.errorClass}` : `no SourceError: ${String(error)}`;
}

describe('the files of this machine', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-files-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  function create(options: Omit<FilesOptions, 'kind'>): Promise<Source> {
    return files.create(sourceConfig({ kind: 'files', ...options }), {
      flows,
      partners,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      resolvePath: (path) => (isAbsolute(path) ? path : join(folder, path)),
      readSecret: () => Promise.resolve(''),
      accumulator: () => new Accumulator(),
      undeclared: () => {},
      record: () => new MemoryRecord(),
      handover: undefined,
    });
  }

  async function list(from: LocalStore, directory = folder, signal = AbortSignal.timeout(30_000)): Promise<ListedFile[]> {
    const found: ListedFile[] = [];
    await from.list(directory, (file) => found.push(file), signal);
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  const inbox = { path: 'in', flow: 'factures-tge', stage: 'received', files: String.raw`(?<partner>[a-z]+)_\d+\.xml` };

  test('are counted with their sizes and times, from a path that is relative to the YAML', async () => {
    await mkdir(join(folder, 'in/sub'), { recursive: true });
    await writeFile(join(folder, 'in/chuv_1.xml'), 'twelve bytes');
    await utimes(join(folder, 'in/chuv_1.xml'), 1_700_000_000, 1_700_000_000);
    await writeFile(join(folder, 'in/hug_1.xml.part'), '');
    await symlink(join(folder, 'in/chuv_1.xml'), join(folder, 'in/chuv_2.xml'));

    const found = await look(await create({ directories: [inbox] }));

    expect(of(found, 'flow_backlog_messages', 'flow_backlog_bytes', 'flow_backlog_oldest_timestamp_seconds', 'flow_partial_files')).toEqual(
      [
        'flow_backlog_bytes{flow="factures-tge",partner="chuv",stage="received"} 12',
        'flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} 1',
        'flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} 1700000000',
        'flow_partial_files{flow="factures-tge",stage="received",directory="in"} 1',
      ],
    );
  });

  test('come with the room on their file system', async () => {
    await mkdir(join(folder, 'in'));
    const found = await look(await create({ directories: [inbox] }));
    const { blocks, bsize } = await statfs(folder);

    expect(found).toContain(`vigie_files_space_bytes{source="inbox",kind="files",directory="in"} ${blocks * bsize}`);
    expect(found.some((line) => line.startsWith('vigie_files_space_free_bytes{'))).toBe(true);
    expect(await look(await create({ directories: [inbox], space: false }))).not.toContain('vigie_files_space_bytes');
  });

  test('fail for each directory alone: one that is gone, one that is none', async () => {
    await mkdir(join(folder, 'in'));
    await writeFile(join(folder, 'file'), '');
    const source = await create({
      directories: [inbox, { ...inbox, path: 'gone', stage: 'sent' }, { ...inbox, path: 'file', stage: 'answered' }],
    });

    expect(await failure(look(source, 'gone'))).toBe('list not_found');
    expect(await failure(look(source, 'file'))).toBe('list not_found');
    expect((await look(source, 'in')).length).toBeGreaterThan(0);
  });

  test('tell that they may not be listed', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed);
    await writeFile(join(closed, 'a'), '');
    await chmod(closed, 0o000);

    // The superuser may everything: then it is asked as another user, by another process.
    if (isRoot) {
      await chown(closed, 65_534, 65_534);
      await chmod(closed, 0o000);
      await chmod(folder, 0o755);
      expect(await askedAsNobody(closed)).toBe('list permission');
    } else expect(await failure(list(store(), closed))).toBe('list permission');
  });

  test('may vanish between the listing and the look at them', async () => {
    await writeFile(join(folder, 'a'), '');
    await writeFile(join(folder, 'b'), '');
    const vanishing: FileSystem = {
      ...fileSystem,
      lstat: async (path) => {
        if (path.endsWith('/a')) await unlink(path);
        return lstat(path);
      },
    };

    expect((await list(store(vanishing))).map(({ name }) => name)).toEqual(['b']);
  });

  test('are not said to have gone where their directory has, in the middle of a listing', async () => {
    const inside = join(folder, 'in');
    await mkdir(inside);
    await writeFile(join(inside, 'a'), '');
    const vanishing: FileSystem = {
      ...fileSystem,
      lstat: async (path) => {
        await rm(inside, { recursive: true, force: true });
        return lstat(path);
      },
    };

    expect(await failure(list(store(vanishing), inside))).toBe('list not_found');
  });

  test('are counted also where their names are no UTF-8', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${folder}/factur`), Buffer.from([0xe9])]), 'abc');

    expect(await list(store())).toEqual([{ name: 'factur\uFFFD', size: undefined, modified: undefined }]);
  });

  test('are a hundred thousand, and memory grows by less than 40 MB, arrivals included', async () => {
    await mkdir(join(folder, 'in'));
    for (let index = 0; index < MANY; index++) writeFileSync(join(folder, 'in', `chuv_${index}.xml`), '');
    const source = await create({ directories: [inbox] });
    const collector = source.collectors[0];
    const before = process.memoryUsage();

    const found = await look(source);
    await unlink(join(folder, 'in', 'chuv_7.xml'));
    await look(source);
    const after = process.memoryUsage();

    expect(found).toContain(`flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} ${MANY}`);
    expect(lines(collector?.accumulator?.observations() ?? [])).toContain(
      'flow_files_departed_total{flow="factures-tge",partner="chuv",stage="received"} 1',
    );
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(40 * 2 ** 20);
  }, 120_000);

  test('that hang hold up nobody: the look ends at its deadline, and no other is begun there', async () => {
    let begun = 0;
    const released = Promise.withResolvers<Stats>();
    const hanging: FileSystem = {
      opendir,
      statfs,
      lstat: (path) => {
        if (!path.includes('/dead/')) return lstat(path);
        begun++;
        return released.promise;
      },
    };
    for (const name of ['dead', 'well']) {
      await mkdir(join(folder, name));
      for (let index = 0; index < 10; index++) await writeFile(join(folder, name, `${index}`), '');
    }
    const shared = store(hanging);

    expect(await failure(list(shared, join(folder, 'dead'), AbortSignal.timeout(50)))).toBe('list timeout');
    expect(await failure(list(shared, join(folder, 'dead')))).toBe('list timeout');
    expect(begun).toBe(2);
    expect(await list(shared, join(folder, 'well'))).toHaveLength(10);

    released.resolve(await lstat(folder));
    await until(async () => (await list(shared, join(folder, 'well'))).length === 10);
    await until(() => failure(list(shared, join(folder, 'dead'))).then((text) => text.startsWith('no SourceError')));
  });

  test('never hang in more operations than there is room for, wherever they are', async () => {
    let begun = 0;
    const hanging: FileSystem = {
      ...fileSystem,
      opendir: () => {
        begun++;
        return new Promise<Dir>(() => {});
      },
      statfs: () => new Promise<StatsFs>(() => {}),
    };
    const shared = store(hanging);

    const failures = await Promise.all(
      Array.from({ length: 20 }, (_one, index) => failure(list(shared, join(folder, `${index}`), AbortSignal.timeout(50)))),
    );

    expect(new Set(failures)).toEqual(new Set(['list timeout']));
    expect(begun).toBe(3);
  });

  test.each([
    [undefined, 3],
    ['1', 1],
    ['16', 8],
    ['nonsense', 3],
  ])('leave a thread to others: of %s threads they take %i', (threads, slots) => {
    expect(slotsFor(threads)).toBe(slots);
  });

  test('can be written, renamed, read and removed for a canary, which fails as the file system does', async () => {
    const local = store();
    const signal = AbortSignal.timeout(5_000);
    await local.write(join(folder, 'a'), Buffer.from('content'), signal);
    const again = await failure(local.write(join(folder, 'a'), Buffer.from('other'), signal));
    await local.rename(join(folder, 'a'), join(folder, 'b'), signal);
    const read = await local.read(join(folder, 'b'), 4, signal);
    await local.remove(join(folder, 'b'), signal);
    await local.remove(join(folder, 'b'), signal);

    expect(again).toBe('write protocol');
    expect(read.toString()).toBe('cont');
    expect(await readdir(folder)).toEqual([]);
    expect(await failure(local.read(join(folder, 'gone'), 4, signal))).toBe('read not_found');
  });

  test('are never read where a pipe or a link stands in their place', async () => {
    await run('mkfifo', [join(folder, 'pipe')]);
    await symlink('/etc/passwd', join(folder, 'link'));
    const signal = AbortSignal.timeout(5_000);

    expect(await failure(store().read(join(folder, 'pipe'), 4, signal))).toBe('read not_found');
    expect(await failure(store().read(join(folder, 'link'), 4, signal))).toBe('read not_found');
    expect(await list(store())).toEqual([]);
  });

  test('have no room for a canary on a disk that is full', async () => {
    // A device that is always full: https://man7.org/linux/man-pages/man4/full.4.html
    const handle = await open('/dev/full', constants.O_WRONLY);
    const error: unknown = await handle.writeFile('x').catch((reason: unknown) => reason);
    await handle.close();
    const { fileError } = await import('../../../src/sources/files/errors.js');

    expect(fileError(error, 'write', 'canary')).toMatchObject({ phase: 'write', errorClass: 'full' });
  });

  test('make a whole round trip', async () => {
    await mkdir(join(folder, 'canary'));
    const found = await look(await create({ canary: { directory: 'canary' } }));

    expect(found).toContain('vigie_canary_up{source="inbox",kind="files"} 1');
    expect(await readdir(join(folder, 'canary'))).toEqual([]);
  });

  async function askedAsNobody(directory: string): Promise<string> {
    const build = join(import.meta.dirname, '../../../src/sources/files');
    const script = `
      const { Gate } = await import('${build}/gate.js');
      const { LocalStore } = await import('${build}/local-store.js');
      process.setgid(65534); process.setuid(65534);
      try { await new LocalStore(new Gate(3), (path) => path).list('${directory}', () => {}, AbortSignal.timeout(5000)); console.log('listed'); }
      catch (error) { console.log(error.phase + ' ' + error.errorClass); }`;
    const file = join(folder, 'ask.mjs');
    await writeFile(file, script);
    const { stdout } = await run(process.execPath, [file]);
    return stdout.trim();
  }
});
