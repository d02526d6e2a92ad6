// Indicators of flows, where log files and answers of endpoints tell them: their place in the YAML, checks, claims and labels.

import type { Flow } from '../domain/flow.js';
import { suggest } from '../domain/suggest.js';
import type { CheckContext, Claim, ConfigPath, IndicatorSignal, Problem } from './kind.js';

/** JSON Schema of what is the same in all kinds; they add where the value comes from. */
export const indicatorProperties = {
  indicator: { type: 'string', description: 'Its name, one of `indicators` of the flow.' },
  stage: { type: 'string', description: 'The stage that it is of. Default: the flow as a whole.' },
} as const;

export interface WrittenIndicator {
  readonly indicator: string;
  readonly stage?: string;
}

export function indicatorSignal(name: string): IndicatorSignal {
  return `indicator ${name}`;
}

/** Indicators of the flow that a source is to feed. */
export function fedIndicators({ indicators = [] }: Flow): string[] {
  return indicators.filter(({ promql }) => promql === undefined).map(({ name }) => name);
}

/** What is wrong with the names. An unknown flow is told elsewhere. */
export function indicatorProblems({ indicator, stage }: WrittenIndicator, flow: Flow | undefined): Problem[] {
  if (!flow) return [];
  const problems = nameProblem(indicator, [flow], ['indicator']);
  if (stage !== undefined && !flow.stages.includes(stage)) {
    problems.push({ path: ['stage'], message: `no stage "${stage}" in ${flow.name}${suggest(stage, flow.stages)}` });
  }
  return problems;
}

/** That at least one of the flows has it, and leaves it to a source. */
export function nameProblem(name: string, flows: readonly Flow[], path: ConfigPath): Problem[] {
  if (flows.length === 0 || flows.some((flow) => fedIndicators(flow).includes(name))) return [];
  const where = flows.length === 1 ? (flows[0]?.name ?? '') : 'any of its flows';
  if (flows.some(({ indicators = [] }) => indicators.some((one) => one.name === name))) {
    return [{ path, message: `indicator "${name}" of ${where} comes from promql: leave it out there, or here` }];
  }
  return [
    {
      path,
      message: `no indicator "${name}" in ${where}${suggest(name, flows.flatMap(fedIndicators))}: declare it under indicators of the flow`,
    },
  ];
}

/** Only of a flow that is declared here. */
export function indicatorClaim(
  { indicator, stage = '' }: WrittenIndicator,
  { flow, partner, path, at }: { flow: string | undefined; partner?: string | undefined; path?: string; at: ConfigPath },
  { flows }: CheckContext,
): Claim[] {
  if (flow === undefined || !flows.some(({ name }) => name === flow)) return [];
  return [
    {
      signal: indicatorSignal(indicator),
      flow,
      stage,
      ...(partner !== undefined && { partner }),
      ...(path !== undefined && { path }),
      at,
    },
  ];
}
