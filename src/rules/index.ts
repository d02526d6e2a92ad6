// The families of rules, and the files they are rendered to. No rule knows a flow: adding one changes none of these files, unless it
// brings PromQL of its own.

import { stringify } from 'yaml';
import type { Flow } from '../domain/flow.js';
import { yamlHeader, type RenderedFile } from '../domain/rendered.js';
import { acknowledgements } from './acknowledgements.js';
import { anomalyFamily } from './anomaly.js';
import { bounds } from './bounds.js';
import { conservation } from './conservation.js';
import { endpoints } from './endpoints.js';
import { gateFamily } from './gates.js';
import { freshness } from './freshness.js';
import { fileExchanges } from './files.js';
import { forecastFamily } from './forecast.js';
import { intentions } from './intentions.js';
import { judged } from './judged.js';
import { logFamily } from './logs.js';
import { objectiveFamily } from './objectives.js';
import { INDICATORS, indicators } from './indicators.js';
import { priorityFamily } from './priority.js';
import { parity } from './parity.js';
import type { RuleFamily } from './rule.js';
import { statistics } from './statistics.js';
import { status } from './status.js';
import { traffic } from './traffic.js';
import { volume } from './volume.js';
import { watchers } from './watchers.js';

/** Without flows. */
export const families: readonly RuleFamily[] = [
  intentions,
  watchers,
  traffic,
  statistics,
  judged,
  bounds,
  conservation,
  parity,
  logFamily,
  endpoints,
  status,
  fileExchanges,
  acknowledgements,
  freshness,
  volume,
  objectiveFamily,
  anomalyFamily,
  forecastFamily,
  priorityFamily,
  gateFamily,
  indicators([]),
];

export function renderRules(flows: readonly Flow[] = []): RenderedFile[] {
  const complete = families.map((family) => (family.name === INDICATORS ? indicators(flows) : family));
  return complete.map(({ name, about, groups }) => ({
    path: `alertmanager/rules/${name}.yml`,
    content: `${yamlHeader(`rules/${name}.ts`)}# ${about}\n${stringify({ groups }, { lineWidth: 0, aliasDuplicateObjects: false })}`,
  }));
}
