// What the files of a directory say, without a server.

import type { Undeclared } from '../../../src/domain/coverage.js';
import { Directory, type ListedFile } from '../../../src/sources/sftp/directory.js';
import type { DirectoryOptions } from '../../../src/sources/sftp/schema.js';
import { flows, inbox, lines } from './fixtures.js';

function count(options: DirectoryOptions, files: readonly Partial<ListedFile>[]): { lines: string[]; undeclared: Undeclared[] } {
  const undeclared: Undeclared[] = [];
  const tally = new Directory(options, flows, { env: 'prod', path: undefined }).tally((what) => undeclared.push(what));
  for (const file of files) tally.add({ name: 'x', size: 10, modified: 1000, ...file });
  return { lines: lines(tally.observations()), undeclared };
}

describe('a directory', () => {
  test('gives every declared partner its files, bytes and the oldest, zero included', () => {
    const { lines: found } = count(inbox, [
      { name: 'chuv_20261123_17.xml', modified: 2000 },
      { name: 'chuv_20261123_18.xml', modified: 1500 },
    ]);

    expect(found).toEqual([
      'flow_backlog_bytes{flow="factures-tge",partner="chuv",stage="received"} 20',
      'flow_backlog_bytes{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} 2',
      'flow_backlog_messages{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} 1500',
      'flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="hug",stage="received"} 0',
      'flow_partial_files{flow="factures-tge",stage="received",directory="/in/tge"} 0',
      'flow_unmatched_files{flow="factures-tge",stage="received",directory="/in/tge"} 0',
    ]);
  });

  test('counts partial and unmatched files apart, never as waiting', () => {
    const { lines: found } = count(inbox, [
      { name: 'chuv_20261123_17.xml.filepart' },
      { name: '.hug_20261123_17.xml.part' },
      { name: 'README' },
      { name: 'xchuv_20261123_17.xml.bak' },
    ]);

    expect(found.filter((line) => !line.endsWith(' 0'))).toEqual([
      'flow_partial_files{flow="factures-tge",stage="received",directory="/in/tge"} 2',
      'flow_unmatched_files{flow="factures-tge",stage="received",directory="/in/tge"} 2',
    ]);
  });

  test('matches the whole name', () => {
    const { lines: found } = count({ ...inbox, files: 'a|(?<partner>chuv)' }, [{ name: 'chuv' }, { name: 'chuvx' }]);

    expect(found).toContain('flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} 1');
    expect(found).toContain('flow_unmatched_files{flow="factures-tge",stage="received",directory="/in/tge"} 1');
  });

  test('tells of a partner that the flow does not have, and does not count its file', () => {
    const { lines: found, undeclared } = count(inbox, [{ name: 'hirslanden_20261123_1.xml' }]);

    expect(undeclared).toEqual([{ label: 'partner', value: 'hirslanden' }]);
    expect(found.filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });

  test('counts a file without size and time; the oldest is that of the others', () => {
    const nameless = { name: 'hug_20261123_1.xml', size: undefined, modified: undefined };

    const alone = count(inbox, [nameless]).lines;
    const among = count(inbox, [nameless, { name: 'hug_20261123_2.xml', modified: 700 }]).lines;

    expect(alone).toContain('flow_backlog_messages{flow="factures-tge",partner="hug",stage="received"} 1');
    expect(alone).toContain('flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="hug",stage="received"} 0');
    expect(among).toContain('flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="hug",stage="received"} 700');
  });

  test('takes the partner from the YAML, or the only one of the flow', () => {
    const named = count({ ...inbox, files: '.*', partner: 'hug', name: 'inbox-hug' }, [{ name: 'a' }]).lines;
    const only = count({ path: '/c', flow: 'cotisations', stage: 'received' }, [{ name: 'a' }]).lines;

    expect(named).toContain('flow_backlog_messages{flow="factures-tge",partner="hug",stage="received"} 1');
    expect(named).toContain('flow_partial_files{flow="factures-tge",partner="hug",stage="received",directory="inbox-hug"} 0');
    expect(named.join('\n')).not.toContain('chuv');
    expect(only).toContain('flow_backlog_messages{flow="cotisations",partner="caisse-avs",stage="received"} 1');
  });
});
