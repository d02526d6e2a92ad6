// What is said of what is out of bounds: one alert for each thing that may be, so that its name tells what it is.

import { intended, observed, recorded } from '../conventions.js';
import { BOUND_SIGNALS, BOUND_WINDOWS } from '../domain/flow.js';
import { asked } from './annotations.js';
import { ANNOTATION_ONLY, type FlowAlertDefinition, holdsUp, whoseSide } from './flow-alert.js';
import type { Judged } from '../domain/maintenance.js';
import { alert, type AlertingRule, type Hearing } from './rule.js';

const where = `at {{ $labels.stage }}{{ with $labels.partner }} for {{ . }}{{ end }} ({{ $labels.env }})`;
const place = 'flow={{ $labels.flow }},env={{ $labels.env }}';
const stage = `${place},partner={{ $labels.partner }},stage={{ $labels.stage }}`;
const ofFlow = `flow {{ $labels.flow }}{{ with $labels.partner }} with partner {{ . }}{{ end }}`;

export const NUMBER = 'printf "%.0f"';
const TIME = 'humanizeDuration';
const SHARE = 'humanizePercentage';
/** Of what unit an indicator is, its owner knows. */
const ANY = 'printf "%.4g"';

interface Told {
  readonly name: string;
  /** Default `bounds`. */
  readonly judges?: Judged;
  /** Selector of the signals it is about. */
  readonly indicator: string;
  readonly held: boolean;
  readonly computed: boolean;
  readonly summary: string;
  /** What is so, before how long and beyond which bound. */
  readonly what: string;
  /** How its values are shown, and which of its signals is a time all the same. */
  readonly format: string;
  readonly times?: string;
  /** More that helps. */
  readonly more?: string;
}

const either = (signal: string, one: string, other: string) => `{{ if eq $labels.indicator "${signal}" }}${one}{{ else }}${other}{{ end }}`;
const value = (format: string) => `{{ $value | ${format} }}`;

/** A value that is asked for while the text is made, also where it is 0: there `asked` says nothing. */
export function shown(query: string, before: string, format: string, after: string): string {
  const labels = [...query.matchAll(/\{\{ \$labels\.(\w+) \}\}/g)].map(([, label]) => ` $labels.${label}`).join('');
  const pattern = query.replaceAll(/\{\{ \$labels\.\w+ \}\}/g, '%q');
  return `{{ with printf "${pattern}"${labels} | query }}${before}{{ . | first | value | ${format} }}${after}{{ end }}`;
}

const oldest = asked(`time() - min(${observed.backlog_oldest.name}{${stage}} > 0)`, ` The oldest has waited for {{ . | ${TIME} }}.`);
const passed = shown(`300 * sum(${recorded.stageRate.name}{${stage}})`, ' In the last 5 minutes ', NUMBER, ' messages passed the stage.');

const SHARE_OF = [
  '{{ if eq $labels.indicator "errors" }}end in an error',
  '{{ else if eq $labels.indicator "rejects" }}are rejected',
  '{{ else if eq $labels.indicator "failures" }}fail',
  '{{ else }}succeed{{ end }}',
].join('');

const TELLINGS: readonly Told[] = [
  {
    name: 'FlowBacklogOutOfBounds',
    indicator: 'indicator=~"backlog|backlog_age"',
    held: true,
    computed: true,
    format: NUMBER,
    times: 'backlog_age',
    summary: `{{ $labels.title }}: ${either('backlog', `${value(NUMBER)} messages wait ${where}`, `messages have waited for ${value(TIME)} ${where}`)}`,
    what: either(
      'backlog',
      `${value(NUMBER)} messages of ${ofFlow} wait at stage {{ $labels.stage }}`,
      `The oldest message of ${ofFlow} at stage {{ $labels.stage }} has waited for ${value(TIME)}`,
    ),
    more: `${either('backlog', oldest, '')}${passed}`,
  },
  {
    name: 'FlowSlow',
    indicator: 'indicator=~"duration|answer_time"',
    held: false,
    computed: true,
    format: TIME,
    summary: `{{ $labels.title }}: ${either('duration', 'messages take', 'answers take')} ${value(TIME)} ${where}`,
    what: either(
      'duration',
      `Messages of ${ofFlow} take ${value(TIME)} to pass stage {{ $labels.stage }}`,
      `Answers to messages of ${ofFlow} take ${value(TIME)} at stage {{ $labels.stage }}`,
    ),
    more: passed,
  },
  {
    name: 'FlowFailures',
    indicator: 'indicator=~"errors|rejects|failures|success"',
    held: false,
    computed: true,
    format: SHARE,
    summary: `{{ $labels.title }}: ${value(SHARE)} of the messages ${SHARE_OF} ${where}`,
    what: `${value(SHARE)} of the messages of ${ofFlow} ${SHARE_OF} at stage {{ $labels.stage }}`,
    more: passed,
  },
  {
    name: 'FlowVolumeOutOfBounds',
    judges: 'volume',
    indicator: 'indicator="messages"',
    held: false,
    computed: true,
    format: ANY,
    summary: `{{ $labels.title }}: ${value(ANY)} messages{{ if eq $labels.statistic "rate" }} per second{{ end }} ${where}`,
    what: `${value(ANY)} messages{{ if eq $labels.statistic "rate" }} per second{{ end }} of ${ofFlow} passed stage {{ $labels.stage }}`,
  },
  {
    name: 'FlowUnanswered',
    judges: 'acknowledgements',
    indicator: 'indicator="unanswered"',
    held: true,
    computed: true,
    format: NUMBER,
    summary: `{{ $labels.title }}: ${value(NUMBER)} messages wait for their answer ${where}`,
    what: `${value(NUMBER)} messages of ${ofFlow} wait for their answer at stage {{ $labels.stage }}`,
  },
  {
    name: 'FlowIndicatorOutOfBounds',
    indicator: `indicator!~"${BOUND_SIGNALS.join('|')}"`,
    held: true,
    computed: true,
    format: ANY,
    summary: `{{ $labels.title }}: {{ $labels.indicator }} is ${value(ANY)}{{ with $labels.stage }} at {{ . }}{{ end }}{{ with $labels.partner }} for {{ . }}{{ end }} ({{ $labels.env }})`,
    what: `{{ $labels.indicator }} of ${ofFlow} is ${value(ANY)}{{ with $labels.stage }} at stage {{ . }}{{ end }}`,
  },
];

const STATISTICS = [
  '{{ if eq $labels.statistic "avg" }}on average over',
  '{{ else if eq $labels.statistic "min" }}the least of',
  '{{ else if eq $labels.statistic "max" }}the most of',
  '{{ else if eq $labels.statistic "p50" }}the median of',
  '{{ else if eq $labels.statistic "p95" }}the 95th percentile of',
  '{{ else if eq $labels.statistic "p99" }}the 99th percentile of',
  '{{ else }}over{{ end }}',
].join('');

const SELECTED = `${place},stage={{ $labels.stage }},indicator={{ $labels.indicator }},statistic={{ $labels.statistic }},severity={{ $labels.severity }},side={{ $labels.side }},window={{ $labels.window }}`;

const CARRIED = [...ANNOTATION_ONLY, 'told'];

/** The bound that is crossed. */
function crossed(format: string): string {
  return shown(
    `max(${intended.bound.name}{${SELECTED}})`,
    '; its {{ $labels.severity }} bound is {{ if eq $labels.side "above" }}more{{ else }}less{{ end }} than ',
    format,
    '',
  );
}

function boundAlert(told: Told, severity: 'critical' | 'warning', window?: string): AlertingRule {
  // A matcher that nothing can fail says nothing.
  const others = told.held ? ['statistic!="held"'] : [];
  const selected = [`told="${severity}"`, told.indicator, ...(window === undefined ? others : ['statistic="held"', `window="${window}"`])];
  const beyond = told.times === undefined ? crossed(told.format) : either(told.times, crossed(TIME), crossed(told.format));
  const since =
    window === undefined
      ? `, ${STATISTICS} {{ $labels.window }}${beyond}.`
      : `${beyond}. It has been so for at least {{ $labels.window }}.`;
  return alert({
    name: told.name,
    severity,
    expr: `${recorded.boundTold.name}{${selected.join(', ')}}`,
    // "Without a break" is what `for` means. It costs nothing, where min_over_time() over a day would read every sample of every flow, and
    // would fire on the first sample of a series that is one sample long. Of what is computed the window is in the value.
    for: window ?? '30s',
    keepFiringFor: window === undefined ? '5m' : '2m',
    // The window is in the series too; here it tells the rules apart.
    ...(window !== undefined && { labels: { window } }),
    annotationOnly: CARRIED,
    summary: told.summary,
    description: `${told.what}${since}${told.more ?? ''}${whoseSide}${holdsUp}`,
    runbook: '{{ $labels.runbook_url }}',
    dashboard: ['env', 'flow', 'partner'],
  });
}

/** Bounds that are judged around the clock say so themselves. */
export const boundTells: readonly Hearing[] = TELLINGS.map(({ name, judges = 'bounds' }) => ({ name, judges, hours: 'open' }));

const ALERT_SEVERITIES = ['critical', 'warning'] as const;

export const boundAlerts: readonly AlertingRule[] = TELLINGS.flatMap((told) => [
  ...(told.held ? BOUND_WINDOWS.flatMap((window) => ALERT_SEVERITIES.map((severity) => boundAlert(told, severity, window))) : []),
  ...(told.computed ? ALERT_SEVERITIES.map((severity) => boundAlert(told, severity)) : []),
]);

const before = shown(`${recorded.backlog.name}{${stage}} offset 30m`, '; half an hour ago it was ', NUMBER, '');

export const growing: FlowAlertDefinition = {
  name: 'FlowBacklogGrowing',
  judges: 'bounds',
  warning: recorded.backlogStuck.name,
  hours: 'open',
  for: '2m',
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: nothing leaves ${where.replace('at ', '')}, and ${value(NUMBER)} messages wait`,
  description: `${value(NUMBER)} messages of ${ofFlow} wait at stage {{ $labels.stage }}${before}, and since then none has passed it.${oldest}${whoseSide}${holdsUp}`,
  dashboard: ['env', 'flow', 'partner'],
};
