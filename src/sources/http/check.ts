// What `vigie check` says of http sources beyond their schema.

import { isIP } from 'node:net';
import { checkEndpoints } from '../endpoints/check.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { requestProblems } from './check-request.js';
import { fallbackProblems, indicatorProblemsOf, metricProblems } from './check-values.js';
import { nameProblems } from './check-names.js';
import { proxyProblems } from './check-way.js';
import { withoutValues } from './request-url.js';
import type { EndpointOptions, HttpOptions } from './schema.js';

/** What is of one request, and so belongs into a step where there are steps. */
const OF_A_REQUEST = ['url', 'method', 'headers', 'body', 'auth'] as const;

export function check(source: SourceConfig<HttpOptions>, context: CheckContext): Problem[] {
  return [
    ...proxyProblems(source.options.proxy),
    ...checkEndpoints(source, context, (endpoint) => [
      ...endpointProblems(endpoint),
      ...indicatorProblemsOf(endpoint, context),
      ...familyProblems(endpoint, source.options.ip),
    ]),
    ...sharedFallbacks(source.options),
  ];
}

function endpointProblems(endpoint: EndpointOptions): Problem[] {
  return [
    ...shapeProblems(endpoint),
    ...(endpoint.steps ?? []).flatMap((step, index) => under(['steps', index], requestProblems(step))),
    ...(endpoint.url === undefined ? [] : requestProblems({ ...endpoint, url: endpoint.url })),
    ...(endpoint.steps ? proxyProblems(endpoint.proxy) : []),
    ...nameProblems(endpoint),
    ...(endpoint.metrics ?? []).flatMap((metric, index) => under(['metrics', index], metricProblems(metric))),
    ...fallbackProblems(endpoint),
  ];
}

/** One request or several. */
function shapeProblems(endpoint: EndpointOptions): Problem[] {
  const { steps, url, expect = {} } = endpoint;
  if (!steps) {
    if (url !== undefined) return [];
    return [{ path: [], message: 'needs a `url`, or `steps` with a `url` each; e.g. url: https://partner.example.org/health' }];
  }
  const problems: Problem[] = OF_A_REQUEST.filter((key) => endpoint[key] !== undefined).map((key) => ({
    path: [key],
    message: 'is of one request, and here are `steps`: move it into the step that it is for',
  }));
  for (const key of Object.keys(expect)) {
    if (key !== 'within')
      problems.push({ path: ['expect', key], message: 'belongs into the `expect` of a step; here only `within` may stand' });
  }
  const names = new Set<string>();
  for (const [index, { name = String(index + 1) }] of steps.entries()) {
    if (names.has(name))
      problems.push({ path: ['steps', index, 'name'], message: `another step is called "${name}" too; e.g. login, ask` });
    names.add(name);
  }
  return problems;
}

/** An address is of one family. */
function familyProblems({ url, steps, ip }: EndpointOptions, inherited: 4 | 6 | undefined): Problem[] {
  const wanted = ip ?? inherited;
  const urls = steps ? steps.map((step, index) => [step.url, ['steps', index, 'url']] as const) : [[url ?? '', ['url']] as const];
  return urls.flatMap(([text, path]) => {
    const family = isIP((URL.parse(withoutValues(text))?.hostname ?? '').replace(/^\[|\]$/g, ''));
    if (wanted === undefined || family === 0 || family === wanted) return [];
    return [{ path, message: `an address of IPv${family}, and only IPv${wanted} is allowed (ip); take one of the two away` }];
  });
}

/** Two series of the same flow and partner would be one. */
function sharedFallbacks({ endpoints }: HttpOptions): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [name, { fallback, flow, partner }] of Object.entries(endpoints)) {
    if (!fallback || flow === undefined) continue;
    const key = JSON.stringify([flow, partner]);
    const other = seen.get(key);
    if (other !== undefined) {
      problems.push({
        path: ['endpoints', name, 'fallback'],
        message: `endpoint ${other} tells of the fallback of this flow already; keep one`,
      });
    }
    seen.set(key, name);
  }
  return problems;
}

function under(path: Problem['path'], problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}
