// Logs of real servers are read as they are.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogOptions } from '../../../src/sources/log/schema.js';
import { Rig } from './rig.js';

const data = join(import.meta.dirname, '..', '..', '..', '..', 'test', 'sources', 'log', 'data');

describe('logs of real servers', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
  });
  afterEach(async () => {
    await rig.remove();
  });

  async function readReal(name: string, options: Omit<LogOptions, 'kind' | 'files' | 'from'>): Promise<void> {
    await rig.write('real.log', await readFile(join(data, name)));
    await rig.start({ kind: 'log', files: ['real.log'], from: 'start', ...options });
    await rig.look();
  }

  test('OpenSSH: uploads are the files that were closed with bytes written', async () => {
    const regex = 'sftp-server\\[\\d+\\]: close "/home/(?<user>\\w+)/.*" bytes read (?<read>\\d+) written (?<written>\\d+)$';
    const partner = { from: 'user', map: { user4: 'chuv' } };

    await readReal('sftp_chroot.log', {
      format: { regex },
      events: [{ when: { read: 0 }, flow: 'invoices', stage: 'received', partner, bytes: 'written' }],
      metrics: [{ name: 'sftp_downloaded_bytes_total', help: 'Bytes.', when: { written: 0 }, value: 'read', labels: ['user'] }],
    });

    expect(rig.value('flow_messages_total', { partner: 'chuv', stage: 'received', outcome: 'ok' })).toBe(2);
    expect(rig.value('flow_message_bytes_total', { partner: 'chuv', stage: 'received' })).toBe(363520 + 376320);
    expect(rig.value('sftp_downloaded_bytes_total', { user: 'user1' })).toBe(3002263 + 71806978);
    expect([rig.lines('matched'), rig.lines('unmatched'), rig.lines('malformed')]).toEqual([12, 224, 0]);
  });

  test('vsftpd: incoming transfers, with size and duration', async () => {
    const regex =
      '^\\w{3} \\w{3} [ \\d]\\d [\\d:]{8} \\d{4} (?<seconds>\\d+) (?<host>\\S+) (?<size>\\d+) (?<file>.+) [ab] \\S+ (?<direction>[iod]) .* (?<status>[ci])$';

    await readReal('vsftpd_xferlog', {
      format: { regex },
      events: [
        {
          when: { direction: 'i' },
          flow: 'invoices',
          stage: 'received',
          partner: 'hug',
          outcome: { from: 'status', map: { c: 'ok' }, otherwise: 'error' },
          bytes: 'size',
          duration: 'seconds s',
        },
      ],
    });

    const place = { partner: 'hug', stage: 'received' };
    expect(rig.value('flow_messages_total', { ...place, outcome: 'ok' })).toBe(10);
    expect(rig.value('flow_message_bytes_total', place)).toBe(528 + 752 + 530 + 752 + 530 + 752 + 528 + 752 + 528 + 752);
    expect(rig.series('flow_stage_duration_seconds', place)[0]?.value).toMatchObject({ sum: 10, count: 10 });
  });
});
