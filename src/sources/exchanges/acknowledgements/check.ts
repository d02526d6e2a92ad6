// What `vigie check` says of a ledger of acknowledgements. No I/O.

import { coverageProblems } from '../../../domain/coverage.js';
import { OUTCOMES } from '../../../domain/flow.js';
import { partnerProblems } from '../check-directory.js';
import { insideProblems, insideWays, oneOf } from '../inside-check.js';
import { hasGroup, wholeName } from '../pattern.js';
import type { ExchangeOptions } from '../schema.js';
import type { CheckContext, Problem, SourceConfig } from '../../kind.js';
import { isOutcome } from '../../names-in-data.js';
import { regexProblem } from '../../regex.js';
import { scheduleProblems } from '../../schedule.js';

export type AcknowledgementOptions = NonNullable<ExchangeOptions['acknowledgements']>[string];

export function acknowledgementProblems(
  source: SourceConfig<ExchangeOptions>,
  options: AcknowledgementOptions,
  context: CheckContext,
): Problem[] {
  const { flow, stage, partner, sent } = options;
  return [
    ...coverageProblems(context.flows, context.partners, { flow, stage, ...(partner !== undefined && { partner }) }),
    ...scheduleProblems(source, options, 'looks'),
    ...partnerProblems({ flow, partner, files: sent.files }, 'sent.files', context),
    ...keyGroupProblems(sent.files, ['sent', 'files']),
    ...answerProblems(options.answers).map((problem) => ({ ...problem, path: ['answers', ...problem.path] })),
  ];
}

/** The group that tells what belongs together must be there. */
export function keyGroupProblems(files: string, path: readonly string[]): Problem[] {
  if (regexProblem(() => wholeName(files)) !== undefined || hasGroup(files, 'key')) return [];
  const message = `"${files}" has no group (?<key>…), so nobody knows what belongs together, e.g. (?<partner>[a-z]+)_(?<key>\\d+)\\.xml`;
  return [{ path, message }];
}

function answerProblems(answers: AcknowledgementOptions['answers']): Problem[] {
  const { files, key, outcome } = answers;
  const invalid = regexProblem(() => wholeName(files));
  if (invalid !== undefined) return [{ path: ['files'], message: invalid }];
  const problems: Problem[] = [];
  if (key) problems.push(...insideProblems(key, 'key').map((problem) => ({ ...problem, path: ['key', ...problem.path] })));
  else if (!hasGroup(files, 'key')) {
    const mend = 'take it from the name with (?<key>…), or from inside with `key`, e.g. key: { xml: Acknowledgement/Reference }';
    problems.push({ path: ['files'], message: `"${files}" tells no key: ${mend}` });
  }
  if (key && hasGroup(files, 'key')) {
    problems.push({ path: ['key'], message: 'the group (?<key>…) of `files` tells the key already; keep one of the two' });
  }
  return [...problems, ...outcomeProblems(outcome, files)];
}

function outcomeProblems(outcome: AcknowledgementOptions['answers']['outcome'], files: string): Problem[] {
  if (outcome === undefined) return [];
  if (typeof outcome === 'string') return isOutcome(outcome) ? [] : [wrongOutcome(outcome, ['outcome'])];
  const { map = {}, otherwise } = outcome;
  const problems: Problem[] = [];
  for (const problem of [...oneOf(outcome, insideWays(), true), ...insideProblems(outcome, 'outcome')]) {
    problems.push({ ...problem, path: ['outcome', ...problem.path] });
  }
  if (!insideWays().some((way) => way in outcome) && !hasGroup(files, 'outcome')) {
    const mend = 'name json, xml or regex, or take it from the name with (?<outcome>…) in `files`';
    problems.push({ path: ['outcome'], message: `says nowhere where the outcome stands: ${mend}` });
  }
  for (const [value, name] of Object.entries(map)) if (!isOutcome(name)) problems.push(wrongOutcome(name, ['outcome', 'map', value]));
  if (otherwise !== undefined && !isOutcome(otherwise)) problems.push(wrongOutcome(otherwise, ['outcome', 'otherwise']));
  return problems;
}

function wrongOutcome(text: string, path: Problem['path']): Problem {
  return { path, message: `no outcome "${text}": it must be ${OUTCOMES.join(', ').replace(/, (?=\w+$)/, ' or ')}` };
}
