// Which exporter gets which port.

import { assignPorts } from '../../src/config/ports.js';
import type { Config } from '../../src/config/model.js';
import { configOf } from './load-text.js';

function sources(...lines: string[]): Promise<Config> {
  return configOf(`defaults: { team: flux }\nteams: { flux: { email: a@b } }\nsources:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

describe('ports', () => {
  test('follow that of the fleet: the catalogue, then the sources in the order of the YAML', async () => {
    const config = await sources('log: { kind: fake }', 'db: { kind: fake }');

    const ports = assignPorts(config, 9700);

    expect([...ports]).toEqual([
      ['catalog', 9701],
      ['log', 9702],
      ['db', 9703],
    ]);
  });

  test('leave out those that the YAML gives to a source', async () => {
    const config = await sources('a: { kind: fake }', 'b: { kind: fake, exporter_port: 9701 }', 'c: { kind: fake, exporter_port: 8080 }');

    const ports = assignPorts(config, 9700);

    expect(Object.fromEntries(ports)).toEqual({ catalog: 9702, a: 9703, b: 9701, c: 8080 });
  });

  test('stay what they are over a reload, whatever comes before', async () => {
    const before = assignPorts(await sources('b: { kind: fake }', 'c: { kind: fake }'), 9700);
    const config = await sources('a: { kind: fake }', 'c: { kind: fake }', 'd: { kind: fake }');

    const after = assignPorts(config, 9700, before);

    expect(Object.fromEntries(after)).toEqual({ catalog: 9701, a: 9702, c: 9703, d: 9704 });
  });

  test('are handed over where the YAML gives one that is taken to another source', async () => {
    const taken = new Map([
      ['catalog', 9701],
      ['a', 9702],
    ]);
    const config = await sources('a: { kind: fake }', 'b: { kind: fake, exporter_port: 9702 }');

    const ports = assignPorts(config, 9700, taken);

    expect(Object.fromEntries(ports)).toEqual({ catalog: 9701, a: 9703, b: 9702 });
  });

  test('that run out are an error that names the option', async () => {
    const config = await sources('a: { kind: fake }', 'b: { kind: fake }');

    expect(() => assignPorts(config, 65_534)).toThrow('no port left for a: choose a lower --port-base than 65534');
  });
});
