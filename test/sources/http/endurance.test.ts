// Ten thousand probes, of endpoints that are well and of endpoints that are not: memory and descriptors stay flat.

import { readdirSync } from 'node:fs';
import { freePort } from '../../port.js';
import { memoryUsed } from '../../memory.js';
import { until } from '../../wait.js';
import { authority, certificate } from '../tls/certificates.js';
import type { EndpointOptions } from '../../../src/sources/http/schema.js';
import { endAll, serve, serveHttp2, serveTcp } from './doubles.js';
import { start } from './harness.js';

const PROBES = 10_000;
const AT_ONCE = 16;

afterEach(endAll);

/** Linux alone tells them. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

test('ten thousand probes leave memory and descriptors as they were', async () => {
  const ca = await authority('Authority of the tests');
  const fine = await serve((_request, response) => response.end('{"status":"UP"}'));
  const endpoints: Record<string, EndpointOptions> = {
    http2: { url: await serveHttp2(await certificate('127.0.0.1', { by: ca }), true, () => 'fine'), tls: { insecure: true } },
    untrusted: { url: await serveHttp2(await certificate('127.0.0.1', { by: ca }), true, () => 'fine') },
    refused: { url: `http://127.0.0.1:${await freePort()}/` },
    garbage: { url: await serveTcp((socket) => void socket.once('data', () => socket.end('garbage\r\n\r\n'))) },
    hung: { url: await serveTcp((socket) => void socket.resume()), timeout: '20ms' },
    steps: { steps: [{ url: fine, keep: { it: { json: '$.status' } } }, { url: `${fine}/\${it}` }] },
    ...Object.fromEntries(
      Array.from({ length: 14 }, (_, index) => [`fine-${index}`, { url: fine, expect: { body: 'UP', json: { '$.status': 'UP' } } }]),
    ),
  };
  const source = await start(endpoints, {}, { at_once: AT_ONCE, at_once_per_host: AT_ONCE });
  const { signal } = new AbortController();
  const run = async (probes: number) => {
    let asked = 0;
    const worker = async () => {
      while (asked < probes) await source.collectors[asked++ % source.collectors.length]?.collect(signal);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  await run(PROBES / 10);
  await settled();
  memoryUsed();
  const [memory, open] = [memoryUsed(), descriptors()];

  await run(PROBES);
  await settled();

  expect(descriptors()).toBeLessThanOrEqual(open + 5);
  // Some of it, connections of HTTP/2 say, is freed by the collection after the next.
  await until(() => memoryUsed() - memory < 12_000_000);
  await source.close();
}, 120_000);

/** What was closed is gone a moment later. */
async function settled(): Promise<void> {
  let before = Infinity;
  await until(() => {
    const now = descriptors();
    const same = now === before;
    before = now;
    return same;
  });
}
