// Which alert hides which: red hides yellow, and a cause hides what follows from it.

interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

/** What follows where a source is not read, or not for long enough. */
const LATE = ['VigieCollectorStale', 'VigieLogBehind'] as const;

/**
 * A label that both alerts lack counts as equal, so each rule demands on both sides the label that says what it is about:
 * otherwise one broken source would hide all others. https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
 */
export const inhibitRules: readonly InhibitRule[] = [
  {
    source_matchers: ['severity="critical"', 'flow!=""'],
    target_matchers: ['severity="warning"', 'flow!=""'],
    equal: ['alertname', 'flow', 'partner', 'env', 'stage', 'indicator'],
  },
  {
    source_matchers: ['severity="critical"', 'endpoint!=""'],
    target_matchers: ['severity="warning"', 'endpoint!=""'],
    equal: ['alertname', 'endpoint', 'env', 'protocol', 'site'],
  },
  {
    source_matchers: ['alertname="VigieFilesSpaceLow"', 'severity="critical"', 'directory!=""'],
    target_matchers: ['alertname="VigieFilesSpaceLow"', 'severity="warning"', 'directory!=""'],
    equal: ['source', 'directory'],
  },
  {
    source_matchers: ['alertname="VigieHostKeyChanged"', 'endpoint!=""'],
    target_matchers: ['alertname="VigieEndpointDown"', 'endpoint!=""'],
    equal: ['endpoint', 'env', 'protocol'],
  },
  // Messages for a partner wait, and are not answered, because its endpoint is down.
  {
    source_matchers: ['alertname="VigieEndpointDown"', 'flow!=""', 'partner!=""'],
    target_matchers: ['alertname=~"FlowBacklogOutOfBounds|FlowBacklogGrowing|FlowUnanswered|FlowSlow"', 'flow!=""', 'partner!=""'],
    equal: ['flow', 'partner', 'env'],
  },
  // At one place: what has not come at all is not told as too little or late as well.
  atOnePlace('FlowMissed', ['FlowInJeopardy', 'FlowSilent', 'FlowTooFew']),
  atOnePlace('FlowSilent', ['FlowInJeopardy', 'FlowTooFew']),
  atOnePlace('FlowTooFew', ['FlowInJeopardy']),
  atOnePlace('FlowTooLong', ['FlowInJeopardy']),
  // Beyond its bound is told; that it grows as well need not be.
  atOnePlace('FlowBacklogOutOfBounds', ['FlowBacklogGrowing']),
  hides('VigieHostKeyChanged', ['VigieSourceDown', ...LATE]),
  hides('VigieLoginPaused', ['VigieSourceDown', ...LATE]),
  hides('VigieSourceDown', LATE),
  hides('VigieExporterCrashLoop', ['VigieExporterRestarts', 'VigieExporterMissing', 'VigieSourceDown', ...LATE]),
  hides('VigieExporterMissing', ['VigieSourceDown', ...LATE]),
];

/** At one stage of a flow, with one partner: what is worse hides what is less. */
function atOnePlace(worse: string, less: readonly string[]): InhibitRule {
  return {
    source_matchers: [`alertname="${worse}"`, 'flow!=""', 'stage!=""'],
    target_matchers: [`alertname=~"${less.join('|')}"`, 'flow!=""', 'stage!=""'],
    equal: ['flow', 'partner', 'env', 'stage'],
  };
}

/** Within one source: the cause hides what follows from it. */
function hides(cause: string, consequences: readonly string[]): InhibitRule {
  return {
    source_matchers: [`alertname="${cause}"`, 'source!=""'],
    target_matchers: [`alertname=~"${consequences.join('|')}"`, 'source!=""'],
    equal: ['source'],
  };
}
