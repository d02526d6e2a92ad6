// What data call flows, partners, stages and outcomes, where the YAML translates it: checks that all kinds share.

import { OUTCOMES, type Outcome } from '../domain/flow.js';
import { suggest } from '../domain/suggest.js';
import type { CheckContext, Problem } from './kind.js';

export type IdentityLabel = 'flow' | 'partner' | 'stage';

/** An outcome as the YAML says it: the same for all, or by a field or column. */
export type WrittenOutcome =
  string | { readonly from: string; readonly map?: Readonly<Record<string, string>>; readonly otherwise?: string } | undefined;

export function isOutcome(text: string | null): text is Outcome {
  return OUTCOMES.some((outcome) => outcome === text);
}

/** Outcomes that are none. Where they come from is for the kind to check. */
export function outcomeProblems(written: WrittenOutcome): Problem[] {
  if (written === undefined) return [];
  if (typeof written === 'string') return isOutcome(written) ? [] : [wrongOutcome(written, ['outcome'])];
  const problems: Problem[] = [];
  for (const [value, name] of Object.entries(written.map ?? {})) {
    if (!isOutcome(name)) problems.push(wrongOutcome(name, ['outcome', 'map', value]));
  }
  if (written.otherwise !== undefined && !isOutcome(written.otherwise)) {
    problems.push(wrongOutcome(written.otherwise, ['outcome', 'otherwise']));
  }
  return problems;
}

/** Names that a map gives to flows, partners or stages, and that nothing declares. */
export function identityMapProblems(label: IdentityLabel, map: Readonly<Record<string, string>> = {}, context: CheckContext): Problem[] {
  const known = {
    flow: context.flows.map(({ name }) => name),
    partner: context.partners,
    stage: [...new Set(context.flows.flatMap(({ stages }) => stages))],
  }[label];
  return Object.entries(map)
    .filter(([, name]) => !known.includes(name))
    .map(([value, name]) => ({ path: [label, 'map', value], message: `no ${label} "${name}"${suggest(name, known)}` }));
}

/** What is wrong with the name of a time zone; undefined where nothing is. */
export function timezoneProblem(name: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return undefined;
  } catch {
    return `no time zone "${name}": must be an IANA time zone, e.g. Europe/Zurich`;
  }
}

function wrongOutcome(text: string, path: Problem['path']): Problem {
  return { path, message: `no outcome "${text}": it must be ${OUTCOMES.join(', ').replace(/, (?=\w+$)/, ' or ')}` };
}
