// What `vigie check` says of sql sources beyond their schema; what they feed and define.

import { coveredFlows, coveredStages } from '../../domain/coverage.js';
import { parseDuration } from '../../domain/duration.js';
import type { MetricDefinition } from '../../domain/observation.js';
import { suggest } from '../../domain/suggest.js';
import { fedIndicators, indicatorClaim } from '../indicator.js';
import type { CheckContext, Claim, Problem, SourceConfig } from '../kind.js';
import { drivers } from './drivers/registry.js';
import { ownDefinition } from './own.js';
import { coverageOf } from './places.js';
import { queryProblems } from './query-check.js';
import { REPLICA_COLLECTOR } from './conventions.js';
import type { ConnectionSettings, SqlOptions, SqlQuery } from './schema.js';
import { observedSignals } from './signals.js';
import { targetLabels } from './targets.js';

const MINUTE_MS = 60_000;
/** Labels that come from elsewhere. */
const TAKEN_LABELS: readonly string[] = ['env', 'path', 'target', 'outcome', 'le', 'quantile', 'job', 'instance', 'source', 'kind'];

export function check(source: SourceConfig<SqlOptions>, context: CheckContext): Problem[] {
  const { options } = source;
  return [
    ...databaseProblems(options),
    ...roleProblems(options),
    ...targetProblems(options, context),
    ...budgetProblems(options),
    ...queryProblems(source, context),
  ];
}

export function claims(source: SourceConfig<SqlOptions>, context: CheckContext): Claim[] {
  const { queries, targets } = source.options;
  const ofIndicators = Object.entries(queries).flatMap(([name, query]) => indicatorClaims(name, query, source, context));
  const ofSignals = Object.entries(queries).flatMap(([name, query]) =>
    observedSignals(query).flatMap((signal) =>
      coveredStages(context.flows, coverageOf(query)).map(({ flow, stage }) => ({
        signal,
        flow: flow.name,
        stage,
        // Each target has a path of its own.
        ...(targets && { path: `${source.name}/*` }),
        ...(typeof query.partner === 'string' ? { partner: query.partner } : {}),
        at: ['queries', name, 'observe', signal],
      })),
    ),
  );
  return [...ofSignals, ...ofIndicators];
}

/** Of the flows that the query may speak of and that have the indicator. */
function indicatorClaims(
  name: string,
  query: SqlQuery,
  { name: source, options }: SourceConfig<SqlOptions>,
  context: CheckContext,
): Claim[] {
  const { flow, partner, stage, flows, observe } = query;
  const meant = coveredFlows(context.flows, { ...(typeof flow === 'string' && { flow }), ...(flows && { flows }) });
  return Object.keys(observe?.indicators ?? {}).flatMap((indicator) =>
    meant
      .filter((one) => fedIndicators(one).includes(indicator))
      .flatMap((one) =>
        indicatorClaim(
          { indicator, ...(typeof stage === 'string' && { stage }) },
          {
            flow: one.name,
            partner: typeof partner === 'string' ? partner : undefined,
            // Each target has a path of its own.
            ...(options.targets && { path: `${source}/*` }),
            at: ['queries', name, 'observe', 'indicators', indicator],
          },
          context,
        ),
      ),
  );
}

export function metrics({ options }: SourceConfig<SqlOptions>): MetricDefinition[] {
  const labels = targetLabels(options);
  return Object.values(options.queries).flatMap((query) => (query.metrics ?? []).map((metric) => ownDefinition(metric, query, labels)));
}

function databaseProblems({ driver, connection, targets }: SqlOptions): Problem[] {
  if (!targets) return connection ? connectionProblems(driver, connection, connection, ['connection']) : [noConnection()];
  const own = connection ? connectionProblems(driver, connection, undefined, ['connection']) : [];
  const theirs = Object.entries(targets).flatMap(([name, target]) => {
    const path = ['targets', name, 'connection'];
    return connectionProblems(
      driver,
      target.connection ?? {},
      { ...connection, ...target.connection },
      target.connection ? path : ['targets', name],
    );
  });
  return [...own, ...theirs];
}

function noConnection(): Problem {
  return { path: [], message: 'lacks `connection`: say where the database is, or name several with `targets`' };
}

/** @param whole what the driver is given in the end, where that is to be complete */
function connectionProblems(
  name: SqlOptions['driver'],
  written: ConnectionSettings,
  whole: ConnectionSettings | undefined,
  path: readonly string[],
): Problem[] {
  const driver = drivers[name];
  const problems: Problem[] = [];
  for (const setting of whole ? driver.required : []) {
    if (whole?.[setting] !== undefined) continue;
    const needs = driver.required.map((key) => `\`${key}\``).join(', ');
    problems.push({ path, message: `lacks \`${setting}\`: driver ${name} needs ${needs}` });
  }
  const known: readonly string[] = [...driver.required, ...driver.optional];
  for (const key of Object.keys(written)) {
    if (known.includes(key)) continue;
    const message = `is not for driver ${name}, which knows ${known.map((word) => `\`${word}\``).join(', ')}`;
    problems.push({ path: [...path, key], message });
  }
  for (const { setting, message } of (whole && driver.settingProblems?.(whole)) ?? []) {
    const isWritten = written[setting] !== undefined;
    problems.push(isWritten ? { path: [...path, setting], message } : { path, message: `\`${setting}\` ${message}` });
  }
  return problems;
}

function roleProblems({ driver, role, allow_primary: allowPrimary, queries }: SqlOptions): Problem[] {
  const problems: Problem[] = [];
  const { replicates, title } = drivers[driver];
  if (role !== undefined && !replicates)
    problems.push({ path: ['role'], message: `${title} has no replicas that could be told apart: leave it out` });
  if (role === undefined && allowPrimary !== undefined) {
    problems.push({ path: ['allow_primary'], message: 'is for sources with `role: replica`; without it any server is taken' });
  }
  if (role !== undefined && queries[REPLICA_COLLECTOR]) {
    problems.push({ path: ['queries', REPLICA_COLLECTOR], message: 'is what the proof of `role: replica` is called: choose another name' });
  }
  return problems;
}

function targetProblems({ targets, parallel }: SqlOptions, context: CheckContext): Problem[] {
  if (!targets) return parallel === undefined ? [] : [{ path: ['parallel'], message: 'is for sources with `targets`: leave it out' }];
  const known: Readonly<Record<string, readonly string[]>> = {
    flow: context.flows.map(({ name }) => name),
    partner: context.partners,
    stage: context.flows.flatMap(({ stages }) => stages),
  };
  return Object.entries(targets).flatMap(([name, { labels = {} }]) =>
    Object.entries(labels).flatMap(([label, value]): Problem[] => {
      const path = ['targets', name, 'labels', label];
      if (TAKEN_LABELS.includes(label)) return [{ path, message: 'is set by Vigie or by Prometheus: choose another name' }];
      if (known[label]?.includes(value) ?? true) return [];
      return [{ path, message: `no ${label} "${value}"${suggest(value, known[label] ?? [])}` }];
    }),
  );
}

function budgetProblems({ load_budget: written }: SqlOptions): Problem[] {
  const budget = written === undefined ? undefined : parseDuration(written);
  if (budget === undefined || (budget > 0 && budget <= MINUTE_MS)) return [];
  return [{ path: ['load_budget'], message: `${written} is no share of a minute: more than 0s and at most 1m, e.g. 3s` }];
}
