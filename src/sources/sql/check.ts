// What `vigie check` says of sql sources beyond their schema; what they feed and define.

import type { Signal } from '../../conventions.js';
import { coverageProblems, coveredStages, type Coverage } from '../../domain/coverage.js';
import type { MetricDefinition } from '../../domain/observation.js';
import type { CheckContext, Claim, Problem, SourceConfig } from '../kind.js';
import { definitionOf, labelProblems } from '../own-metric.js';
import { scheduleProblems } from '../schedule.js';
import { drivers } from './drivers/registry.js';
import type { SqlOptions, SqlQuery } from './schema.js';
import { statementProblem } from './statement.js';

export function check(source: SourceConfig<SqlOptions>, context: CheckContext): Problem[] {
  const problems = connectionProblems(source.options);
  for (const [name, query] of Object.entries(source.options.queries)) {
    const found = [
      ...scheduleProblems(source, query, 'runs'),
      ...statementProblems(source.options, query),
      ...observeProblems(query, context),
      ...metricProblems(query),
    ];
    problems.push(...found.map((problem) => ({ ...problem, path: ['queries', name, ...problem.path] })));
  }
  return problems;
}

export function claims(source: SourceConfig<SqlOptions>, context: CheckContext): Claim[] {
  return Object.entries(source.options.queries).flatMap(([name, query]) =>
    observedSignals(query).flatMap((signal) =>
      coveredStages(context.flows, coverageOf(query)).map(({ flow, stage }) => ({
        signal,
        flow: flow.name,
        stage,
        ...(typeof query.partner === 'string' ? { partner: query.partner } : {}),
        at: ['queries', name, 'observe', signal],
      })),
    ),
  );
}

export function metrics(source: SourceConfig<SqlOptions>): MetricDefinition[] {
  return Object.values(source.options.queries).flatMap((query) => (query.metrics ?? []).map(definitionOf));
}

export function coverageOf({ flow, partner, stage, flows, stages }: SqlQuery): Coverage {
  return {
    ...(typeof flow === 'string' ? { flow } : {}),
    ...(typeof partner === 'string' ? { partner } : {}),
    ...(typeof stage === 'string' ? { stage } : {}),
    ...(flows === undefined ? {} : { flows }),
    ...(stages === undefined ? {} : { stages }),
  };
}

export const SQL_SIGNALS = ['backlog', 'backlog_oldest', 'messages', 'last_message'] as const satisfies readonly Signal[];
export type SqlSignal = (typeof SQL_SIGNALS)[number];

/** The signals the query feeds, in a fixed order. */
export function observedSignals({ observe }: SqlQuery): SqlSignal[] {
  return SQL_SIGNALS.filter((signal) => observe?.[signal] !== undefined);
}

function connectionProblems({ driver: name, connection = {} }: SqlOptions): Problem[] {
  const driver = drivers[name];
  const problems: Problem[] = [];
  for (const setting of driver.required) {
    if (connection[setting] !== undefined) continue;
    const needs = driver.required.map((key) => `\`${key}\``).join(', ');
    problems.push({ path: ['connection'], message: `lacks \`${setting}\`: driver ${name} needs ${needs}` });
  }
  const known: readonly string[] = [...driver.required, ...driver.optional];
  for (const key of Object.keys(connection)) {
    if (known.includes(key)) continue;
    problems.push({
      path: ['connection', key],
      message: `is not for driver ${name}, which knows ${known.map((word) => `\`${word}\``).join(', ')}`,
    });
  }
  for (const { setting, message } of driver.settingProblems?.(connection) ?? []) {
    problems.push({ path: ['connection', setting], message });
  }
  return problems;
}

function statementProblems({ driver }: SqlOptions, { sql }: SqlQuery): Problem[] {
  const refused = drivers[driver].refusal?.(sql);
  if (refused !== undefined) return [{ path: ['sql'], message: refused }];
  const message = statementProblem(sql);
  return message === undefined ? [] : [{ path: ['sql'], message, severity: 'warning' }];
}

function observeProblems(query: SqlQuery, context: CheckContext): Problem[] {
  const problems: Problem[] = [];
  if (query.observe === undefined && query.metrics === undefined) {
    problems.push({ path: [], message: 'shows nothing: add observe: { backlog: <column> } or metrics: [{ name, help, value }]' });
  }
  if (query.flow !== undefined && query.flows !== undefined) {
    problems.push({ path: ['flows'], message: '`flow` names the flow of all rows already; keep one of the two' });
  }
  if (query.stage !== undefined && query.stages !== undefined) {
    problems.push({ path: ['stages'], message: '`stage` names the stage of all rows already; keep one of the two' });
  }
  return [...problems, ...coverageProblems(context.flows, context.partners, coverageOf(query))];
}

function metricProblems({ metrics: own = [] }: SqlQuery): Problem[] {
  return own.flatMap((metric, index) =>
    labelProblems(metric).map((problem) => ({ ...problem, path: ['metrics', index, ...problem.path] })),
  );
}
