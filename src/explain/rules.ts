// Which alerts may tell of a flow, by what it declares, and what keeps them silent.

import { recorded } from '../conventions.js';
import type { Bound, Flow } from '../domain/flow.js';
import { EFFECTS, MAINTENANCE_KINDS, type Judged } from '../domain/maintenance.js';
import type { AlertingRule, RuleFamily } from '../rules/rule.js';
import { describeBound } from './declared.js';
import { and } from './words.js';

/** An alert that may tell of the flow. */
export interface ApplyingRule {
  readonly alert: string;
  /** By what of the flow it judges, in words; empty where its sources decide. */
  readonly by: readonly string[];
  readonly severities: readonly string[];
  /** What planned work mutes and relaxes it, closing hours, what it depends on; a sentence each. */
  readonly silencedBy: readonly string[];
}

interface Judging {
  readonly judges: Judged;
  /** Nothing where the flow declares nothing of it. */
  readonly by: (flow: Flow, resets: readonly string[]) => readonly string[];
}

const expecting = (picks: (expectation: NonNullable<Flow['expectations']>[number]) => boolean) => (flow: Flow) =>
  (flow.expectations ?? []).filter(picks).map(({ name }) => name);
const bounded = (picks: (bound: Bound) => boolean) => (flow: Flow) => flow.bounds.filter(picks).map(describeBound);
const of = (...signals: readonly string[]) => bounded(({ indicator }) => signals.includes(indicator));

/** All on flows but those that sources of files decide on: what they judge by in the YAML of the flow. */
const JUDGING: Readonly<Record<string, Judging>> = {
  FlowMissed: { judges: 'freshness', by: expecting(({ timing }) => timing !== undefined && timing.kind !== 'every') },
  FlowInJeopardy: { judges: 'freshness', by: expecting(({ timing }) => timing !== undefined && timing.kind !== 'every') },
  FlowSilent: { judges: 'freshness', by: expecting(({ timing }) => timing?.kind === 'every') },
  FlowEarly: { judges: 'freshness', by: expecting(({ timing }) => timing?.kind === 'by' && timing.earliest !== undefined) },
  FlowTooLong: { judges: 'freshness', by: expecting(({ lasts }) => lasts?.longest !== undefined) },
  FlowTooShort: { judges: 'freshness', by: expecting(({ lasts }) => lasts?.shortest !== undefined) },
  FlowTooFew: { judges: 'volume', by: expecting(({ atLeast }) => atLeast !== undefined) },
  FlowTooMany: { judges: 'volume', by: expecting(({ atMost }) => atMost !== undefined) },
  FlowResetNotDone: { judges: 'freshness', by: (_flow, resets) => resets },
  FlowBacklogOutOfBounds: { judges: 'bounds', by: of('backlog', 'backlog_age') },
  FlowBacklogGrowing: { judges: 'bounds', by: () => ['messages that wait while none leaves, where a source tells of them'] },
  FlowSlow: { judges: 'bounds', by: of('duration', 'answer_time') },
  FlowFailures: { judges: 'bounds', by: of('errors', 'rejects', 'failures', 'success') },
  FlowVolumeOutOfBounds: { judges: 'volume', by: of('messages') },
  FlowUnanswered: { judges: 'acknowledgements', by: of('unanswered') },
  FlowIndicatorOutOfBounds: {
    judges: 'bounds',
    by: (flow) => bounded(({ indicator }) => (flow.indicators ?? []).some(({ name }) => name === indicator))(flow),
  },
  FlowBoundAhead: { judges: 'forecast', by: bounded(({ forecast }) => forecast !== undefined) },
  FlowNotConserved: { judges: 'conservation', by: (flow) => (flow.conservation ?? []).map(({ from, to }) => `${from} → ${to}`) },
  FlowPathsDisagree: { judges: 'conservation', by: (flow) => (flow.parity ?? []).map(({ stage, paths }) => `${and(paths)} at ${stage}`) },
  FlowUnusual: { judges: 'anomaly', by: (flow) => (flow.anomalies ?? []).map(({ stage }) => `traffic at ${stage}`) },
  FlowObjectiveBurning: { judges: 'objectives', by: (flow) => (flow.objectives ?? []).map(({ name }) => name) },
};

/** Kinds of sources that tell of files, by which the alerts judge that are not in the table. */
const FILE_KINDS: ReadonlySet<string> = new Set(['files', 'ftp', 'sftp']);

/** What those alerts judge. */
const JUDGED_OF_FILES: Readonly<Record<string, Judged>> = {
  FlowPartialFilesStalled: 'freshness',
  FlowExpectedFileMissing: 'freshness',
  FlowDeliveryIncomplete: 'conservation',
  FlowResponsesOverdue: 'acknowledgements',
  FlowResponsesRejected: 'acknowledgements',
};

/** What the rules are picked by, beside the flow. */
interface Circumstances {
  /** Names of the planned resets that concern the flow. */
  readonly resets: readonly string[];
  /** Kinds of the sources that see it. */
  readonly kinds: readonly string[];
}

export function applyingRules(families: readonly RuleFamily[], flow: Flow, { resets, kinds }: Circumstances): ApplyingRule[] {
  const seesFiles = kinds.some((kind) => FILE_KINDS.has(kind));
  const alerts = Map.groupBy(families.flatMap(flowAlerts), ({ alert }) => alert);
  return [...alerts].flatMap(([alert, rules]) => {
    const judging = JUDGING[alert];
    const by = judging?.by(flow, resets) ?? [];
    if (judging ? by.length === 0 : !seesFiles) return [];
    const severities = [...new Set(rules.map(({ labels }) => labels['severity'] ?? ''))];
    return [{ alert, by, severities, silencedBy: silencedBy(rules, judging?.judges ?? JUDGED_OF_FILES[alert]) }];
  });
}

function flowAlerts({ groups }: RuleFamily): AlertingRule[] {
  return groups.flatMap(({ rules }) => rules).flatMap((rule) => ('alert' in rule && rule.alert.startsWith('Flow') ? [rule] : []));
}

function silencedBy(rules: readonly AlertingRule[], judges: Judged | undefined): string[] {
  const kinds = (effect: 'mutes' | 'relaxes') => MAINTENANCE_KINDS.filter((kind) => judges && EFFECTS[kind][effect].includes(judges));
  const mutes = kinds('mutes');
  const relaxes = kinds('relaxes');
  // Bounds are muted where they are recorded, all the others in the alert itself.
  const reads = (name: string) => rules.some(({ expr }) => expr.includes(name));
  return [
    ...(mutes.length > 0 ? [`muted by ${and(mutes)}`] : []),
    ...(relaxes.length > 0 ? [`relaxed by ${and(relaxes)}`] : []),
    ...(reads(recorded.held.name) || judges === 'bounds' ? ['held back while something it depends on is down'] : []),
    ...(reads(recorded.closed.name) ? ['silent outside opening hours'] : []),
  ];
}
