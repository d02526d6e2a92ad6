// What `vigie check` says of deliveries. No I/O.

import { coverageProblems } from '../../../domain/coverage.js';
import { keyGroupProblems } from '../acknowledgements/check.js';
import { partnerProblems } from '../check-directory.js';
import { insideProblems, insideWays, oneOf } from '../inside-check.js';
import { wholeName } from '../pattern.js';
import type { ExchangeOptions } from '../schema.js';
import type { CheckContext, Problem, SourceConfig } from '../../kind.js';
import { regexProblem } from '../../regex.js';
import { scheduleProblems } from '../../schedule.js';

export type DeliveryOptions = NonNullable<ExchangeOptions['deliveries']>[string];

export function deliveryProblems(source: SourceConfig<ExchangeOptions>, options: DeliveryOptions, context: CheckContext): Problem[] {
  const { flow, stage, partner, manifests, packages } = options;
  const { count } = manifests;
  const invalid = regexProblem(() => wholeName(packages.files));
  return [
    ...coverageProblems(context.flows, context.partners, { flow, stage, ...(partner !== undefined && { partner }) }),
    ...scheduleProblems(source, options, 'looks'),
    ...partnerProblems({ flow, partner, files: manifests.files }, 'manifests.files', context),
    ...keyGroupProblems(manifests.files, ['manifests', 'files']),
    ...[...oneOf(count, [...insideWays(), 'csv', 'lines']), ...insideProblems(count, 'count'), ...delimiterProblems(count)].map(
      (problem) => ({
        ...problem,
        path: ['manifests', 'count', ...problem.path],
      }),
    ),
    ...(invalid === undefined ? [] : [{ path: ['packages', 'files'], message: invalid }]),
    ...keyGroupProblems(packages.files, ['packages', 'files']),
  ];
}

function delimiterProblems({ csv, delimiter }: DeliveryOptions['manifests']['count']): Problem[] {
  if (delimiter === undefined || csv !== undefined) return [];
  return [{ path: ['delimiter'], message: 'is for `csv`, and there is none; leave it out' }];
}
