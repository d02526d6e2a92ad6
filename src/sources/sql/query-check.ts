// What `vigie check` says of the queries of a sql source.

import { coveredFlows, coverageProblems } from '../../domain/coverage.js';
import { formatDuration, parseDuration } from '../../domain/duration.js';
import { DURATION_UNITS, parseDurationField } from '../duration-field.js';
import { nameProblem } from '../indicator.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { identityMapProblems, outcomeProblems, timezoneProblem } from '../names-in-data.js';
import { labelName, labelProblems } from '../own-metric.js';
import { schedule, scheduleProblems } from '../schedule.js';
import { drivers } from './drivers/registry.js';
import { EACH_ROW } from './own.js';
import { coverageOf } from './places.js';
import type { SqlMetric, SqlOptions, SqlQuery } from './schema.js';
import { INCREMENTAL_SIGNALS, observedSignals, POLLED_SIGNALS, type SqlSignal } from './signals.js';
import { isOrdered, namesWatermark, statementProblem } from './statement.js';
import { targetLabels } from './targets.js';
import { watermarkOf } from './watermark.js';

export function queryProblems(source: SourceConfig<SqlOptions>, context: CheckContext): Problem[] {
  return Object.entries(source.options.queries).flatMap(([name, query]) =>
    [
      ...scheduleProblems(source, query, 'runs'),
      ...neighbourProblems(source, name, query),
      ...statementProblems(source.options, query),
      ...incrementalProblems(source.options, query),
      ...observeProblems(query, context),
      ...readingProblems(query),
      ...(query.metrics ?? []).flatMap((metric, index) => within(['metrics', index], metricProblems(source.options, query, metric))),
    ].map((problem) => ({ ...problem, path: ['queries', name, ...problem.path] })),
  );
}

function within(path: Problem['path'], problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

/** They share a connection, and the one that hangs keeps it. */
function neighbourProblems(source: SourceConfig<SqlOptions>, name: string, query: SqlQuery): Problem[] {
  if (query.timeout === undefined) return [];
  const { timeout } = schedule(source, query);
  const hurt = Object.entries(source.options.queries).find(
    ([other, neighbour]) => other !== name && schedule(source, neighbour).interval < timeout,
  );
  if (!hurt) return [];
  const [other, neighbour] = hurt;
  const every = formatDuration(schedule(source, neighbour).interval);
  const message = `${query.timeout} is longer than ${other} waits between two runs, ${every}: when this query hangs, ${other} misses a turn; give it less time, or a source of its own`;
  return [{ path: ['timeout'], message, severity: 'warning' }];
}

function statementProblems({ driver }: SqlOptions, { sql }: SqlQuery): Problem[] {
  const { opaque } = drivers[driver];
  const refused = drivers[driver].refusal?.(sql);
  if (refused !== undefined) return [{ path: ['sql'], message: refused }];
  const message = statementProblem(sql, opaque);
  return message === undefined ? [] : [{ path: ['sql'], message, severity: 'warning' }];
}

function incrementalProblems({ driver }: SqlOptions, query: SqlQuery): Problem[] {
  const { incremental: written, sql, observe = {} } = query;
  const { opaque } = drivers[driver];
  if (written === undefined) {
    if (namesWatermark(sql, opaque))
      return [{ path: ['sql'], message: 'names :watermark; say which column it is of, e.g. incremental: id' }];
    return signalProblems(query, POLLED_SIGNALS, 'is only for queries with `incremental`, whose rows are counted once each');
  }
  const { column, lag, start } = typeof written === 'string' ? { column: written } : written;
  const problems = signalProblems(
    query,
    INCREMENTAL_SIGNALS,
    'tells how things are now, and an `incremental` query what is new: make it a query of its own',
  );
  if (!namesWatermark(sql, opaque)) problems.push({ path: ['sql'], message: `must say which rows are new: WHERE ${column} > :watermark` });
  if (!isOrdered(sql, opaque)) problems.push({ path: ['sql'], message: `must say in which order the rows come: ORDER BY ${column}` });
  if (observe.indicators !== undefined) {
    const message = 'tell how things are now, and an `incremental` query what is new: make it a query of its own';
    problems.push({ path: ['observe', 'indicators'], message });
  }
  if (query.undeclared === 'allow') {
    problems.push({ path: ['undeclared'], message: 'is not for `incremental` queries, whose series are kept for good: declare the flows' });
  }
  if (query.duplicates !== undefined) {
    problems.push({ path: ['duplicates'], message: 'means nothing with `incremental`: each row is counted' });
  }
  if (lag !== undefined && parseDuration(lag) === undefined)
    problems.push({ path: ['incremental', 'lag'], message: `"${lag}" is longer than can be counted` });
  if (start !== undefined) problems.push(...startProblems({ driver }, start));
  if (observe.duration !== undefined && !parseDurationField(observe.duration)) {
    const units = Object.keys(DURATION_UNITS).join(', ');
    problems.push({
      path: ['observe', 'duration'],
      message: `"${observe.duration}" must be a column and its unit (${units}), e.g. duration_ms ms`,
    });
  }
  return problems;
}

function startProblems({ driver }: Pick<SqlOptions, 'driver'>, start: string | number | { readonly sql: string }): Problem[] {
  const path = ['incremental', 'start'];
  if (typeof start !== 'object') {
    if (watermarkOf(start)) return [];
    return [{ path, message: `"${start}" is neither an id nor a time, e.g. 1000 or "2026-01-01 00:00:00"` }];
  }
  const refused = drivers[driver].refusal?.(start.sql) ?? statementProblem(start.sql, drivers[driver].opaque);
  return refused === undefined ? [] : [{ path: [...path, 'sql'], message: refused }];
}

function signalProblems(query: SqlQuery, allowed: readonly SqlSignal[], message: string): Problem[] {
  return observedSignals(query)
    .filter((signal) => !allowed.includes(signal))
    .map((signal) => ({ path: ['observe', signal], message }));
}

function observeProblems(query: SqlQuery, context: CheckContext): Problem[] {
  const problems: Problem[] = [];
  if (query.observe === undefined && query.metrics === undefined) {
    problems.push({ path: [], message: 'shows nothing: add observe: { backlog: <column> } or metrics: [{ name, help, value }]' });
  }
  for (const [one, several] of [
    ['flow', 'flows'],
    ['stage', 'stages'],
  ] as const) {
    if (typeof query[one] === 'string' && query[several] !== undefined) {
      problems.push({ path: [several], message: `\`${one}\` names the ${one} of all rows already; keep one of the two` });
    }
  }
  for (const label of ['flow', 'partner', 'stage'] as const) {
    const written = query[label];
    if (typeof written === 'object' && query.undeclared !== 'allow') problems.push(...identityMapProblems(label, written.map, context));
  }
  const { flow, flows } = query;
  const meant = coveredFlows(context.flows, { ...(typeof flow === 'string' && { flow }), ...(flows && { flows }) });
  for (const name of Object.keys(query.observe?.indicators ?? {}))
    problems.push(...nameProblem(name, meant, ['observe', 'indicators', name]));
  return [...problems, ...outcomeProblems(query.outcome), ...coverageProblems(context.flows, context.partners, coverageOf(query))];
}

function readingProblems({ timezone, labels, metrics }: SqlQuery): Problem[] {
  const problems: Problem[] = [];
  const zones =
    typeof timezone === 'string'
      ? [[[], timezone] as const]
      : Object.entries(timezone ?? {}).map(([column, zone]) => [[column], zone] as const);
  for (const [path, zone] of zones) {
    const message = timezoneProblem(zone);
    if (message !== undefined) problems.push({ path: ['timezone', ...path], message });
  }
  if (labels && !metrics) {
    problems.push({ path: ['labels'], message: 'are for metrics of your own naming; signals of flows have the labels of their flow' });
  }
  return problems;
}

function metricProblems(options: SqlOptions, query: SqlQuery, metric: SqlMetric): Problem[] {
  const problems = labelProblems(metric);
  const { type, name, labels = [], value, buckets } = metric;
  const taken = new Set([...Object.keys(query.labels ?? {}), ...(options.targets ? ['target'] : [])]);
  for (const [index, label] of labels.map(labelName).entries()) {
    if (taken.has(label)) problems.push({ path: ['labels', index], message: `"${label}" is there twice: each label once` });
    taken.add(label);
  }
  for (const label of targetLabels(options) ?? []) {
    if (taken.has(label) && query.labels?.[label] !== undefined) {
      problems.push({ path: [], message: `the label "${label}" is one of the targets' already` });
    }
  }
  const incremental = query.incremental !== undefined;
  if (type === 'histogram' && !incremental) {
    problems.push({ path: ['type'], message: 'a histogram counts events: it is only for queries with `incremental`' });
  }
  if (incremental && type !== 'histogram' && !name.endsWith('_total')) {
    problems.push({ path: ['type'], message: 'an `incremental` query counts: its metrics are counters (…_total) or histograms' });
  }
  if (!incremental && value === EACH_ROW && !/\brows\b/i.test(query.sql)) {
    problems.push({
      path: ['value'],
      message: '`rows` counts rows, which is for queries with `incremental`; name a column, e.g. COUNT(*) AS messages',
    });
  }
  return [...problems, ...bucketProblems(type, buckets)];
}

function bucketProblems(type: SqlMetric['type'], buckets: SqlMetric['buckets']): Problem[] {
  if (buckets === undefined) return [];
  if (type !== 'histogram') return [{ path: ['buckets'], message: 'are for metrics with type: histogram' }];
  const wrong = buckets.findIndex((bound, index) => index > 0 && bound <= (buckets[index - 1] ?? -Infinity));
  return wrong < 0 ? [] : [{ path: ['buckets', wrong], message: `${buckets[wrong]} is not more than the bound before it: bounds ascend` }];
}
