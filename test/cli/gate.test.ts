// `vigie gate` beside a real Prometheus that scrapes what the sources say.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { command } from '../../src/cli/gate.js';
import { portOf } from '../port.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus } from '../servers/prometheus.js';
import { until } from '../wait.js';

interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function gate(...args: readonly string[]): Promise<Ending> {
  const said = { out: '', err: '' };
  const out = import.meta.jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  const err = import.meta.jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true));
  try {
    const code = await command.run(args);
    return { code, ...said };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

describeWith(['prometheus'], 'vigie gate', () => {
  let server: Server;
  let prometheus: Prometheus;
  let says = '';

  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(says));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    prometheus = await startPrometheus(
      `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs: [{ job_name: vigie, static_configs: [{ targets: ['127.0.0.1:${portOf(server)}'] }] }]\n`,
    );
  });

  afterAll(async () => {
    await prometheus.stop();
    server.close();
    server.closeAllConnections();
  });

  async function nowSays(decision: string): Promise<void> {
    says = [
      `flow_gate{flow="releases",env="prod",gate="P12",to_env="live",decision="${decision}"} 1`,
      `flow_gate{flow="releases",env="prod",gate="P12",to_env="test",decision="declined"} 1`,
      `flow_gate_cut_off_timestamp_seconds{flow="releases",env="prod",gate="P12",to_env="live"} 1764180000`,
      '',
    ].join('\n');
    await until(async () => (await prometheus.query(`flow_gate{to_env="live", decision="${decision}"}`)).length === 1, 20_000);
    await until(async () => (await prometheus.query('flow_gate{to_env="live"}')).length === 1, 20_000);
  }

  test('EN4: ends with 0 and says go where the gate is opened, and with 1 as soon as it is not', async () => {
    await nowSays('opened');
    expect(await gate('releases', 'P12', '--to', 'live', '--prometheus', prometheus.url)).toEqual({
      code: 0,
      out: 'P12 to live  opened     cut-off 2025-11-26 18:00 UTC, over\ngo\n',
      err: '',
    });
    expect(await gate('releases', '--prometheus', prometheus.url)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/no-go: P12 to test is declined\n$/),
    });

    await nowSays('undecided');
    expect(await gate('releases', 'P12', '--to', 'live', '--prometheus', prometheus.url)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/no-go: P12 to live is undecided\n$/),
    });
  });

  test('EN4: tells programs the same as JSON', async () => {
    await nowSays('declined');

    const { code, out } = await gate('releases', '--to', 'live', '--env', 'prod', '--format', 'json', '--prometheus', prometheus.url);

    expect({ code, said: JSON.parse(out) }).toEqual({
      code: 1,
      said: {
        flow: 'releases',
        verdict: 'no-go',
        reasons: ['P12 to live is declined'],
        gates: [{ gate: 'P12', env: 'prod', to_env: 'live', decision: 'declined', cut_off: '2025-11-26T18:00:00.000Z' }],
      },
    });
  });

  test('EN4: what nobody has seen is no-go: another flow, another environment, another gate', async () => {
    for (const args of [['other'], ['releases', '--env', 'qualif'], ['releases', 'P99']]) {
      expect(await gate(...args, '--prometheus', prometheus.url)).toMatchObject({ code: 1, out: expect.stringContaining('no-go: ') });
    }
  });

  test('EN4: ends with 2 where Prometheus does not answer', async () => {
    const { code, out, err } = await gate('releases', '--prometheus', 'http://127.0.0.1:1');

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^vigie gate: /);
  });
});

describe('vigie gate', () => {
  test.each([
    [[], 'name the flow'],
    [['releases'], '--prometheus is missing'],
    [['releases', '--format', 'xml', '--prometheus', 'http://127.0.0.1:9090'], 'must be text or json'],
  ])('refuses %p', async (args, why) => {
    await expect(command.run(args)).rejects.toThrow(why);
  });
});
