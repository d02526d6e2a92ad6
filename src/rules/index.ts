// The families of rules, and the files they are rendered to. No rule knows a flow: adding one changes none of these files.

import { stringify } from 'yaml';
import { yamlHeader, type RenderedFile } from '../domain/rendered.js';
import { backlog } from './backlog.js';
import { endpoints } from './endpoints.js';
import { freshness } from './freshness.js';
import { fileExchanges } from './files.js';
import { intentions } from './intentions.js';
import { logFamily } from './logs.js';
import { objectiveFamily } from './objectives.js';
import type { RuleFamily } from './rule.js';
import { status } from './status.js';
import { traffic } from './traffic.js';
import { volume } from './volume.js';
import { watchers } from './watchers.js';

export const families: readonly RuleFamily[] = [
  intentions,
  watchers,
  traffic,
  backlog,
  logFamily,
  endpoints,
  status,
  fileExchanges,
  freshness,
  volume,
  objectiveFamily,
];

export function renderRules(): RenderedFile[] {
  return families.map(({ name, about, groups }) => ({
    path: `alertmanager/rules/${name}.yml`,
    content: `${yamlHeader(`rules/${name}.ts`)}# ${about}\n${stringify({ groups }, { lineWidth: 0, aliasDuplicateObjects: false })}`,
  }));
}
