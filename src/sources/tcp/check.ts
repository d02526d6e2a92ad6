// What `vigie check` says of tcp sources beyond their schema.

import { suggest } from '../../domain/suggest.js';
import { addressProblems } from '../endpoints/address.js';
import { checkEndpoints } from '../endpoints/check.js';
import { groupNames } from '../endpoints/pattern.js';
import { tlsProblems } from '../endpoints/tls.js';
import type { CheckContext, ConfigPath, Problem, SourceConfig } from '../kind.js';
import { regexProblem } from '../regex.js';
import type { EndpointOptions, StepOptions, TcpOptions } from './schema.js';
import { EXPECT_FLAGS, partsOf } from './steps.js';

const ACTIONS = ['expect', 'send', 'send_hex', 'starttls'] as const;

export function check(source: SourceConfig<TcpOptions>, context: CheckContext): Problem[] {
  return checkEndpoints(source, context, (endpoint) => [
    ...addressProblems(endpoint.address, 'hl7.example.org:2575'),
    ...(typeof endpoint.tls === 'object' ? tlsProblems(endpoint.tls) : []),
    ...dialogueProblems(endpoint),
    ...loginProblems(endpoint),
  ]);
}

function dialogueProblems({ dialogue = [], encoding }: EndpointOptions): Problem[] {
  const captures = new Set<string>();
  let starts = 0;
  return dialogue.flatMap((step, index) => {
    const path: ConfigPath = ['dialogue', index];
    const problems = [...actionProblems(step), ...patternProblems(step), ...sendProblems(step, captures, encoding)];
    if (step.expect !== undefined && regexProblem(() => new RegExp(step.expect ?? '', EXPECT_FLAGS)) === undefined) {
      for (const name of groupNames(step.expect, EXPECT_FLAGS)) captures.add(name);
    }
    if (step.starttls && ++starts > 1) problems.push({ path: ['starttls'], message: 'TLS starts once only; leave this step out' });
    return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
  });
}

function actionProblems(step: StepOptions): Problem[] {
  const actions = ACTIONS.filter((action) => step[action] !== undefined);
  if (actions.length > 1) {
    return [{ path: [], message: `${actions.join(' and ')} in one step; write a step for each, in the order in which they are taken` }];
  }
  if (actions.length === 0) return [{ path: [], message: 'says when not to wait, but not what for: `expect` is missing' }];
  if (step.unless !== undefined && step.expect === undefined) {
    return [{ path: ['unless'], message: 'has its place beside `expect` only' }];
  }
  return [];
}

function patternProblems(step: StepOptions): Problem[] {
  return (['expect', 'unless'] as const).flatMap((key) => {
    const pattern = step[key];
    const message = pattern === undefined ? undefined : regexProblem(() => new RegExp(pattern, EXPECT_FLAGS));
    return message === undefined ? [] : [{ path: [key], message }];
  });
}

/** @param captures the groups of the expectations before */
function sendProblems({ send }: StepOptions, captures: ReadonlySet<string>, encoding: EndpointOptions['encoding']): Problem[] {
  if (send === undefined) return [];
  return partsOf(send).flatMap((part): Problem[] => {
    if ('capture' in part && !captures.has(part.capture)) {
      const hint = captures.size === 0 ? `: (?<${part.capture}>…) names one` : suggest(part.capture, [...captures]);
      return [
        {
          path: ['send'],
          message: `no group "${part.capture}" in an expect before${hint}; the text itself is written $\${${part.capture}}`,
        },
      ];
    }
    if ('text' in part && encoding === 'latin1' && /[^\0-\u00ff]/.test(part.text)) {
      return [{ path: ['send'], message: 'has a character that latin1 has not; leave `encoding` out, or send bytes with send_hex' }];
    }
    return [];
  });
}

/** A secret must be followed by what shows whether it was accepted: else a wrong one would be sent for ever, until the account is locked. */
function loginProblems({ dialogue = [], tls }: EndpointOptions): Problem[] {
  const starttls = dialogue.findIndex((step) => step.starttls);
  const securedFrom = starttls >= 0 ? starttls : tls === undefined ? Infinity : -1;
  return dialogue.flatMap(({ send }, index): Problem[] => {
    if (send === undefined || !partsOf(send).some((part) => 'secret' in part)) return [];
    const path: ConfigPath = ['dialogue', index, 'send'];
    const problems: Problem[] = [];
    if (!dialogue.slice(index + 1).some(({ expect }) => expect !== undefined)) {
      problems.push({
        path,
        message: 'sends a secret, and no `expect` after it shows that it was accepted; add one, e.g. { expect: "^230 " }',
      });
    }
    if (index < securedFrom) {
      problems.push({
        path,
        severity: 'warning',
        message: 'a secret over a connection that is not secured can be read on its way; use tls',
      });
    }
    return problems;
  });
}
