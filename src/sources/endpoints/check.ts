// What `vigie check` says of every kind of endpoint beyond its schema. No I/O.

import { parseDuration } from '../../domain/duration.js';
import { suggest } from '../../domain/suggest.js';
import type { CheckContext, EndpointName, Problem, SourceConfig } from '../kind.js';
import { schedule, scheduleProblems } from '../schedule.js';
import type { CommonEndpoint, CommonSource } from './schema.js';

/** As flows name them in `depends_on`. */
export function endpointNames({ options }: SourceConfig<CommonSource<CommonEndpoint>>): EndpointName[] {
  return Object.entries(options.endpoints).map(([name, { partner, flow }]) => ({ name, partner, flow }));
}

/** @param own what the kind has to say of one endpoint; paths start at the endpoint */
export function checkEndpoints<Endpoint extends CommonEndpoint>(
  source: SourceConfig<CommonSource<Endpoint>>,
  context: CheckContext,
  own: (endpoint: Endpoint, name: string) => readonly Problem[],
): Problem[] {
  const { options } = source;
  const names = Object.keys(options.endpoints);
  const problems: Problem[] = [];
  if (options.reference !== undefined && !names.includes(options.reference)) {
    problems.push({
      path: ['reference'],
      message: `no endpoint "${options.reference}" in this source${suggest(options.reference, names)}`,
    });
  }
  for (const [name, endpoint] of Object.entries(options.endpoints)) {
    const found = [
      ...scheduleProblems(source, endpoint, 'probes'),
      ...subjectProblems(endpoint, context),
      ...referenceProblems(name, endpoint, names),
      ...withinProblems(source, endpoint),
      ...slowProblems(source, endpoint),
      ...own(endpoint, name),
    ];
    problems.push(...found.map((problem) => ({ ...problem, path: ['endpoints', name, ...problem.path] })));
  }
  return problems;
}

function subjectProblems({ partner, flow: flowName }: CommonEndpoint, { flows, partners }: CheckContext): Problem[] {
  const problems: Problem[] = [];
  const flow = flows.find(({ name }) => name === flowName);
  if (flowName !== undefined && !flow) {
    const names = flows.map(({ name }) => name);
    problems.push({ path: ['flow'], message: `no flow "${flowName}" in this environment${suggest(flowName, names)}` });
  }
  if (partner === undefined) return problems;
  if (!partners.includes(partner)) {
    problems.push({ path: ['partner'], message: `no partner "${partner}"${suggest(partner, partners)}` });
  } else if (flow && !flow.partners.includes(partner)) {
    problems.push({ path: ['partner'], message: `"${partner}" is no partner of ${flow.name}${suggest(partner, flow.partners)}` });
  }
  return problems;
}

function referenceProblems(name: string, { reference }: CommonEndpoint, names: readonly string[]): Problem[] {
  if (reference === undefined) return [];
  if (reference === name) return [{ path: ['reference'], message: 'an endpoint is no reference for itself; name a neutral one' }];
  if (names.includes(reference)) return [];
  return [{ path: ['reference'], message: `no endpoint "${reference}" in this source${suggest(reference, names)}` }];
}

function withinProblems(source: SourceConfig<{ readonly max_staleness?: string }>, endpoint: CommonEndpoint): Problem[] {
  const within = endpoint.expect?.within;
  if (within === undefined || (parseDuration(within) ?? 0) <= schedule(source, endpoint).timeout) return [];
  return [{ path: ['expect', 'within'], message: `${within} is longer than the timeout, so nothing is ever slow; shorten it` }];
}

function slowProblems(source: SourceConfig<{ readonly max_staleness?: string }>, endpoint: CommonEndpoint): Problem[] {
  const { warning, critical } = endpoint.slow ?? {};
  const { timeout } = schedule(source, endpoint);
  const [yellow, red] = [parseDuration(warning ?? ''), parseDuration(critical ?? '')];
  if (yellow !== undefined && red !== undefined && red < yellow) {
    const message = `critical is ${critical}, warning is ${warning}: critical must be the worse of the two`;
    return [{ path: ['slow', 'critical'], message }];
  }
  return (['warning', 'critical'] as const).flatMap((severity) => {
    const bound = endpoint.slow?.[severity];
    if (bound === undefined || (parseDuration(bound) ?? 0) < timeout) return [];
    return [{ path: ['slow', severity], message: `${bound} is not shorter than the timeout, so nothing is ever slow; shorten it` }];
  });
}
