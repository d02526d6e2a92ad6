// What log sources say of their own reading: lines nobody understood, reading that is late, what was lost on the way. GM5, IR1.

import { logs, recorded } from '../conventions.js';
import { bridged, grown, owned, where } from './promql.js';
import { alert, cappedAlert, onOurSide, recording, type AlertingRule, type RecordingRule, type RuleFamily } from './rule.js';

/** Fewer lines than this tell nothing of a share. */
const FEWEST = 20;
const SHARE = 0.05;
const DASHBOARD = ['env', 'team'];

const { name: LINES } = recorded.logLines;
const MATCHED = `${LINES}{result="matched"}`;
/** All lines but the noise that the YAML names. */
const meant = (offset = '') => `sum by (source, kind) (${LINES}{result!="ignored"}${offset})`;

const lines: RecordingRule = recording(recorded.logLines, `max by (source, kind, result) (increase(${logs.lines.name}[15m]))`);

/** Lines that no rule takes are most of many a log, and no fault: they are not counted here. */
const unparsedLines: RecordingRule = recording(
  recorded.unparsedLines,
  `
  sum by (source, kind) (${LINES}{result=~"malformed|too_long|abandoned"})
  / (${meant()} > ${FEWEST})`,
);

const unparsed: AlertingRule = alert({
  name: 'VigieLogUnparsed',
  severity: 'warning',
  expr: `(${recorded.unparsedLines.name} > ${SHARE})\n${owned}`,
  keepFiringFor: '5m',
  summary: `Source {{ $labels.source }} does not understand {{ humanizePercentage $value }} of its lines${where}`,
  description:
    `In the last 15 minutes {{ humanizePercentage $value }} of the lines of the log source "{{ $labels.source }}" were not in the format that the YAML says, or a` +
    ` value in them could not be read: what they tell is not counted. "vigie try {{ $labels.source }}" shows them, the most frequent first.` +
    ` Either the program that writes them has changed, or the YAML is wrong.`,
  dashboard: DASHBOARD,
});

/**
 * A program that words its lines anew shows as lines that match nothing, as most lines of many a log do anyway. So it is asked whether the
 * log says about as much as at this time last week, when lines matched (yesterday, where last week is not known), and now none does.
 */
const noneMatched: AlertingRule = alert({
  name: 'VigieLogNoneMatched',
  severity: 'warning',
  expr: `
    (
      (${meant()} > on (source, kind) 0.8 * (${meant(' offset 1w')} or ${meant(' offset 1d')}))
      and on (source) (${MATCHED} == 0)
      and on (source) (
        (${MATCHED} offset 1w > ${FEWEST})
        or on (source) (${MATCHED} offset 1d > ${FEWEST} unless on (source) ${LINES} offset 1w)
      )
    )
    ${owned}`,
  for: '15m',
  keepFiringFor: '5m',
  summary: `Source {{ $labels.source }} reads lines, but none matches any more${where}`,
  description:
    `The log of source "{{ $labels.source }}" goes on ({{ printf "%.0f" $value }} lines in the last 15 minutes), but for half an hour no rule of the YAML has taken a line,` +
    ` as they did at this time before. Most likely the program that writes them words them otherwise since an update: "vigie try {{ $labels.source }}" shows for each line` +
    ` which rule is nearest. Until then, what flows through there is not seen.`,
  dashboard: DASHBOARD,
});

const behind: AlertingRule[] = cappedAlert({
  name: 'VigieLogBehind',
  expr: `(max by (source, kind) (${bridged(logs.secondsBehind)}) > 300)\n${owned}`,
  // Catching up after a stop of some minutes is no fault.
  for: '10m',
  keepFiringFor: '2m',
  summary: `Source {{ $labels.source }} reads its log {{ humanizeDuration $value }} late${where}`,
  description:
    `What the log source "{{ $labels.source }}" has not read yet has been waiting for {{ humanizeDuration $value }}` +
    `{{ with printf "max(${logs.bytesBehind.name}{source=%q})" $labels.source | query }} ({{ . | first | value | humanize1024 }}B){{ end }}, and for ten minutes it has been more than five.` +
    ` What it says of flows is as old as that. More is written than it can read: look at its CPU, and at patterns that are slow. It is on our side.`,
  dashboard: DASHBOARD,
});

const bytesLost: AlertingRule = alert({
  name: 'VigieLogBytesLost',
  severity: 'warning',
  expr: grown(logs.lostBytes, ['source', 'kind']),
  summary: `Source {{ $labels.source }} has lost a part of its log${where}`,
  description:
    `In the last 15 minutes at least {{ $value | humanize1024 }}B of the log of source "{{ $labels.source }}" were cut or removed before they were read. What they said is` +
    ` counted nowhere. Let \`files\` name the rotated files too (app.log*), and rotate by renaming rather than by copying and truncating.`,
  dashboard: DASHBOARD,
});

const patternDemoted: AlertingRule = alert({
  name: 'VigieLogPatternDemoted',
  severity: 'warning',
  // One that is off stays so until somebody mends it, so that this is told for longer.
  expr: [
    grown(logs.patternsDemoted, ['source', 'kind', 'pattern', 'engine'], { selector: '{engine="linear"}', window: '1h' }),
    grown(logs.patternsDemoted, ['source', 'kind', 'pattern', 'engine'], { selector: '{engine="off"}', window: '1d' }),
  ].join('\nor\n'),
  summary: `Pattern {{ $labels.pattern }} of source {{ $labels.source }} ran away{{ if eq $labels.engine "off" }} and is off{{ end }}${where}`,
  description:
    `A line made the pattern "{{ $labels.pattern }}" of the log source "{{ $labels.source }}" run without end, so that it was stopped. ` +
    `{{ if eq $labels.engine "off" }}No other engine can run it: it matches nothing from now on, and what it should count is not counted.` +
    `{{ else }}It goes on in an engine that cannot run away, and is slower.{{ end }}` +
    ` "vigie check" says which part of it is to blame. It is on our side.`,
  dashboard: DASHBOARD,
});

const implausibleTimes: AlertingRule = alert({
  name: 'VigieLogTimesImplausible',
  severity: 'warning',
  expr: `
    (
      max by (source, kind, reason) (increase(${logs.implausibleTimes.name}[15m]))
      / on (source) group_left () (sum by (source) (${LINES}{result=~"matched|malformed"}) > ${FEWEST})
      > ${SHARE}
    )
    ${owned}`,
  keepFiringFor: '5m',
  summary: `Source {{ $labels.source }} meets times that cannot be true ({{ $labels.reason }})${where}`,
  description:
    `In the last 15 minutes {{ humanizePercentage $value }} of the lines that count for the log source "{{ $labels.source }}" had a time that was not believed: ` +
    `{{ if eq $labels.reason "future" }}it lies ahead of now. Look at the clock of the machine that writes the log, and at \`time.timezone\`.` +
    `{{ else if eq $labels.reason "past" }}it lies far back. Look at \`time.timezone\` and at what is being written anew.` +
    `{{ else }}it cannot be read. Look at \`time.format\`.{{ end }}` +
    ` Messages are counted all the same{{ if ne $labels.reason "past" }}, with the time of reading{{ end }}.`,
  dashboard: DASHBOARD,
});

const correlationsDropped: AlertingRule = alert({
  name: 'VigieLogCorrelationsDropped',
  severity: 'warning',
  expr: grown(logs.correlations, ['source', 'kind'], { selector: '{result="dropped"}' }),
  summary: `Source {{ $labels.source }} forgets messages whose end it still waits for${where}`,
  description:
    `In the last 15 minutes the log source "{{ $labels.source }}" dropped {{ printf "%.0f" $value }} open correlations, because more were open than \`max_open\` allows: durations and` +
    ` backlogs lack them. Either ends are no longer written or no longer matched, or \`max_open\` is too small for what is under way at once.`,
  dashboard: DASHBOARD,
});

export const logFamily: RuleFamily = {
  name: 'logs',
  about: 'The reading of logs: what is not understood, late or lost.',
  groups: [
    {
      name: 'vigie-logs',
      interval: '15s',
      rules: [lines, unparsedLines, unparsed, noneMatched, ...behind, bytesLost, patternDemoted, implausibleTimes, correlationsDropped].map(
        onOurSide,
      ),
    },
  ],
};
