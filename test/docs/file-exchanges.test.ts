// The examples of docs/tasks/file-exchanges.md and docs/sources/files.md, run on real directories.

import { mkdir, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/load.js';
import { Accumulator } from '../../src/domain/accumulator.js';
import { files } from '../../src/sources/files/index.js';
import type { FilesOptions } from '../../src/sources/files/schema.js';
import type { Source, SourceConfig } from '../../src/sources/kind.js';
import { FakeClock } from '../fake-clock.js';
import { MemoryRecord } from '../records.js';
import { lines, of } from '../sources/exchanges/rig.js';
import { examples } from './examples.js';

const root = join(import.meta.dirname, '..', '..', '..');
const all = examples(root).filter(({ language }) => language === 'yaml');
/** Monday, 2026-03-02, 09:00 in Zurich. */
const NOW = '2026-03-02T08:00:00Z';

describe('the examples of file exchanges', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-exchange-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** The example that holds this text, as a source in a folder of its own. */
  async function source(page: string, part: string): Promise<Source> {
    const example = all.find(({ file, text }) => file === page && text.includes(part));
    const file = join(folder, 'exporters.yaml');
    await writeFile(file, (example?.text ?? '').replaceAll('/srv/exchange/', ''));
    const { config } = await loadConfig(file);
    const [found] = config?.sources ?? [];
    if (!config || !found || !isFiles(found)) throw new Error(`no source of the kind files in ${page}`);
    const accumulators = new Map<string, Accumulator>();
    return files.create(found, {
      flows: config.flows,
      partners: config.partners.map(({ name }) => name),
      calendars: config.calendars,
      clock: new FakeClock(NOW),
      logger: pino({ level: 'silent' }),
      resolvePath: (path) => join(folder, path),
      readSecret: () => Promise.resolve(''),
      accumulator: (name) => {
        const known = accumulators.get(name) ?? new Accumulator();
        accumulators.set(name, known);
        return known;
      },
      undeclared: () => {},
      record: () => new MemoryRecord(),
      handover: undefined,
    });
  }

  async function put(path: string, content = 'x'): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }

  test('files.md: what waits, what comes, and how large it is', async () => {
    const { collectors } = await source('docs/sources/files.md', 'messages: arrived');
    await put('in/chuv_20260302_1.xml', '');
    await look(collectors[0]);
    await put('in/hug_20260302_1.xml');

    expect(of(await look(collectors[0]), 'flow_backlog_messages', 'flow_files_outside_size', 'flow_messages_total')).toEqual([
      'flow_backlog_messages{flow="factures",partner="chuv",stage="received"} 1',
      'flow_backlog_messages{flow="factures",partner="hug",stage="received"} 1',
      'flow_files_outside_size{flow="factures",partner="chuv",stage="received",bound="min"} 1',
      'flow_messages_total{flow="factures",partner="hug",stage="received",outcome="ok"} 1',
    ]);
  });

  test('IR1: a file that comes each day is due by its time, and present from when it is seen', async () => {
    const { collectors } = await source('docs/tasks/file-exchanges.md', 'expect:');
    await put('in/chuv_20260302.xml');
    await put('in/closing_2026-02-27.csv');
    const found = await look(collectors[0]);

    expect(of(found, 'flow_expected_file_present')).toEqual([
      'flow_expected_file_present{flow="factures",partner="chuv",stage="received",file="daily"} 1',
      'flow_expected_file_present{flow="factures",stage="received",file="closing"} 1',
    ]);
    expect(found).toContain('flow_expected_file_present{flow="factures",partner="hug",stage="received",file="daily"} 0');
    expect(of(found, 'flow_expected_file_due_timestamp_seconds')).toHaveLength(2);
  });

  test('GM1: answers settle what was sent', async () => {
    const { collectors } = await source('docs/tasks/file-exchanges.md', 'acknowledgements:');
    await mkdir(join(folder, 'answers'));
    await mkdir(join(folder, 'out'));
    await look(collectors[0]);
    await put('out/chuv_17.xml');
    await put('out/hug_18.xml');
    await look(collectors[0]);
    await unlink(join(folder, 'out/chuv_17.xml'));
    await put('answers/ACK_1.xml', '<Acknowledgement status="KO"><Reference>17</Reference></Acknowledgement>');

    expect(of(await look(collectors[0]), 'flow_responses_total', 'flow_response_pending')).toEqual([
      'flow_response_pending{flow="decomptes",partner="hug",stage="answered"} 1',
      'flow_responses_total{flow="decomptes",partner="chuv",stage="answered",outcome="rejected"} 1',
    ]);
  });

  test('EN12: a delivery is compared with what its manifest announces', async () => {
    const { collectors } = await source('docs/tasks/file-exchanges.md', 'manifests:');
    await put('deliveries/20260302.json', '{"packages": ["a.zip", "b.zip"]}');
    await put('deliveries/packages/20260302_a.zip');

    expect(
      of(await look(collectors[0]), 'flow_delivery_expected_packages', 'flow_delivery_packages', 'flow_deliveries_incomplete'),
    ).toEqual([
      'flow_deliveries_incomplete{flow="livraisons",partner="editor",stage="delivered",delivery="releases"} 1',
      'flow_delivery_expected_packages{flow="livraisons",partner="editor",stage="delivered",delivery="releases"} 2',
      'flow_delivery_packages{flow="livraisons",partner="editor",stage="delivered",delivery="releases"} 1',
    ]);
  });

  test('a canary leaves nothing behind', async () => {
    const { collectors } = await source('docs/tasks/file-exchanges.md', 'canary:');
    await mkdir(join(folder, 'canary'));

    expect(of(await look(collectors[0]), 'vigie_canary_up')).toEqual(['vigie_canary_up{source="exchange",kind="files"} 1']);
    expect(await readdir(join(folder, 'canary'))).toEqual([]);
  });
});

async function look(collector: Source['collectors'][number] | undefined): Promise<string[]> {
  const observations = [...((await collector?.collect(AbortSignal.timeout(60_000))) ?? [])];
  return lines([...observations, ...(collector?.accumulator?.observations() ?? [])]);
}

function isFiles(source: SourceConfig): source is SourceConfig<FilesOptions> {
  return source.kind === 'files';
}
