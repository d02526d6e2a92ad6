// Hosts pinged by the real program, and by doubles of it that print what was seen elsewhere.

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { icmp } from '../../../src/sources/icmp/index.js';
import type { EndpointOptions } from '../../../src/sources/icmp/schema.js';
import { describeWith } from '../../servers/describe.js';
import { until } from '../../wait.js';
import { Probing, type Probed } from '../probing.js';

function probe(endpoint: EndpointOptions, timeout = 4000): Promise<Probed> {
  return Probing.once(icmp, { kind: 'icmp', endpoints: { it: endpoint } }, { timeout });
}

async function children(): Promise<string[]> {
  const { pid } = process;
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean);
}

describeWith(['ping'], 'icmp: IR6: a host that is pinged', () => {
  test.each(['127.0.0.1', '::1'])('at %s answers, and the time is that of the packets, not of the program', async (host) => {
    const probed = await probe({ host, packets: 2 });

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['wait'], labels: { protocol: 'icmp', endpoint: 'it' } });
    expect(probed.value('endpoint_icmp_packets_sent')).toBe(2);
    expect(probed.value('endpoint_icmp_packets_received')).toBe(2);
    expect(probed.seconds['wait']).toBeLessThan(0.5);
    expect(probed.value('endpoint_icmp_rtt_min_seconds')).toBeLessThanOrEqual(probed.value('endpoint_icmp_rtt_max_seconds') ?? NaN);
  });

  test('is found by its name', async () => {
    const probed = await probe({ host: 'localhost', packets: 1, ip: 4 });

    expect(probed).toMatchObject({ up: 1, phases: ['resolve', 'wait'] });
    expect(probed.told).toContain('localhost is 127.0.0.1');
  });

  test('whose name does not resolve is down', async () => {
    expect(await probe({ host: 'no-such-host.invalid' })).toMatchObject({ up: 0, failure: 'resolve/dns' });
  });

  test('leaves neither programs nor descriptors behind', async () => {
    const probing = await Probing.start(icmp, { kind: 'icmp' as const, endpoints: { it: { host: '127.0.0.1', packets: 1 } } });
    await probing.probe();
    const before = readdirSync('/proc/self/fd').length;

    for (let round = 0; round < 50; round++) expect((await probing.probe()).up).toBe(1);
    await probing.close();

    expect(await children()).toEqual([]);
    expect(await until(() => readdirSync('/proc/self/fd').length <= before + 1)).toBe(true);
  });
});

describe('icmp: IR7: what else ping may say', () => {
  const path = process.env['PATH'];
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-ping-'));
    process.env['PATH'] = folder;
  });
  afterEach(async () => {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true, force: true });
  });

  async function double(script: string): Promise<void> {
    const file = join(folder, 'ping');
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  function prints(text: string, status = 0): Promise<void> {
    return double(`while read -r line; do echo "$line"; done <<'END'\n${text}\nEND\nexit ${status}`);
  }

  const SOME_LOST = '4 packets transmitted, 3 received, 25% packet loss, time 3004ms\nrtt min/avg/max/mdev = 11.0/12.5/14.0/0.2 ms';

  test('some packets are lost: up, unless that is too many', async () => {
    await prints(SOME_LOST);

    const tolerant = await probe({ host: '127.0.0.1', packets: 4 });
    const strict = await probe({ host: '127.0.0.1', packets: 4, expect: { loss: 0.2 } });
    const exact = await probe({ host: '127.0.0.1', packets: 4, expect: { loss: 0.25 } });

    expect(tolerant).toMatchObject({ up: 1, seconds: { wait: 0.0125 } });
    expect(tolerant.value('endpoint_icmp_packets_received')).toBe(3);
    expect(tolerant.value('endpoint_icmp_rtt_min_seconds')).toBe(0.011);
    expect(tolerant.value('endpoint_icmp_rtt_max_seconds')).toBe(0.014);
    expect(strict).toMatchObject({ up: 0, failure: 'wait/answer', transcript: { failure: 'answer in wait: 1 of 4 packets lost' } });
    expect(exact).toMatchObject({ up: 1 });
  });

  test('the packets take longer than they should', async () => {
    await prints(SOME_LOST);

    expect(await probe({ host: '127.0.0.1', expect: { within: '12ms' } })).toMatchObject({ up: 0, failure: 'wait/slow' });
  });

  test('nothing comes back', async () => {
    await prints('2 packets transmitted, 0 received, 100% packet loss, time 1001ms', 1);

    const probed = await probe({ host: '127.0.0.1', packets: 2 });

    expect(probed).toMatchObject({ up: 0, failure: 'wait/timeout' });
    expect(probed.value('endpoint_icmp_packets_sent')).toBe(2);
    expect(probed.value('endpoint_icmp_packets_received')).toBe(0);
    expect(probed.value('endpoint_icmp_rtt_min_seconds')).toBeUndefined();
  });

  test('a host on the way says that there is no way', async () => {
    await prints(
      'From 192.0.2.1 icmp_seq=1 Destination Host Unreachable\n\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms',
      1,
    );

    expect(await probe({ host: '127.0.0.1' })).toMatchObject({ up: 0, failure: 'wait/unreachable' });
  });

  test('this machine knows no way', async () => {
    await double('echo "ping: connect: Network is unreachable" >&2; exit 2');

    expect(await probe({ host: '127.0.0.1' })).toMatchObject({ up: 0, failure: 'wait/unreachable' });
  });

  test('busybox prints it otherwise', async () => {
    await prints('3 packets transmitted, 3 packets received, 0% packet loss\nround-trip min/avg/max = 0.019/0.020/0.021 ms');

    expect(await probe({ host: '127.0.0.1' })).toMatchObject({ up: 1, seconds: { wait: 0.00002 } });
  });

  test('is asked with an address and without a shell, in the language of its authors', async () => {
    await double('echo "$LC_ALL $*" >"${0%/*}/asked"; exit 2');

    await probe({ host: '::1', packets: 2 }).catch(() => {});

    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('C -n -6 -c 2 -W 2 ::1\n');
  });

  test('hangs: it is killed when the time is over, and no neighbour waits', async () => {
    await double('case "$*" in *::1) exec /bin/sleep 60;; esac; echo "1 packets transmitted, 1 received, 0% packet loss"');
    const probing = await Probing.start(icmp, {
      kind: 'icmp' as const,
      endpoints: { hanging: { host: '::1', timeout: '1s', packets: 1 }, it: { host: '127.0.0.1' } },
    });

    const hanging = probing.probe('hanging');
    expect((await probing.probe()).up).toBe(1);
    expect(await hanging).toMatchObject({ up: 0, failure: 'wait/timeout' });
    await probing.close();

    expect(await until(async () => (await children()).length === 0)).toBe(true);
  });

  test('prints for ever: it is killed', async () => {
    await double('while :; do echo 64 bytes from 127.0.0.1; done');

    await expect(probe({ host: '127.0.0.1' })).rejects.toMatchObject({ phase: 'ping', errorClass: 'protocol' });
    expect(await until(async () => (await children()).length === 0)).toBe(true);
  });

  test.each([
    ['ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\nping: => missing cap_net_raw+p capability or setuid?', 'iputils'],
    ['ping: permission denied (are you root?)', 'busybox'],
  ])('may not be used: that is our fault, and not that of the host (%#)', async (text) => {
    await double(`echo "${text}" >&2; exit 2`);

    await expect(probe({ host: '127.0.0.1' })).rejects.toMatchObject({
      phase: 'ping',
      errorClass: 'permission',
      message: expect.stringContaining('setcap cap_net_raw+ep'),
    });
  });

  test('is no program that may be run', async () => {
    await double('');
    await chmod(join(folder, 'ping'), 0o644);

    await expect(probe({ host: '127.0.0.1' })).rejects.toMatchObject({ phase: 'ping', errorClass: 'permission' });
  });

  test('is not there: that is our fault, with the mend', async () => {
    await expect(probe({ host: '127.0.0.1' })).rejects.toMatchObject({
      phase: 'ping',
      errorClass: 'config',
      message: 'there is no program ping on this machine: install it (Debian: iputils-ping)',
    });
  });
});
