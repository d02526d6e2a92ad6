// What the files of a directory say, without a server.

import type { DirectoryOptions } from '../../../src/sources/exchanges/schema.js';
import { SourceError } from '../../../src/sources/kind.js';
import { of, Rig, START } from './rig.js';

const inbox: DirectoryOptions = {
  path: '/in',
  flow: 'factures-tge',
  stage: 'received',
  files: String.raw`(?<partner>[a-z]+)_\d+\.xml`,
};

function rig(options: Partial<DirectoryOptions> = {}): Rig {
  return new Rig({ directories: [{ ...inbox, ...options }] });
}

describe('a directory', () => {
  test('GM1: gives every declared partner its files, bytes, the oldest and the newest, zero included', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.xml', { content: 'twelve bytes', modified: START - 100 });
    one.store.put('/in/chuv_2.xml', { content: 'ten bytes.', modified: START - 50 });

    const found = await one.look();

    expect(found).toEqual([
      'flow_backlog_bytes{flow="factures-tge",partner="chuv",stage="received"} 22',
      'flow_backlog_bytes{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} 2',
      'flow_backlog_messages{flow="factures-tge",partner="hug",stage="received"} 0',
      `flow_backlog_newest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${START - 50}`,
      'flow_backlog_newest_timestamp_seconds{flow="factures-tge",partner="hug",stage="received"} 0',
      `flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${START - 100}`,
      'flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_empty_files{flow="factures-tge",partner="chuv",stage="received"} 0',
      'flow_empty_files{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_files_arrived_bytes_total{flow="factures-tge",partner="chuv",stage="received"} 0',
      'flow_files_arrived_bytes_total{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_files_arrived_total{flow="factures-tge",partner="chuv",stage="received"} 0',
      'flow_files_arrived_total{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_files_departed_bytes_total{flow="factures-tge",partner="chuv",stage="received"} 0',
      'flow_files_departed_bytes_total{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_files_departed_total{flow="factures-tge",partner="chuv",stage="received"} 0',
      'flow_files_departed_total{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_growing_files{flow="factures-tge",partner="chuv",stage="received"} 0',
      'flow_growing_files{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_partial_files{flow="factures-tge",stage="received",directory="/in"} 0',
      'flow_partial_oldest_timestamp_seconds{flow="factures-tge",stage="received",directory="/in"} 0',
      'flow_partial_stalled_files{flow="factures-tge",stage="received",directory="/in"} 0',
      'flow_unmatched_files{flow="factures-tge",stage="received",directory="/in"} 0',
      'vigie_files_tracked{source="inbox",kind="files",collector="/in"} 1',
    ]);
  });

  test('counts partial and unmatched files apart, never as waiting, and its own canaries not at all', async () => {
    const one = rig();
    for (const name of ['chuv_1.xml.filepart', '.hug_1.xml.part', 'README', 'xchuv_1.xml.bak', '.vigie-canary-inbox-0123456789abcdef']) {
      one.store.put(`/in/${name}`, { modified: START - 5 });
    }

    const found = await one.look();

    expect(
      of(found, 'flow_backlog_messages', 'flow_partial_files', 'flow_unmatched_files', 'flow_partial_oldest_timestamp_seconds'),
    ).toEqual([
      'flow_partial_files{flow="factures-tge",stage="received",directory="/in"} 2',
      `flow_partial_oldest_timestamp_seconds{flow="factures-tge",stage="received",directory="/in"} ${START - 5}`,
      'flow_unmatched_files{flow="factures-tge",stage="received",directory="/in"} 2',
    ]);
  });

  test('tells of a partner that the flow does not have, and counts nothing of its file', async () => {
    const one = rig();
    one.store.put('/in/hirslanden_1.xml');

    const found = await one.look();

    expect(one.undeclared).toEqual([{ label: 'partner', value: 'hirslanden' }]);
    expect(of(found, 'flow_backlog_messages')).toEqual([]);
  });

  test('tells times from the future as they are, but the newest is never beyond now', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.xml', { modified: START + 7200 });

    const found = await one.look();

    expect(of(found, 'flow_backlog_oldest_timestamp_seconds', 'flow_backlog_newest_timestamp_seconds')).toEqual([
      `flow_backlog_newest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${START}`,
      `flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} ${START + 7200}`,
    ]);
    expect(
      one.source
        ?.journals?.()[0]
        ?.last[0]?.lines.map(({ text }) => text)
        .join('\n'),
    ).toContain('1 have times that have not come yet');
  });

  test('counts files that are empty, smaller or larger than expected', async () => {
    const one = rig({ size: { min: 2, max: '1 KiB' } });
    one.store.put('/in/chuv_1.xml', { content: '' });
    one.store.put('/in/chuv_2.xml', { size: 1 });
    one.store.put('/in/hug_1.xml', { size: 1024 });
    one.store.put('/in/hug_2.xml', { size: 1025 });
    one.store.put('/in/hug_3.xml', { size: null });

    const found = await one.look();

    expect(of(found, 'flow_empty_files', 'flow_files_outside_size')).toEqual([
      'flow_empty_files{flow="factures-tge",partner="chuv",stage="received"} 1',
      'flow_files_outside_size{flow="factures-tge",partner="chuv",stage="received",bound="min"} 2',
      'flow_files_outside_size{flow="factures-tge",partner="hug",stage="received",bound="max"} 1',
    ]);
  });

  test('tells half-written files that have not grown for so long', async () => {
    const one = rig({ stalled_after: '10m' });
    one.store.put('/in/chuv_1.xml.part', { size: 5, modified: START });
    one.store.put('/in/chuv_2.xml.part', { size: 5, modified: START });
    one.store.put('/in/chuv_3.xml.part', { size: null, modified: START });
    const counts: string[][] = [];

    for (const minutes of [0, 9, 1]) {
      await one.clock.advance(minutes * 60_000);
      if (minutes === 1) one.store.put('/in/chuv_2.xml.part', { size: 6, modified: START });
      counts.push(of(await one.look(), 'flow_partial_stalled_files'));
    }

    expect(counts).toEqual([[], [], ['flow_partial_stalled_files{flow="factures-tge",stage="received",directory="/in"} 1']]);
  });

  test('never says of a half-written file that it does not grow before it was seen twice', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.xml.part', { modified: START - 86_400 });

    expect(of(await one.look(), 'flow_partial_stalled_files')).toEqual([]);
    expect(of(await one.look(), 'flow_partial_stalled_files')).toHaveLength(1);
  });

  test('tells files that grow although their names are final', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.xml', { size: 5 });
    await one.look();
    one.store.put('/in/chuv_1.xml', { size: 6 });

    expect(of(await one.look(), 'flow_growing_files')).toEqual([
      'flow_growing_files{flow="factures-tge",partner="chuv",stage="received"} 1',
    ]);
    expect(of(await one.look(), 'flow_growing_files')).toEqual([]);
  });

  test('tells the room that is left where the server does, and fails for nothing where it does not', async () => {
    const one = rig();
    one.store.room = { totalBytes: 100, freeBytes: 40, totalInodes: 10, freeInodes: undefined };

    expect(of(await one.look(), 'vigie_files_space_bytes', 'vigie_files_space_free_bytes', 'vigie_files_inodes')).toEqual([
      'vigie_files_inodes{source="inbox",kind="files",directory="/in"} 10',
      'vigie_files_space_bytes{source="inbox",kind="files",directory="/in"} 100',
      'vigie_files_space_free_bytes{source="inbox",kind="files",directory="/in"} 40',
    ]);

    one.store.failures.set('space', new SourceError('space', 'permission', 'no'));
    expect(of(await one.look(), 'vigie_files_space_bytes')).toEqual([]);
    expect(one.source?.warnings?.()).toEqual([]);
  });

  test('keeps transcripts of its looks and failures, without names of files', async () => {
    const one = rig();
    one.store.put('/in/chuv_1.xml');
    await one.look();
    one.store.failures.set('list', new SourceError('list', 'permission', '/in: the user may not list it'));
    await one.failed();

    const [journal] = one.source?.journals?.() ?? [];

    expect(journal?.address).toBe('sftp.example.org:22 /in');
    expect(journal?.last.map(({ failure }) => failure)).toEqual(['permission in list: /in: the user may not list it', undefined]);
    expect(journal?.last[1]?.lines.map(({ text }) => text)).toEqual([
      '1 files: 1 wait, 0 are being written, 0 have other names',
      'nothing to compare with yet',
    ]);
    expect(JSON.stringify(journal)).not.toContain('chuv_1');
  });
});
