// Which exporter listens on which port.

import { CATALOG } from '../conventions.js';
import type { Config } from './model.js';

const HIGHEST_PORT = 65_535;

/**
 * The catalogue gets the port after the fleet's, the sources follow in the order of the YAML on the next free ports.
 * A source that names its port has it, and one in `taken` keeps what it has, so that a reload moves nothing.
 *
 * @param base port of the fleet itself
 * @param taken ports of exporters that run, by source
 * @returns ports by source, the catalogue included
 * @throws RangeError when there are no ports left
 */
export function assignPorts(config: Config, base: number, taken: ReadonlyMap<string, number> = new Map()): Map<string, number> {
  const fixed = new Map<string, number>();
  for (const { name, exporterPort } of config.sources) {
    if (exporterPort !== undefined) fixed.set(name, exporterPort);
  }
  const names = [CATALOG, ...config.sources.map(({ name }) => name)];
  const inUse = new Set([base, ...fixed.values()]);
  const kept = new Map<string, number>();
  for (const name of names) {
    const port = taken.get(name);
    if (port === undefined || fixed.has(name) || inUse.has(port)) continue;
    kept.set(name, port);
    inUse.add(port);
  }
  let next = base + 1;
  return new Map(
    names.map((name) => {
      const known = fixed.get(name) ?? kept.get(name);
      if (known !== undefined) return [name, known];
      while (inUse.has(next)) next++;
      if (next > HIGHEST_PORT) throw new RangeError(`no port left for ${name}: choose a lower --port-base than ${base}`);
      inUse.add(next);
      return [name, next];
    }),
  );
}
