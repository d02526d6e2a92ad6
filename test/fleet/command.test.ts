// `vigie fleet`: its options.

import { once } from 'node:events';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../src/cli/command.js';
import { command } from '../../src/cli/fleet.js';
import { until } from '../wait.js';
import { TestFleet, YAML } from './running.js';

test.each([
  [['--port-base', 'abc'], '--port-base abc: must be a port from 1 to 65535, e.g. 9700'],
  [['--port-base', '65536'], '--port-base 65536: must be a port from 1 to 65535, e.g. 9700'],
  [['--listen', '127.0.0.1:9700'], '--listen 127.0.0.1:9700: must be a host without a port, e.g. 0.0.0.0 (--port-base is for the port)'],
  [['--advertise', ''], '--advertise : must be a host without a port, e.g. 0.0.0.0 (--port-base is for the port)'],
  [['--advertise', 'http://vigie'], '--advertise http://vigie: must be a host without a port, e.g. 0.0.0.0 (--port-base is for the port)'],
  [['exchange-db'], '"exchange-db" is too much: the sources come from the YAML'],
])('the options %j are refused with what would be right', async (args, message) => {
  await expect(command.run(args)).rejects.toThrow(new UsageError(message));
});

test('listens on IPv6, written with brackets or without', async () => {
  const fleet = await TestFleet.in(YAML);
  try {
    fleet.spawn('--listen', '[::1]');
    await until(async () => (await fetch(`http://[::1]:${fleet.portBase}/-/ready`)).ok, 20_000);

    const groups: unknown = await (await fetch(`http://[::1]:${fleet.portBase}/sd`)).json();

    expect(groups).toContainEqual(expect.objectContaining({ targets: [`[::1]:${fleet.portBase + 1}`] }));
  } finally {
    await fleet.end();
  }
}, 30_000);

test('an address that the machine does not have is told once', async () => {
  const fleet = await TestFleet.in(YAML);
  try {
    const [code] = await once(fleet.spawn('--listen', '192.0.2.1'), 'close');

    expect(code).toBe(1);
    expect(fleet.log).toBe('vigie fleet: 192.0.2.1 is no address of this machine that can be listened on (--listen, EADDRNOTAVAIL)\n');
  } finally {
    await fleet.end();
  }
}, 15_000);

describe('the log file', () => {
  let fleet: TestFleet;

  beforeEach(async () => {
    fleet = await TestFleet.in(YAML);
  });

  afterEach(async () => {
    await fleet.end();
  });

  test('takes the log of the fleet and of its exporters, and is opened anew on SIGHUP', async () => {
    const file = join(fleet.folder, 'fleet.log');
    await fleet.start('--log-file', file);
    const first = await readFile(file, 'utf8');

    await rename(file, `${file}.1`);
    process.kill(fleet.pid, 'SIGHUP');
    const second = await until(async () => {
      const text = await readFile(file, 'utf8');
      return text.includes('"source":"exchange-db"') && text.includes('"source":"fleet"') ? text : undefined;
    });

    expect(first).toContain('"msg":"exporter listens"');
    expect(second).toContain('configuration');
    expect(fleet.log).toBe('');
  }, 30_000);

  test('that cannot be opened anew stays the one it was', async () => {
    const logs = join(fleet.folder, 'logs');
    await mkdir(logs);
    await fleet.start('--log-file', join(logs, 'fleet.log'));

    await rename(logs, `${logs}.old`);
    process.kill(fleet.pid, 'SIGHUP');
    const text = await until(async () => {
      const written = await readFile(join(`${logs}.old`, 'fleet.log'), 'utf8');
      return written.includes('configuration reloaded') ? written : undefined;
    });

    expect(text).toContain('log file cannot be opened anew, the old one goes on');
    expect((await fetch(`${fleet.url}/-/healthy`)).status).toBe(200);
  }, 30_000);

  test('that cannot be written is an error at once', async () => {
    const [code] = await once(fleet.spawn('--log-file', join(fleet.folder, 'missing', 'fleet.log')), 'close');

    expect(code).toBe(1);
    expect(fleet.log).toMatch(/^vigie fleet: --log-file .*fleet\.log: the file cannot be written \(ENOENT\)\n$/);
  }, 15_000);
});

test('the host to advertise stands in service discovery and in links', async () => {
  const fleet = await TestFleet.in(YAML);
  try {
    await fleet.start('--advertise', 'vigie.example.org');

    const groups: unknown = await (await fetch(`${fleet.url}/sd`)).json();

    expect(groups).toContainEqual(expect.objectContaining({ targets: [`vigie.example.org:${fleet.portBase + 1}`] }));
    expect((await fleet.exporter('catalog')).url).toBe(`http://vigie.example.org:${fleet.portBase + 1}/`);
  } finally {
    await fleet.end();
  }
}, 30_000);
