// Which alerts may tell of a flow, by what it declares, and what keeps them silent.

import type { Bound, Flow } from '../domain/flow.js';
import { EFFECTS, MAINTENANCE_KINDS } from '../domain/maintenance.js';
import type { Hearing, RuleFamily } from '../rules/rule.js';
import { describeBounds } from './declared.js';
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

/** What the rules are picked by, beside the flow. */
export interface Circumstances {
  /** Names of the planned resets that concern the flow. */
  readonly resets: readonly string[];
  /** Kinds of the sources that see it. */
  readonly kinds: readonly string[];
  /** Names of the sources of its environment that tell of gates. */
  readonly gatekeepers: readonly string[];
}

/** Nothing where the flow declares nothing of it. */
type JudgedBy = (flow: Flow, circumstances: Circumstances) => readonly string[];

const expecting = (picks: (expectation: NonNullable<Flow['expectations']>[number]) => boolean) => (flow: Flow) =>
  (flow.expectations ?? []).filter(picks).map(({ name }) => name);
const bounded = (picks: (bound: Bound) => boolean) => (flow: Flow) => describeBounds(flow, picks);
const of = (...signals: readonly string[]) => bounded(({ indicator }) => signals.includes(indicator));

/** All on flows but those that sources of files decide on: what they judge by in the YAML of the flow. */
const JUDGED_BY: Readonly<Record<string, JudgedBy>> = {
  FlowMissed: expecting(({ timing }) => timing !== undefined && timing.kind !== 'every'),
  FlowInJeopardy: expecting(({ timing }) => timing !== undefined && timing.kind !== 'every'),
  FlowSilent: expecting(({ timing }) => timing?.kind === 'every'),
  FlowEarly: expecting(({ timing }) => timing?.kind === 'by' && timing.earliest !== undefined),
  FlowTooLong: expecting(({ lasts }) => lasts?.longest !== undefined),
  FlowTooShort: expecting(({ lasts }) => lasts?.shortest !== undefined),
  FlowTooFew: expecting(({ atLeast }) => atLeast !== undefined),
  FlowTooMany: expecting(({ atMost }) => atMost !== undefined),
  FlowResetNotDone: (_flow, { resets }) => resets,
  FlowBacklogOutOfBounds: of('backlog', 'backlog_age'),
  FlowBacklogGrowing: () => ['messages that wait while none leaves, where a source tells of them'],
  FlowSlow: of('duration', 'answer_time'),
  FlowFailures: of('errors', 'rejects', 'failures', 'success'),
  FlowVolumeOutOfBounds: of('messages'),
  FlowUnanswered: of('unanswered'),
  FlowIndicatorOutOfBounds: (flow) => bounded(({ indicator }) => (flow.indicators ?? []).some(({ name }) => name === indicator))(flow),
  FlowBoundAhead: bounded(({ forecast }) => forecast !== undefined),
  FlowNotConserved: (flow) => (flow.conservation ?? []).map(({ from, to }) => `${from} → ${to}`),
  FlowPathsDisagree: (flow) => (flow.parity ?? []).map(({ stage, paths }) => `${and(paths)} at ${stage}`),
  FlowUnusual: (flow) => (flow.anomalies ?? []).map(({ stage }) => `traffic at ${stage}`),
  // Which gates there are, sources tell, and not the YAML.
  FlowGateUndecided: (_flow, { gatekeepers }) => gatekeepers.map((source) => `gates that ${source} tells of`),
  FlowObjectiveBurning: (flow) => (flow.objectives ?? []).map(({ name }) => name),
};

/** Kinds of sources that tell of files, by which the alerts judge that are not in the table. */
const FILE_KINDS: ReadonlySet<string> = new Set(['files', 'ftp', 'sftp']);

export function applyingRules(families: readonly RuleFamily[], flow: Flow, circumstances: Circumstances): ApplyingRule[] {
  const seesFiles = circumstances.kinds.some((kind) => FILE_KINDS.has(kind));
  const told = Map.groupBy(
    families.flatMap(({ tells = [] }) => tells),
    ({ name }) => name,
  );
  const rules = families.flatMap(({ groups }) => groups).flatMap((group) => group.rules);
  return [...told].flatMap(([name, hearings]) => {
    const judgedBy = JUDGED_BY[name];
    const by = judgedBy?.(flow, circumstances) ?? [];
    if (judgedBy ? by.length === 0 : !seesFiles) return [];
    const severities = rules.flatMap((rule) => ('alert' in rule && rule.alert === name ? [rule.labels['severity'] ?? ''] : []));
    return [{ alert: name, by, severities: [...new Set(severities)], silencedBy: hearings.slice(0, 1).flatMap(silencedBy) }];
  });
}

function silencedBy({ judges, hours, evenIfHeld = false }: Hearing): string[] {
  const kinds = (effect: 'mutes' | 'relaxes') => MAINTENANCE_KINDS.filter((kind) => EFFECTS[kind][effect].includes(judges));
  const mutes = kinds('mutes');
  const relaxes = kinds('relaxes');
  return [
    ...(mutes.length > 0 ? [`muted by ${and(mutes)}`] : []),
    ...(relaxes.length > 0 ? [`relaxed by ${and(relaxes)}`] : []),
    ...(evenIfHeld ? [] : ['held back while something it depends on is down']),
    ...(hours === 'open' ? ['silent outside opening hours'] : []),
  ];
}
