// What is wrong with places in answers, conditions on them, and metrics that are read from them.

import { indicatorProblems } from '../indicator.js';
import type { CheckContext, ConfigPath, Problem } from '../kind.js';
import { labelProblems } from '../own-metric.js';
import { regexProblem } from '../regex.js';
import { isHeaderName } from './header.js';
import { JsonPath } from './json-path.js';
import { ENDPOINT_OWN_LABELS } from './own-definition.js';
import type { EndpointOptions } from './schema.js';
import type { WrittenCondition, WrittenOwnMetric, WrittenPlace } from './schema-values.js';

export function regexProblems(pattern: string | undefined, path: ConfigPath): Problem[] {
  const message = pattern === undefined ? undefined : regexProblem(() => new RegExp(pattern));
  return message === undefined ? [] : [{ path, message }];
}

export function jsonPathProblems(text: string | undefined, path: ConfigPath): Problem[] {
  if (text === undefined) return [];
  try {
    void new JsonPath(text);
    return [];
  } catch {
    return [{ path, message: `"${text}" is no JSONPath (RFC 9535); e.g. $.status, $.queues[0].depth or $.queues[?@.name == "in"].depth` }];
  }
}

export function conditionProblems(condition: WrittenCondition, path: ConfigPath): Problem[] {
  if (typeof condition !== 'object') return [];
  const { matches, above, below, equals, exists } = condition;
  const problems = regexProblems(matches, [...path, 'matches']);
  if (exists === false && Object.keys(condition).length > 1) {
    problems.push({ path: [...path, 'exists'], message: 'what must not be there cannot be like something; keep one of the two' });
  }
  if (equals !== undefined && (matches ?? above ?? below) !== undefined) {
    problems.push({ path: [...path, 'equals'], message: 'says all there is to say: leave the other conditions out' });
  }
  if (above !== undefined && below !== undefined && above >= below) {
    problems.push({ path: [...path, 'above'], message: `no number is above ${above} and below ${below}` });
  }
  return problems;
}

export function placeProblems({ json, header, regex }: WrittenPlace, path: ConfigPath): Problem[] {
  const problems = [...jsonPathProblems(json, [...path, 'json']), ...regexProblems(regex, [...path, 'regex'])];
  if (header !== undefined && !isHeaderName(header)) {
    problems.push({ path: [...path, 'header'], message: `"${header}" is no header name; e.g. x-session` });
  }
  return problems;
}

export function metricProblems(metric: WrittenOwnMetric): Problem[] {
  const { value, each, labels = [], name } = metric;
  const problems: Problem[] = [...onePlace(value, ['value']), ...jsonPathProblems(each, ['each']), ...labelProblems(metric)];
  if (name.endsWith('_total'))
    problems.push({ path: ['name'], message: '`_total` is for counters, and what is read from an answer is a gauge' });
  const seen = new Set<string>();
  for (const [index, { label, value: constant, ...place }] of labels.entries()) {
    const path: ConfigPath = ['labels', index];
    const isEndpoints = ENDPOINT_OWN_LABELS.some((own) => own === label) && label !== 'env';
    if (isEndpoints) problems.push({ path: [...path, 'label'], message: `\`${label}\` is always added, from the endpoint; leave it out` });
    if (seen.has(label)) problems.push({ path: [...path, 'label'], message: `\`${label}\` stands twice` });
    if (constant === undefined) problems.push(...onePlace(place, path));
    else if (Object.keys(place).length > 0)
      problems.push({ path: [...path, 'value'], message: 'the value is said, and where it stands too; keep one' });
    seen.add(label);
  }
  return problems;
}

export function indicatorProblemsOf({ indicators = [], flow: name }: EndpointOptions, { flows }: CheckContext): Problem[] {
  const flow = flows.find((one) => one.name === name);
  return indicators.flatMap((one, index) => {
    const path: ConfigPath = ['indicators', index];
    if (name === undefined) return [{ path, message: 'an indicator of which flow? Name the `flow` of the endpoint' }];
    return [
      ...indicatorProblems(one, flow).map((problem) => ({ ...problem, path: [...path, ...problem.path] })),
      ...onePlace(one.value, [...path, 'value']),
    ];
  });
}

export function fallbackProblems({ fallback, flow }: EndpointOptions): Problem[] {
  if (!fallback) return [];
  const problems = onePlace(fallback, ['fallback']);
  if (flow === undefined) problems.push({ path: ['fallback'], message: 'whose fallback? Name the `flow` of the endpoint' });
  return problems;
}

function onePlace({ json, header, regex }: WrittenPlace, path: ConfigPath): Problem[] {
  const named = [json, header, regex].filter((one) => one !== undefined);
  if (named.length !== 1) return [{ path, message: 'names one place: json: $.path, header: name or regex: pattern' }];
  return placeProblems(
    { ...(json !== undefined && { json }), ...(header !== undefined && { header }), ...(regex !== undefined && { regex }) },
    path,
  );
}
