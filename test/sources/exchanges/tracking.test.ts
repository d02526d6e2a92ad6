// Files that come and go between looks, over failures and restarts.

import { SourceError } from '../../../src/sources/kind.js';
import { FileTable } from '../../../src/sources/exchanges/file-table.js';
import type { DirectoryOptions } from '../../../src/sources/exchanges/schema.js';
import { of, Rig, START } from './rig.js';

const inbox: DirectoryOptions = { path: '/in', flow: 'factures-tge', stage: 'received', files: String.raw`(?<partner>[a-z]+)_\d+` };
const TRAFFIC = [
  'flow_files_arrived_total',
  'flow_files_arrived_bytes_total',
  'flow_files_departed_total',
  'flow_files_departed_bytes_total',
];

function rig(options: Partial<DirectoryOptions> = {}): Rig {
  return new Rig({ directories: [{ ...inbox, ...options }] });
}

describe('what comes and goes', () => {
  test('is counted from the second look on, with its bytes', async () => {
    const one = rig();
    one.store.put('/in/chuv_1', { content: '12345' });
    const first = await one.look();
    one.store.files.delete('/in/chuv_1');
    one.store.put('/in/hug_1', { content: '123' });
    one.store.put('/in/hug_2', { content: '1234' });
    const second = await one.look();

    expect(of(first, ...TRAFFIC)).toEqual([]);
    expect(of(second, ...TRAFFIC)).toEqual([
      'flow_files_arrived_bytes_total{flow="factures-tge",partner="hug",stage="received"} 7',
      'flow_files_arrived_total{flow="factures-tge",partner="hug",stage="received"} 2',
      'flow_files_departed_bytes_total{flow="factures-tge",partner="chuv",stage="received"} 5',
      'flow_files_departed_total{flow="factures-tge",partner="chuv",stage="received"} 1',
    ]);
  });

  test('is not counted by a look that failed in the middle, and counted once by the next', async () => {
    const one = rig();
    await one.look();
    one.store.put('/in/chuv_1');
    one.store.put('/in/chuv_2');
    one.store.onListed = () => one.store.failures.set('list', new SourceError('list', 'lost', 'the connection ended'));
    await one.failed();
    one.store.onListed = () => {};
    one.store.failures.clear();

    expect(of(await one.look(), 'flow_files_arrived_total')).toEqual([
      'flow_files_arrived_total{flow="factures-tge",partner="chuv",stage="received"} 2',
    ]);
    expect(of(await one.look(), 'flow_files_departed_total')).toEqual([]);
  });

  test('IR1: is counted over a restart: what came and went meanwhile, each once', async () => {
    const one = rig();
    one.store.put('/in/chuv_1');
    await one.look();
    await one.restart();
    one.store.put('/in/hug_1');
    one.store.files.delete('/in/chuv_1');

    expect(of(await one.look(), 'flow_files_arrived_total', 'flow_files_departed_total')).toEqual([
      'flow_files_arrived_total{flow="factures-tge",partner="hug",stage="received"} 1',
      'flow_files_departed_total{flow="factures-tge",partner="chuv",stage="received"} 1',
    ]);
  });

  test.each(['damaged', { seed: 'x', waiting: 1 }, { seed: 1, partners: [], waiting: '####', partial: 'AAAA' }])(
    'begins anew, and counts nothing twice, where the record is none: %j',
    async (value) => {
      const one = rig();
      one.record('/in').text = JSON.stringify(value);
      one.store.put('/in/chuv_1');

      expect(of(await one.look(), ...TRAFFIC)).toEqual([]);
      one.store.put('/in/chuv_2');
      expect(of(await one.look(), 'flow_files_arrived_total')).toHaveLength(1);
    },
  );

  test('goes on where the record cannot be written, and says so', async () => {
    const one = rig();
    one.record('/in').failure = new SourceError('state', 'state', 'the disk is full');
    await one.look();
    one.store.put('/in/chuv_1');

    expect(of(await one.look(), 'flow_files_arrived_total')).toHaveLength(1);
    expect(one.source?.warnings?.()).toEqual(['/in: arrivals and departures would be counted anew after a restart: the disk is full']);
  });

  test('feeds the messages of the stage with `messages: arrived`', async () => {
    const one = rig({ messages: 'arrived' });
    one.store.put('/in/chuv_1', { modified: START - 30 });
    const first = await one.look();
    one.store.put('/in/chuv_2', { content: '123', modified: START + 20 });
    one.store.put('/in/hug_1', { content: '123', modified: null });
    await one.clock.advance(60_000);
    const second = await one.look();
    const signals = ['flow_messages_total', 'flow_message_bytes_total', 'flow_last_message_timestamp_seconds'];

    expect(of(first, ...signals)).toEqual([
      `flow_last_message_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${START - 30}`,
    ]);
    expect(of(second, ...signals)).toEqual([
      `flow_last_message_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${START + 20}`,
      `flow_last_message_timestamp_seconds{flow="factures-tge",partner="hug",stage="received"} ${START + 60}`,
      'flow_message_bytes_total{flow="factures-tge",partner="chuv",stage="received"} 3',
      'flow_message_bytes_total{flow="factures-tge",partner="hug",stage="received"} 3',
      'flow_messages_total{flow="factures-tge",partner="chuv",stage="received",outcome="ok"} 1',
      'flow_messages_total{flow="factures-tge",partner="hug",stage="received",outcome="ok"} 1',
    ]);
  });

  test('feeds them with `messages: departed`, and knows the last one after a restart', async () => {
    const one = rig({ messages: 'departed' });
    one.store.put('/in/chuv_1', { content: '12345' });
    await one.look();
    one.store.files.delete('/in/chuv_1');
    await one.clock.advance(60_000);
    const gone = await one.look();
    await one.restart();
    await one.clock.advance(60_000);
    const later = await one.look();

    const last = `flow_last_message_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${START + 60}`;
    expect(of(gone, 'flow_messages_total', 'flow_last_message_timestamp_seconds')).toEqual([
      last,
      'flow_messages_total{flow="factures-tge",partner="chuv",stage="received",outcome="ok"} 1',
    ]);
    expect(of(later, 'flow_messages_total', 'flow_last_message_timestamp_seconds')).toEqual([last]);
  });
});

describe('the table of names', () => {
  test('finds a hundred thousand names again, and no others, in less than 10 MB', () => {
    const before = process.memoryUsage().arrayBuffers;
    const table = new FileTable(7);
    for (let index = 0; index < 100_000; index++) {
      table.put({ hash: table.hash(`chuv_20261123_${index}.xml`), size: index, stamp: 5, tag: (index % 9) + 1 });
    }
    const grown = process.memoryUsage().arrayBuffers - before;

    expect(table.size).toBe(100_000);
    expect(table.get(table.hash('chuv_20261123_777.xml'))).toMatchObject({ size: 777, stamp: 5, tag: 4 });
    const strangers = Array.from({ length: 100_000 }, (_one, index) => `hug_20261123_${index}.xml`).filter((name) =>
      table.has(table.hash(name)),
    );
    expect(strangers).toEqual([]);
    expect(grown).toBeLessThan(10 * 2 ** 20);
  });

  test('comes back from its text, sizes that nobody knows and large ones included', () => {
    const table = new FileTable(7);
    table.put({ hash: table.hash('a'), size: undefined, stamp: 1_800_000_000, tag: 1 });
    table.put({ hash: table.hash('b'), size: 2 ** 45 + 3, stamp: 0, tag: 300 });

    const again = FileTable.decode(7, table.encode());

    expect([...again].toSorted((one, two) => one.tag - two.tag)).toEqual([...table].toSorted((one, two) => one.tag - two.tag));
  });
});
