// The frame of file exchanges over FTPS and a real vsftpd: acknowledgements, the canary, arrivals.

import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation } from '../../../src/domain/observation.js';
import type { Source } from '../../../src/sources/kind.js';
import type { FtpOptions } from '../../../src/sources/ftp/schema.js';
import { describeWith } from '../../servers/describe.js';
import { startVsftpd, type Vsftpd } from '../../servers/vsftpd.js';
import { authority, certificate } from '../http/harness.js';
import { startDouble } from './double.js';
import { collect, directory, invoices, sourceContext, start, total, type TestContext } from './fixtures.js';

const UP = 'vigie_canary_up';
const FAILURES = 'vigie_canary_failures_total';

describeWith(['vsftpd'], 'a file exchange over FTPS', () => {
  let server: Vsftpd;
  let context: TestContext;
  let source: Source;

  beforeAll(async () => {
    server = await startVsftpd({ tls: 'explicit', certificate: await certificate(await authority(), '127.0.0.1') });
    for (const name of ['in', 'out', 'answers', 'canary']) await server.directory(name);
  });
  afterAll(async () => {
    await server.remove();
  });
  beforeEach(() => {
    context = sourceContext({ PASSWORD: server.password });
  });
  afterEach(async () => {
    await source.close();
  });

  async function open(changes: Partial<FtpOptions>): Promise<void> {
    source = await start({ port: server.port, user: server.user, tls: { insecure: true }, ...changes }, context);
  }

  /** What a collector counts, beside what it observes. */
  function counted(name: string): readonly Observation[] {
    return [...context.accumulator(name).observations()];
  }

  test('brings a canary there and back, and leaves nothing behind', async () => {
    await open({ canary: { directory: '/canary' } });

    for (let round = 0; round < 3; round++) expect(total(await collect(source, 'canary'), UP)).toBe(1);

    expect(await readdir(join(server.files, 'canary'))).toEqual([]);
    expect(total(counted('canary'), FAILURES)).toBe(0);
  });

  test('tells why a canary does not come back', async () => {
    await open({ canary: { directory: '/' } });

    expect(total(await collect(source, 'canary'), UP)).toBe(0);

    const failed = counted('canary').filter(({ metric, value }) => metric.name === FAILURES && value === 1);
    expect(failed.map(({ labels }) => [labels['step'], labels['class']])).toEqual([['write', 'permission']]);
  });

  test('matches answers to what was sent, by keys inside of them', async () => {
    await writeFile(join(server.files, 'out/chuv_17.xml'), '<Invoice/>');
    await writeFile(join(server.files, 'out/chuv_18.xml'), '<Invoice/>');
    await open({
      acknowledgements: {
        invoices: {
          flow: invoices.name,
          stage: 'answered',
          sent: { directory: '/out', files: String.raw`(?<partner>[a-z]+)_(?<key>\d+)\.xml` },
          answers: {
            directory: '/answers',
            files: String.raw`ACK_.*\.xml`,
            key: { xml: 'Acknowledgement/Reference' },
            outcome: { xml: 'Acknowledgement/Status', map: { OK: 'ok', KO: 'rejected' } },
          },
        },
      },
    });
    const before = await collect(source, 'invoices');
    const answer = '<Acknowledgement><Reference>17</Reference><Status>KO</Status></Acknowledgement>';
    await writeFile(join(server.files, 'answers/ACK_a.xml'), answer);

    const after = await collect(source, 'invoices');

    expect(total(before, 'flow_response_pending')).toBe(2);
    expect(total(after, 'flow_response_pending')).toBe(1);
    const outcomes = counted('invoices').filter(({ metric, value }) => metric.name === 'flow_responses_total' && value === 1);
    expect(outcomes.map(({ labels }) => [labels['partner'], labels['outcome']])).toEqual([['chuv', 'rejected']]);
  });

  test('counts what arrives and departs between looks', async () => {
    await open({ directories: [directory('/in')] });
    await collect(source, '/in');
    await writeFile(join(server.files, 'in/a.xml'), 'x');
    await collect(source, '/in');
    await rm(join(server.files, 'in/a.xml'));

    await collect(source, '/in');

    expect(total(counted('/in'), 'flow_files_arrived_total')).toBe(1);
    expect(total(counted('/in'), 'flow_files_departed_total')).toBe(1);
  });
});

test('a canary that finds the disk full says so, and cleans up', async () => {
  const server = await startDouble({
    answers: {
      STOR: async (talk) => {
        talk.say('150 Ok to send data.');
        (await talk.data()).resume();
        return '451 Failure writing to local file.';
      },
    },
  });
  const context = sourceContext({ PASSWORD: 'hunter2' });
  const source = await start({ port: server.port, tls: 'none', canary: { directory: '/canary' } }, context);

  const seen = await collect(source, 'canary');
  await source.close();
  await server.close();

  const failed = [...context.accumulator('canary').observations()].filter(({ metric, value }) => metric.name === FAILURES && value === 1);
  expect(total(seen, UP)).toBe(0);
  expect(failed.map(({ labels }) => [labels['step'], labels['class']])).toEqual([['write', 'full']]);
  expect(server.heard.filter((line) => line.startsWith('DELE'))).toHaveLength(2);
});
