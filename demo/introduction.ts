// What `npm start` prints once everything runs: that it is a demo, what there is, what to try.

import { join, relative } from 'node:path';
import { DEFAULT_CONFIG_FILE } from '../src/conventions.js';
import { formatTable, type Shown } from './fleet-status.js';
import type { DemoOptions } from './options.js';
import { DESCRIPTIONS, SCENARIOS } from './scenario.js';

export interface RunningFleet {
  readonly url: string;
  /** The YAML that it runs on, and the one in the repository. */
  readonly config: string;
  readonly original: string;
  readonly pid: number | undefined;
  readonly exporters: readonly Shown[];
}

export function introduction({ scenario, seed, dataDir }: DemoOptions, fleet: RunningFleet): string {
  const { url, config, pid } = fleet;
  const copied = config !== fleet.original;
  const moved = copied ? `The fleet runs on ${shown(config)}, a copy of ${DEFAULT_CONFIG_FILE} with other ports.\n` : '';
  const others = SCENARIOS.filter((name) => name !== scenario).join(', ');
  return `
This is a DEMO: the exchange platform, its partners and all its messages are simulated.
Scenario ${scenario} (seed ${seed}): ${DESCRIPTIONS[scenario]}.
${moved}
${formatTable(fleet.exporters)}

The fleet: ${url}   targets for Prometheus: ${url}sd   log: ${shown(join(dataDir, 'fleet.log'))}

What to try:
  look at it             open ${url}
  change a flow          edit ${shown(config)}; npx vigie check${copied ? ` ${shown(config)}` : ''}; kill -HUP ${pid}
  lose the SFTP server   touch ${shown(join(dataDir, 'without', 'sftp'))}   (rm brings it back)
  have other trouble     echo NAME > ${shown(join(dataDir, 'scenario'))}   (${others})

Ctrl-C stops everything. What changes is told here:`;
}

function shown(path: string): string {
  const shorter = relative(process.cwd(), path);
  return shorter.length < path.length ? shorter : path;
}
