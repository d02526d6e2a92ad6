// What `vigie check` says of a log source beyond its schema. No I/O.

import { coverageProblems } from '../../domain/coverage.js';
import { suggest } from '../../domain/suggest.js';
import type { CheckContext, Problem } from '../kind.js';
import { labelProblems } from '../own-metric.js';
import { identityMapProblems, outcomeProblems, timezoneProblem } from '../names-in-data.js';
import { regexProblem } from '../regex.js';
import { coverageOf } from './definitions.js';
import { DURATION_UNITS, parseDurationField } from '../duration-field.js';
import { compilePattern, groupNames } from './patterns/pattern.js';
import type { ConditionOptions, EventOptions, LogOptions, MetricOptions, TimeOptions } from './schema.js';

/** Whether lines can have the field: those of a regular expression have its groups only, those of JSON have any. */
type Fields = readonly string[] | undefined;

export function checkLog(options: LogOptions, context: CheckContext): Problem[] {
  const { format, time, events = [], metrics = [] } = options;
  const problems: Problem[] = [];
  let fields: Fields;
  if (format !== 'json') {
    const problem = regexProblem(() => compilePattern(format.regex));
    if (problem === undefined) fields = groupNames(format.regex);
    else problems.push({ path: ['format', 'regex'], message: problem });
  }
  if (options.events === undefined && options.metrics === undefined) {
    problems.push({ path: [], message: 'counts nothing: add events: [{ when, stage }] or metrics: [{ name, help }]' });
  }
  if (time) problems.push(...at(['time'], timeProblems(time, fields)));
  for (const [index, event] of events.entries()) problems.push(...at(['events', index], eventProblems(event, fields, context)));
  for (const [index, metric] of metrics.entries()) problems.push(...at(['metrics', index], metricProblems(metric, fields)));
  return [...problems, ...unreachable(events)];
}

function at(path: Problem['path'], problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

function timeProblems({ field, format = 'iso', timezone }: TimeOptions, fields: Fields): Problem[] {
  const problems = fieldProblems(field, ['field'], fields);
  if (timezone === undefined) return problems;
  const message = format === 'iso' ? timezoneProblem(timezone) : 'a Unix time is the same everywhere: leave the time zone out';
  if (message !== undefined) problems.push({ path: ['timezone'], message });
  return problems;
}

function eventProblems(event: EventOptions, fields: Fields, context: CheckContext): Problem[] {
  return [
    ...(event.when ? at(['when'], conditionProblems(event.when, fields)) : []),
    ...coverageProblems(context.flows, context.partners, coverageOf(event)),
    ...identityProblems(event, fields, context),
    ...(typeof event.outcome === 'object' ? fieldProblems(event.outcome.from, ['outcome', 'from'], fields) : []),
    ...outcomeProblems(event.outcome),
    ...(event.bytes === undefined ? [] : fieldProblems(event.bytes, ['bytes'], fields)),
    ...durationProblems(event, fields),
  ];
}

function identityProblems(event: EventOptions, fields: Fields, context: CheckContext): Problem[] {
  const problems: Problem[] = [];
  for (const [one, several] of [
    ['flow', 'flows'],
    ['stage', 'stages'],
  ] as const) {
    if (typeof event[one] === 'string' && event[several]) {
      problems.push({ path: [several], message: `\`${one}\` names the ${one} of all lines already; keep one of the two` });
    }
  }
  for (const label of ['flow', 'partner', 'stage'] as const) {
    const written = event[label];
    if (typeof written === 'string') continue;
    if (written === undefined) {
      if (!fields || fields.includes(label)) continue;
      const message = `says no ${label}: add \`${label}:\`, or a group (?<${label}>…) to the regular expression of \`format\``;
      problems.push({ path: [], message });
      continue;
    }
    problems.push(...fieldProblems(written.from, [label, 'from'], fields));
    problems.push(...identityMapProblems(label, written.map, context));
  }
  return problems;
}

function durationProblems({ duration }: EventOptions, fields: Fields): Problem[] {
  if (duration === undefined) return [];
  const parsed = parseDurationField(duration);
  if (parsed) return fieldProblems(parsed.field, ['duration'], fields);
  const units = Object.keys(DURATION_UNITS).join(', ');
  return [{ path: ['duration'], message: `"${duration}" must be a field and its unit (${units}), e.g. duration_ms ms` }];
}

function metricProblems(metric: MetricOptions, fields: Fields): Problem[] {
  const { name, type, value, labels = [] } = metric;
  const problems = metric.when ? at(['when'], conditionProblems(metric.when, fields)) : [];
  const isCounter = type === undefined ? name.endsWith('_total') : type === 'counter';
  if (value !== undefined) problems.push(...fieldProblems(value, ['value'], fields));
  else if (!isCounter) {
    problems.push({ path: [], message: 'a gauge needs `value`, the field it is set to; a counter is named …_total' });
  }
  for (const [index, label] of labels.entries()) {
    if (label !== 'env') problems.push(...fieldProblems(label, ['labels', index], fields));
  }
  return [...problems, ...labelProblems(metric)];
}

function conditionProblems(when: ConditionOptions, fields: Fields): Problem[] {
  return Object.entries(when).flatMap(([field, wanted]) => {
    const problems = fieldProblems(field, [field], fields);
    if (typeof wanted !== 'object' || Array.isArray(wanted)) return problems;
    const problem = regexProblem(() => compilePattern(wanted.matches));
    return problem === undefined ? problems : [...problems, { path: [field, 'matches'], message: problem }];
  });
}

function fieldProblems(field: string, path: Problem['path'], fields: Fields): Problem[] {
  if (!fields || fields.includes(field)) return [];
  return [{ path, message: `the regular expression of \`format\` has no group "${field}"${suggest(field, fields)}` }];
}

/** The first event that fits takes the line, so that nothing comes after one that fits every line. */
function unreachable(events: readonly EventOptions[]): Problem[] {
  const first = events.findIndex(({ when }) => when === undefined);
  if (first < 0 || first === events.length - 1) return [];
  const message = `is never reached: event ${first + 1} has no \`when\` and takes every line; put it last`;
  return [{ path: ['events', first + 1], message }];
}
