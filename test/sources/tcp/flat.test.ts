// What probes leave behind: nothing.

import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { tcp } from '../../../src/sources/tcp/index.js';
import type { EndpointOptions } from '../../../src/sources/tcp/schema.js';
import { memoryUsed } from '../../memory.js';
import { freePort } from '../../port.js';
import { until } from '../../wait.js';
import { authority, certificate, pemFolder } from '../tls/certificates.js';
import { closeServers, Endpoints, listen, serve, speak } from './harness.js';

const PROBES = 10_000;
const AT_ONCE = 20;
/** What one probe in so many leaves out for a while is not what it leaves behind. */
const SLACK_BYTES = 12_000_000;

afterEach(closeServers);

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Refuses every third order, and hangs up without a word every fifth. */
function moody(): (socket: Socket) => void {
  let orders = 0;
  return (socket) =>
    speak(socket, '220 ready', () => {
      orders++;
      if (orders % 5 === 0) return undefined;
      return orders % 3 === 0 ? '500 no' : '200 fine';
    });
}

function greeting(socket: Socket): void {
  speak(socket, '220 ready', () => '200 fine');
}

function at(port: number): { readonly address: string } {
  return { address: `127.0.0.1:${port}` };
}

async function endpoints(ca: string, pair: { cert: string; key: string }): Promise<Record<string, EndpointOptions>> {
  const dialogue = [{ expect: '^220 ' }, { send: 'NOOP' }, { expect: '^200 ', unless: '^5' }];
  return {
    plain: at(await serve(() => {})),
    moody: { ...at(await serve(moody())), dialogue },
    refused: at(await freePort()),
    reset: { ...at(await serve((socket) => socket.once('data', () => socket.resetAndDestroy()))), dialogue: dialogue.slice(1) },
    tls: { ...at(await listen(createTls(pair, greeting))), tls: { ca }, dialogue },
    untrusted: { ...at(await listen(createTls(pair, greeting))), tls: true, dialogue },
    garbage: { ...at(await serve((socket) => void socket.resume().write('220 ready\r\n'))), tls: true },
  };
}

test(`ten thousand probes of tcp endpoints, many of them failed, leave neither descriptors nor memory behind`, async () => {
  const folder = await pemFolder();
  const root = await authority('Root of the tests');
  const options = await endpoints(await folder.write('ca.pem', root.cert), await certificate('127.0.0.1', { by: root }));
  const source = await Endpoints.start(tcp, { kind: 'tcp', at_once_per_host: AT_ONCE, endpoints: options });
  const names = Object.keys(options);
  const run = async (probes: number) => {
    let begun = 0;
    const failures = new Set<string>();
    const lane = async () => {
      while (begun < probes) failures.add((await source.probe(names[begun++ % names.length])).failure ?? 'none');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return failures;
  };
  await run(1_000);
  const [openBefore, memoryBefore] = [descriptors(), memoryUsed()];

  const failures = await run(PROBES);

  expect([...failures]).toEqual(
    expect.arrayContaining(['connect/refused', 'none', 'tls/certificate_untrusted', 'tls/tls', 'wait/answer', 'wait/reset']),
  );
  expect(await until(() => descriptors() <= openBefore + AT_ONCE)).toBe(true);
  expect(memoryUsed() - memoryBefore).toBeLessThan(SLACK_BYTES);
  await folder.remove();
}, 300_000);
