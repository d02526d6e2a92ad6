// Which flows and stages a query, a rule of a log or a directory speaks of, and the series that are known from that.

import type { Flow } from './flow.js';
import { suggest } from './suggest.js';

/** As written in the YAML: constants (`flow`, `partner`, `stage`), or a limit on what the data may say (`flows`, `stages`). */
export interface Coverage {
  readonly flow?: string;
  readonly partner?: string;
  readonly stage?: string;
  readonly flows?: readonly string[];
  readonly stages?: readonly string[];
}

export interface Place {
  readonly flow: string;
  readonly partner: string;
  readonly stage: string;
}

/** The flows that the coverage includes. */
export function coveredFlows(flows: readonly Flow[], { flow, flows: several }: Coverage): Flow[] {
  const wanted = flow === undefined ? several : [flow];
  return flows.filter(({ name }) => wanted?.includes(name) ?? true);
}

/** The stages of declared flows that the coverage includes; all stages of all flows where it says nothing. */
export function coveredStages(flows: readonly Flow[], coverage: Coverage): { flow: Flow; stage: string }[] {
  const wantedStages = coverage.stage === undefined ? coverage.stages : [coverage.stage];
  return coveredFlows(flows, coverage).flatMap((flow) =>
    flow.stages.filter((stage) => wantedStages?.includes(stage) ?? true).map((stage) => ({ flow, stage })),
  );
}

/** The same for each partner of the flow. */
export function coveredPlaces(flows: readonly Flow[], coverage: Coverage): Place[] {
  return coveredStages(flows, coverage).flatMap(({ flow, stage }) =>
    flow.partners
      .filter((partner) => coverage.partner === undefined || partner === coverage.partner)
      .map((partner) => ({ flow: flow.name, partner, stage })),
  );
}

/** Names in the coverage that nothing declares, as path within the block and message. */
export function coverageProblems(
  flows: readonly Flow[],
  partners: readonly string[],
  coverage: Coverage,
): { path: (string | number)[]; message: string }[] {
  const problems: { path: (string | number)[]; message: string }[] = [];
  const flowNames = flows.map((flow) => flow.name);
  const checkFlow = (name: string, path: (string | number)[]) => {
    if (!flowNames.includes(name)) problems.push({ path, message: `no flow "${name}" in this environment${suggest(name, flowNames)}` });
  };
  if (coverage.flow !== undefined) checkFlow(coverage.flow, ['flow']);
  coverage.flows?.forEach((name, index) => checkFlow(name, ['flows', index]));

  const inScope = flows.filter((flow) =>
    coverage.flow === undefined ? (coverage.flows?.includes(flow.name) ?? true) : flow.name === coverage.flow,
  );
  if (inScope.length === 0) return problems;
  const stages = new Set(inScope.flatMap((flow) => flow.stages));
  const checkStage = (name: string, path: (string | number)[]) => {
    if (!stages.has(name)) problems.push({ path, message: `no stage "${name}" in ${named(inScope)}${suggest(name, stages)}` });
  };
  if (coverage.stage !== undefined) checkStage(coverage.stage, ['stage']);
  coverage.stages?.forEach((name, index) => checkStage(name, ['stages', index]));

  if (coverage.partner !== undefined) {
    const known = new Set(inScope.flatMap((flow) => flow.partners));
    if (!partners.includes(coverage.partner)) {
      problems.push({ path: ['partner'], message: `no partner "${coverage.partner}"${suggest(coverage.partner, partners)}` });
    } else if (!known.has(coverage.partner)) {
      problems.push({
        path: ['partner'],
        message: `"${coverage.partner}" is no partner of ${named(inScope)}${suggest(coverage.partner, known)}`,
      });
    }
  }
  return problems;
}

/** A message cannot hold ten thousand names. */
function named(flows: readonly Flow[]): string {
  const shown = flows.slice(0, 5).map((flow) => flow.name);
  return `${shown.join(', ')}${flows.length > shown.length ? ` and ${flows.length - shown.length} more` : ''}`;
}

/** The identity labels of a place; an absent path is not written. */
export function placeLabels(place: Place, env: string, path: string | undefined): Record<string, string> {
  const labels: Record<string, string> = { flow: place.flow, partner: place.partner, env, stage: place.stage };
  if (path !== undefined) labels['path'] = path;
  return labels;
}

export type Undeclared = { readonly label: 'flow' | 'partner' | 'stage'; readonly value: string };

/** Tells declared places from others, in constant time. */
export class PlaceIndex {
  readonly #flows = new Map<string, { partners: ReadonlySet<string>; stages: ReadonlySet<string> }>();

  constructor(flows: readonly Flow[], coverage: Coverage) {
    for (const { flow } of coveredStages(flows, coverage)) {
      if (this.#flows.has(flow.name)) continue;
      const stages = coveredStages([flow], coverage).map((covered) => covered.stage);
      this.#flows.set(flow.name, { partners: new Set(flow.partners), stages: new Set(stages) });
    }
  }

  /** @returns what is not declared (or not covered) about the place, or undefined where all of it is. */
  undeclared(place: Place): Undeclared | undefined {
    const flow = this.#flows.get(place.flow);
    if (!flow) return { label: 'flow', value: place.flow };
    if (!flow.stages.has(place.stage)) return { label: 'stage', value: place.stage };
    if (!flow.partners.has(place.partner)) return { label: 'partner', value: place.partner };
    return undefined;
  }
}
