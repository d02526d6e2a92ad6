// Values that the owner of a flow names: fed by a source, or computed by Prometheus from what it has.

import { isBoundSignal } from '../domain/bound.js';
import type { Indicator } from '../domain/flow.js';
import { NAME_PATTERN } from '../sources/schema.js';
import type { Declarations, Declared } from './declarations.js';
import { atKey, within, type Report } from './report.js';
import type { RawFlow } from './schema.js';
import { asArray, asObject } from './words.js';

/** In an expression it stands for the environment. */
export const ENV_VARIABLE = '$env';

export const indicatorsSchema = {
  type: 'object',
  propertyNames: { pattern: NAME_PATTERN },
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    properties: {
      title: { type: 'string', minLength: 1, description: 'A name for people. Default: its name.' },
      promql: {
        type: 'string',
        minLength: 1,
        description:
          'What Prometheus computes it from, in base units: seconds, bytes, ratios from 0 to 1. One series, or one for each `partner` and `stage`; of several the greatest counts. `$env` stands for the environment. Default: a source feeds it.',
        examples: ['avg(survey_rating{env="$env"})'],
      },
    },
    description: 'A value, by its name.',
    examples: [{ title: 'Customer satisfaction', promql: 'avg(survey_rating{env="$env"})' }],
  },
  description:
    'Values of the flow that are no signal of Vigie: from a source, or by PromQL over what Prometheus has. Bounds may name them.',
  examples: [{ csat: { title: 'Customer satisfaction', promql: 'avg(survey_rating{env="$env"})' } }],
} as const;

export function readIndicators(raw: unknown): Indicator[] {
  return Object.entries(asObject(asObject(raw)['indicators'])).map(([name, written]) => {
    const { title, promql } = asObject(written);
    return { name, title: typeof title === 'string' ? title : name, promql: typeof promql === 'string' ? promql : undefined };
  });
}

/** Whether Prometheus computes an indicator of the flow, which is then seen without a source. */
export function isComputed(raw: unknown): boolean {
  return readIndicators(raw).some(({ promql }) => promql !== undefined);
}

export function checkIndicators({ spot, raw }: Declared<RawFlow>, report: Report): void {
  const environments = asArray(asObject(raw)['environments']);
  for (const { name, promql } of readIndicators(raw)) {
    const place = within(spot, 'indicators', name);
    if (isBoundSignal(name)) report.error(atKey(place), `"${name}" is the name of a signal: choose another`);
    if (promql !== undefined && environments.length > 1 && !promql.includes(ENV_VARIABLE)) {
      const mend = `say where ${ENV_VARIABLE} stands in it, e.g. up{env="${ENV_VARIABLE}"}`;
      report.error(within(place, 'promql'), `the flow runs in ${environments.join(', ')}, and nothing tells them apart: ${mend}`);
    }
  }
}

/** What is wrong with the expressions. The parser is loaded only where there is one: no source needs it. */
export async function checkExpressions({ flows }: Declarations, report: Report): Promise<void> {
  const written = [...flows.values()].flatMap(({ spot, raw }) =>
    readIndicators(raw).flatMap(({ name, promql }) =>
      promql === undefined ? [] : [{ promql, place: within(spot, 'indicators', name, 'promql') }],
    ),
  );
  if (written.length === 0) return;
  const { expressionProblem } = await import('./promql.js');
  for (const { promql, place } of written) {
    const problem = expressionProblem(promql);
    if (problem !== undefined) report.error(place, problem);
  }
}
