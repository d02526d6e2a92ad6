// What `vigie check` says of a log source beyond its schema. No I/O.

import { coverageProblems } from '../../domain/coverage.js';
import type { CheckContext, ConfigPath, Problem } from '../kind.js';
import { indicatorProblems } from '../indicator.js';
import { identityMapProblems, outcomeProblems, type IdentityLabel } from '../names-in-data.js';
import { labelName, labelProblems } from '../own-metric.js';
import { parseQuantity, quantityProblem, type BaseUnit } from '../units.js';
import { formatProblems, levelProblems, readingProblems, timeProblems } from './check-lines.js';
import { Fields, type Scoped } from './check-fields.js';
import { coverageOf, ownMetricDefinition } from './definitions.js';
import type { CorrelationOptions, EventOptions, IdentityOptions, IndicatorOptions, LogOptions, MetricOptions } from './schema.js';

export function checkLog(options: LogOptions, context: CheckContext): Problem[] {
  const fields = Fields.of(options);
  const { events = [], correlations = [], metrics = [], indicators = [], ignore = [] } = options;
  return [
    ...readingProblems(options),
    ...formatProblems(options),
    ...countingProblems(options),
    ...timeProblems(options, fields),
    ...levelProblems(options, fields),
    ...fields.problems(options.id, ['id']),
    ...fields.problems(options.trace_id, ['trace_id']),
    ...ofEach('ignore', ignore, (one) => fields.within(one).found),
    ...ofEach('events', events, (event) => eventProblems(event, fields.within(event), context)),
    ...ofEach('correlations', correlations, (correlation) => correlationProblems(correlation, fields, options, context)),
    ...ofEach('metrics', metrics, (metric) => metricProblems(metric, fields.within(metric))),
    ...ofEach('indicators', indicators, (one) => indicatorProblemsOf(one, fields.within(one), context)),
    ...unreachable(events),
  ];
}

function ofEach<T>(key: string, parts: readonly T[], problemsOf: (part: T) => readonly Problem[]): Problem[] {
  return parts.flatMap((part, index) => at([key, index], problemsOf(part)));
}

function at(path: ConfigPath, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

function countingProblems({ events, metrics, correlations, indicators, level }: LogOptions): Problem[] {
  if (events ?? metrics ?? correlations ?? indicators ?? level) return [];
  return [{ path: [], message: 'counts nothing: add events: [{ when, stage }] or metrics: [{ name, help }]' }];
}

function eventProblems(event: EventOptions, { fields, found }: Scoped, context: CheckContext): Problem[] {
  return [
    ...found,
    ...coverageProblems(context.flows, context.partners, coverageOf(event)),
    ...severalProblems(event),
    ...(['flow', 'partner', 'stage'] as const).flatMap((label) => identityProblems(label, event[label], fields, context)),
    ...outcomeFieldProblems(event.outcome, fields),
    ...quantityProblems(event.bytes, 'bytes', ['bytes', 'none'], fields),
    ...quantityProblems(event.duration, 'duration', ['seconds'], fields),
    ...fields.problems(event.id, ['id']),
  ];
}

/** The start tells flow and partner; the end may tell the outcome. */
function correlationProblems(
  correlation: CorrelationOptions,
  fields: Fields,
  { id: common }: LogOptions,
  context: CheckContext,
): Problem[] {
  const { start, end, id = common } = correlation;
  const atStart = fields.within(start);
  const atEnd = fields.within(end);
  const idProblems = (own: string | undefined, scoped: Scoped, key: 'start' | 'end') => {
    const message = 'has no id by which start and end are matched: add `id:` with the field, e.g. id: message_id';
    if ((own ?? id) === undefined) return [{ path: [key], message }];
    return scoped.fields.problems(own ?? id, own === undefined && correlation.id !== undefined ? ['id'] : [key, 'id']);
  };
  return [
    ...at(['start'], atStart.found),
    ...at(['end'], atEnd.found),
    ...coverageProblems(context.flows, context.partners, coverageOf(correlation)),
    ...severalProblems(correlation),
    ...(['flow', 'partner'] as const).flatMap((label) => identityProblems(label, correlation[label], atStart.fields, context)),
    ...idProblems(start.id, atStart, 'start'),
    ...idProblems(end.id, atEnd, 'end'),
    ...at(['end'], outcomeFieldProblems(end.outcome, atEnd.fields)),
    ...everyLineProblems(correlation),
  ];
}

/** Without a condition, every line would begin or end something. */
function everyLineProblems({ start, end }: CorrelationOptions): Problem[] {
  return (['start', 'end'] as const)
    .filter((key) => ({ start, end })[key].match === undefined && { start, end }[key].when === undefined)
    .map((key) => ({ path: [key], message: 'means every line: say which ones with `when` or `match`' }));
}

function severalProblems(rule: Pick<EventOptions, 'flow' | 'flows' | 'stage' | 'stages'>): Problem[] {
  return ([['flow', 'flows'] as const, ['stage', 'stages'] as const] as const)
    .filter(([one, several]) => typeof rule[one] === 'string' && rule[several] !== undefined)
    .map(([one, several]) => ({ path: [several], message: `\`${one}\` names the ${one} of all lines already; keep one of the two` }));
}

function identityProblems(label: IdentityLabel, written: IdentityOptions | undefined, fields: Fields, context: CheckContext): Problem[] {
  if (typeof written === 'string') return [];
  if (written) return [...fields.problems(written.from, [label, 'from']), ...identityMapProblems(label, written.map, context)];
  if (fields.has(label)) return [];
  return [{ path: [], message: `says no ${label}: add \`${label}:\`, or a group (?<${label}>…) to ${fields.patterns}` }];
}

function outcomeFieldProblems(outcome: EventOptions['outcome'], fields: Fields): Problem[] {
  return [...(typeof outcome === 'object' ? fields.problems(outcome.from, ['outcome', 'from']) : []), ...outcomeProblems(outcome)];
}

function quantityProblems(written: string | undefined, key: string, bases: readonly BaseUnit[], fields: Fields): Problem[] {
  if (written === undefined) return [];
  const message = quantityProblem(written, bases);
  if (message !== undefined) return [{ path: [key], message }];
  return fields.problems(parseQuantity(written)?.field, [key]);
}

function metricProblems(metric: MetricOptions, { fields, found }: Scoped): Problem[] {
  const { value, labels = [], buckets } = metric;
  const { type } = ownMetricDefinition(metric);
  const problems = [...found, ...fields.problems(metric.id, ['id'])];
  if (value !== undefined) problems.push(...quantityProblems(value, 'value', ['none', 'seconds', 'bytes', 'ratio'], fields));
  else if (type !== 'counter') {
    const what =
      type === 'gauge'
        ? 'a gauge needs `value`, the field it is set to; a counter is named …_total'
        : 'a histogram needs `value`, the field it observes, e.g. value: took ms';
    problems.push({ path: [], message: what });
  }
  if (buckets) problems.push(...bucketProblems(buckets, type));
  for (const [index, label] of labels.entries()) {
    if (labelName(label) === 'env') continue;
    const from = typeof label === 'string' ? label : (label.from ?? label.label);
    problems.push(...fields.problems(from, ['labels', index]));
  }
  return [...problems, ...labelProblems(metric)];
}

function indicatorProblemsOf(one: IndicatorOptions, { fields, found }: Scoped, context: CheckContext): Problem[] {
  const { flow, partner } = one;
  const declared = context.flows.find(({ name }) => name === flow);
  return [
    ...found,
    ...coverageProblems(context.flows, context.partners, { flow, ...(typeof partner === 'string' && { partner }) }),
    ...(partner === undefined ? [] : identityProblems('partner', partner, fields, context)),
    ...indicatorProblems(one, declared),
    ...quantityProblems(one.value, 'value', ['none', 'seconds', 'bytes', 'ratio'], fields),
  ];
}

function bucketProblems(buckets: readonly number[], type: string): Problem[] {
  if (type !== 'histogram') return [{ path: ['buckets'], message: 'only a histogram has buckets: add type: histogram' }];
  const place = buckets.findIndex((bound, index) => index > 0 && bound <= (buckets[index - 1] ?? -Infinity));
  if (place < 0) return [];
  return [
    { path: ['buckets', place], message: `${buckets[place]} comes after ${buckets[place - 1]}: bounds must ascend, e.g. [0.1, 0.5, 1]` },
  ];
}

/** The first event that fits takes the line, so that nothing comes after one that fits every line. */
function unreachable(events: readonly EventOptions[]): Problem[] {
  const first = events.findIndex(({ when, match }) => when === undefined && match === undefined);
  if (first < 0 || first === events.length - 1) return [];
  const message = `is never reached: event ${first + 1} has no \`when\` and takes every line; put it last`;
  return [{ path: ['events', first + 1], message }];
}
