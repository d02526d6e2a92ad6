// What `vigie check` says of a directory: its flow, its patterns, the files that are expected. No I/O.

import { coverageProblems } from '../../domain/coverage.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { timezoneProblem } from '../names-in-data.js';
import { regexProblem } from '../regex.js';
import { scheduleProblems } from '../schedule.js';
import { datePatternProblem, withAnyDate } from './date-pattern.js';
import { namesPartner, wholeName } from './pattern.js';
import type { DirectoryOptions, ExchangeOptions, ExpectationOptions } from './schema.js';
import { parseSize } from './size.js';

export function directoryProblems(source: SourceConfig<ExchangeOptions>, directory: DirectoryOptions, context: CheckContext): Problem[] {
  const { flow, stage, partner, files } = directory;
  return [
    ...coverageProblems(context.flows, context.partners, { flow, stage, ...(partner !== undefined && { partner }) }),
    ...scheduleProblems(source, directory, 'listings'),
    ...sizeProblems(directory),
    ...partnerProblems({ flow, partner, files }, 'files', context),
    ...(directory.expect ?? []).flatMap((expectation, index) =>
      expectationProblems(expectation, directory, context).map((problem) => ({ ...problem, path: ['expect', index, ...problem.path] })),
    ),
  ];
}

/**
 * Whose the files are, and whether their pattern is one.
 * @param property name of the property that holds the pattern, or its path
 */
export function partnerProblems(
  { flow: flowName, partner, files }: { readonly flow: string; readonly partner: string | undefined; readonly files: string | undefined },
  property: string,
  { flows }: CheckContext,
): Problem[] {
  const path = property.split('.');
  const invalid = files === undefined ? undefined : regexProblem(() => namesPartner(files));
  if (invalid !== undefined) return [{ path, message: invalid }];
  const group = files !== undefined && namesPartner(files);
  const problems: Problem[] = [];
  if (group && partner !== undefined) {
    problems.push({
      path: ['partner'],
      message: `the group (?<partner>…) of \`${property}\` names the partner already; keep one of the two`,
    });
  }
  const flow = flows.find(({ name }) => name === flowName);
  if (!group && partner === undefined && flow && flow.partners.length > 1) {
    const message = `${flow.name} has several partners (${flow.partners.join(', ')}): name one with \`partner\`, or take it from the names with (?<partner>[a-z]+) in \`${property}\``;
    problems.push({ path: [], message });
  }
  return problems;
}

function sizeProblems({ size }: DirectoryOptions): Problem[] {
  if (size?.min === undefined || size.max === undefined) return [];
  if ((parseSize(size.min) ?? 0) <= (parseSize(size.max) ?? Infinity)) return [];
  return [{ path: ['size', 'min'], message: `${size.min} is more than \`max\`, ${size.max}: no file can be between them` }];
}

function expectationProblems(expectation: ExpectationOptions, directory: DirectoryOptions, context: CheckContext): Problem[] {
  const { file, day, timezone } = expectation;
  const problems: Problem[] = [];
  const wrong = datePatternProblem(file) ?? regexProblem(() => wholeName(withAnyDate(file)));
  if (wrong !== undefined) problems.push({ path: ['file'], message: wrong });
  const zoneProblem = timezone === undefined ? undefined : timezoneProblem(timezone);
  if (zoneProblem !== undefined) problems.push({ path: ['timezone'], message: zoneProblem });
  const flow = context.flows.find(({ name }) => name === directory.flow);
  if (!flow) return problems;
  if (flow.calendar === undefined && timezone === undefined) {
    const mend = 'timezone: Europe/Zurich';
    problems.push({ path: [], message: `${flow.name} has no calendar, so nobody knows whose date it is: name a time zone, e.g. ${mend}` });
  }
  if (flow.calendar === undefined && day === 'previous working day') {
    problems.push({
      path: ['day'],
      message: `${flow.name} has no calendar, so nobody knows which days are working days: give the flow one`,
    });
  }
  return problems;
}
