// `npm start` as a newcomer sees it: everything comes up, tells what happens, and nothing is left after Ctrl-C.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { observed } from '../../src/conventions.js';
import { until } from '../wait.js';
import { freeBase, startDemo, takenPorts, type RunningDemo } from './running-demo.js';

describe('npm start', () => {
  const running: RunningDemo[] = [];

  afterEach(async () => {
    for (const demo of running.splice(0)) await demo.stop();
  });

  function start(base: number, ...args: string[]): RunningDemo {
    const demo = startDemo(base, ...args);
    running.push(demo);
    return demo;
  }

  test('GM1, GM2: shows all exporters up, every stage of factures-tge counting, a lost part, and leaves nothing after Ctrl-C', async () => {
    const demo = start(await freeBase(), '--seed', '5');
    await demo.ready();
    const table = demo.output();

    expect(table).toContain('This is a DEMO');
    for (const source of ['catalog', 'exchange-log', 'exchange-db', 'partner-inbox', 'partner-endpoints']) {
      expect(table).toMatch(new RegExp(String.raw`${source} +\w+ +up +http://127\.0\.0\.1:\d+/`));
    }

    const log = /exchange-log +log +up +(?<url>\S+)/.exec(table)?.groups?.['url'] ?? '';
    const stages = ['received', 'validated', 'routed', 'processed', 'answered'];
    const before = await countsByStage(log);
    await until(async () => {
      const now = await countsByStage(log);
      return stages.every((stage) => (now.get(stage) ?? 0) > (before.get(stage) ?? 0));
    }, 20_000);

    writeFileSync(join(demo.dataDir, 'without', 'sftp'), '');
    await until(() => /partner-inbox: up → failing \(.*refused in connect/.test(demo.output()), 20_000);
    expect(demo.output()).not.toMatch(/(?:exchange-log|exchange-db|partner-endpoints|catalog): up →/);

    // The terminal sends it to the whole group: to this process and to its children.
    process.kill(-(demo.process.pid ?? 0), 'SIGINT');
    const [code] = await once(demo.process, 'exit');

    expect(code).toBe(0);
    expect(demo.output()).not.toMatch(/ended|error/i);
    expect(groupIsGone(demo.process.pid ?? 0)).toBe(true);
    expect(await takenPorts(demo.base)).toEqual([]);
  }, 90_000);

  test('names the port that is in use, and how to move', async () => {
    const base = await freeBase();
    const other = createServer().listen(base - 10, '127.0.0.1');
    await once(other, 'listening');

    const demo = start(base);
    const [code] = await once(demo.process, 'close');
    other.close();

    expect(code).toBe(1);
    expect(demo.output()).toContain(`port ${base - 10}, wanted by the SFTP server of the demo, is in use on 127.0.0.1`);
    expect(demo.output()).toContain('--port-base');
  });

  test('ends with an error when a part of it dies', async () => {
    const demo = start(await freeBase());
    await demo.ready();

    process.kill(Number(/kill -HUP (?<pid>\d+)/.exec(demo.output())?.groups?.['pid']), 'SIGKILL');
    const [code] = await once(demo.process, 'close');

    expect(code).toBe(1);
    expect(demo.output()).toContain('vigie: the fleet ended: signal SIGKILL');
    await until(async () => (await takenPorts(demo.base)).length === 0);
  }, 90_000);
});

/** Messages of factures-tge that passed each stage. */
async function countsByStage(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${observed.messages.name}{`)) continue;
    const stage = /stage="(?<stage>[^"]+)"/.exec(line)?.groups?.['stage'] ?? '';
    counts.set(stage, (counts.get(stage) ?? 0) + Number(line.split(' ').at(-1)));
  }
  return counts;
}

function groupIsGone(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return false;
  } catch {
    return true;
  }
}
