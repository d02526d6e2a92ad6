// Who watches the watchers: alerts on the exporters, on what they read and on the catalogue. IR1, NE13.

import { CATALOG, fleet, intended, own, runtime, sql } from '../conventions.js';
import { bridged, grown, owned, where } from './promql.js';
import { alert, cappedAlert, onOurSide, type AlertingRule, type RuleFamily } from './rule.js';

const DASHBOARD = ['env', 'team'];

/** The error that a source meets most, and on whose side it is looked for first. Prometheus evaluates it when the alert is sent. */
const commonestError = [
  `{{ with printf "topk(1, sum by (phase, class) (increase(${own.errors.name}{source=%q}[10m])) > 0)" $labels.source | query }}{{ with first . }}`,
  ` Most often it fails while it is busy with "{{ .Labels.phase }}", with an error of class "{{ .Labels.class }}"`,
  `{{ if match "^(secret|state|config|syntax|schema|internal)$" .Labels.class }}: look on our side first, at the YAML, the secret or the query.`,
  `{{ else if match "^(auth|host_key|tls|permission|not_found|role)$" .Labels.class }}: the other side answers but refuses us; ask its owner what changed.`,
  `{{ else if match "^(refused|dns|unreachable|timeout|lost)$" .Labels.class }}: the other side, or the network on the way to it, does not answer.`,
  `{{ else }}.{{ end }}{{ end }}{{ end }}`,
].join('');

const lastSuccess = [
  `{{ with printf "max(${own.lastSuccess.name}{source=%q}) > 0" $labels.source | query }}`,
  ` Last success: {{ . | first | value | humanizeTimestamp }}.`,
  `{{ else }} It has not succeeded once since its exporter started.{{ end }}`,
].join('');

const sourceDown: AlertingRule[] = cappedAlert({
  name: 'VigieSourceDown',
  expr: `max by (source, kind) (${bridged(own.sourceUp)})\n${owned}\n== 0`,
  // More than one failure at the usual intervals of a minute or less, and still heard of within two minutes.
  for: '75s',
  keepFiringFor: '2m',
  summary: `Source {{ $labels.source }} cannot be read${where}`,
  description:
    `The exporter runs, but its {{ $labels.kind }} source "{{ $labels.source }}" has been failing for more than a minute.${lastSuccess}${commonestError}` +
    ` Until it is back, what it observes is unknown: neither late nor in order.`,
  dashboard: DASHBOARD,
});

const exporterMissing: AlertingRule[] = cappedAlert({
  name: 'VigieExporterMissing',
  expr: `
    group by (source, kind, team, env) (${bridged(intended.sourceExpected)})
    unless on (source) ${bridged(own.sourceUp)}`,
  // A new source is expected at once, but scraped only when service discovery has been read again: a minute by default.
  for: '90s',
  keepFiringFor: '2m',
  summary: `No exporter for source {{ $labels.source }}${where}`,
  description:
    `The YAML declares the {{ $labels.kind }} source "{{ $labels.source }}", but for more than two minutes Prometheus has had nothing from its exporter.` +
    ` Either its process is gone (look at the fleet's page or at the pod) or Prometheus cannot reach it (look at its targets). It is on our side.` +
    ` Until it is back, what the source observes is unknown: neither late nor in order.`,
  dashboard: DASHBOARD,
});

const collectorStale: AlertingRule[] = cappedAlert({
  name: 'VigieCollectorStale',
  // Judged from time stamps, whatever the exporter thinks of itself: this sees one that hangs and still says that it is up.
  // A minute on top, since a time stamp is as old as the last scrape, and max_staleness may be a few seconds.
  expr: `
    (
      time() - max by (source, kind, collector) (${bridged(own.lastSuccess)})
      > max by (source, kind, collector) (${bridged(own.staleness)}) + 60
    )
    ${owned}`,
  for: '1m',
  keepFiringFor: '2m',
  summary: `Old data from {{ $labels.collector }} of source {{ $labels.source }}${where}`,
  description:
    `"{{ $labels.collector }}" of the {{ $labels.kind }} source "{{ $labels.source }}" was last read with success` +
    ` {{ with printf "max(${own.lastSuccess.name}{source=%q,collector=%q}) > 0" $labels.source $labels.collector | query }}{{ humanizeDuration $value }} ago` +
    `{{ else }}before its exporter started{{ end }}, which is beyond its max_staleness:` +
    ` its values are withdrawn.${commonestError}`,
  dashboard: DASHBOARD,
});

const crashLoop: AlertingRule[] = cappedAlert({
  name: 'VigieExporterCrashLoop',
  expr: `max by (source, kind) (${bridged(fleet.crashLoop)})\n${owned}\n== 1`,
  // The supervisor has already waited before it calls it a loop.
  for: '30s',
  keepFiringFor: '5m',
  summary: `The exporter of {{ $labels.source }} keeps dying${where}`,
  description:
    `The exporter of the {{ $labels.kind }} source "{{ $labels.source }}" dies soon after each start` +
    `{{ with printf "sum(increase(${fleet.restarts.name}{source=%q}[15m]))" $labels.source | query }}` +
    `, {{ . | first | value | printf "%.0f" }} times in the last 15 minutes{{ end }}. It is on our side: its last lines of log are on the fleet's page.`,
  dashboard: DASHBOARD,
});

const exporterRestarts = alert({
  name: 'VigieExporterRestarts',
  severity: 'warning',
  // The fleet tells of a loop of restarts by itself; on Kubernetes nobody but the process says that it is a new one.
  expr: `(max by (source, kind) (changes(${runtime.startTime.name}{source!="", kind!=""}[30m])) > 3)\n${owned}`,
  keepFiringFor: '15m',
  summary: `The exporter of {{ $labels.source }} has been restarted {{ $value }} times in half an hour${where}`,
  description:
    `The process of the {{ $labels.kind }} source "{{ $labels.source }}" has begun anew {{ $value }} times in the last 30 minutes. Its last lines of log say why it ended; on Kubernetes look for "OOMKilled" too.` +
    ` Between its restarts it sees little. It is on our side.`,
  dashboard: DASHBOARD,
});

/** Whole seconds may lie between the beginning of a scrape and the moment at which a busy exporter reads its clock. */
const SKEW = 5;
const skew = `${runtime.time.name}{source!="", kind!=""} - timestamp(${runtime.time.name}{source!="", kind!=""})`;

const clockSkew = alert({
  name: 'VigieClockSkew',
  severity: 'warning',
  expr: `
    (
      max by (source, kind) (max_over_time((${skew})[1m:15s])) > ${SKEW}
      or on (source, kind)
      min by (source, kind) (min_over_time((${skew})[1m:15s])) < -${SKEW}
    )
    ${owned}`,
  for: '5m',
  keepFiringFor: '5m',
  summary: `The clock of the exporter of {{ $labels.source }} and that of Prometheus differ${where}`,
  description:
    `The exporter of the {{ $labels.kind }} source "{{ $labels.source }}" believes that it is {{ if gt $value 0.0 }}{{ humanizeDuration $value }} later{{ else }}{{ printf "%.0f" $value | reReplaceAll "-" "" | humanizeDuration }} earlier{{ end }} than Prometheus does.` +
    ` Ages, deadlines and opening hours are judged by both clocks. Look at the time service (NTP) of both machines; if all exporters differ, it is Prometheus'. It is on our side.`,
  dashboard: DASHBOARD,
});

const configDiffers = alert({
  name: 'VigieConfigDiffers',
  severity: 'warning',
  expr: `(count by (source, kind) (count by (source, kind, sha) (last_over_time(${own.configInfo.name}{source!="", kind!=""}[1m]))) > 1)\n${owned}`,
  // As long as a new configuration may take to reach all.
  for: '10m',
  keepFiringFor: '2m',
  summary: `The exporters of {{ $labels.source }} run different configurations${where}`,
  description:
    `Replicas of the exporter of the {{ $labels.kind }} source "{{ $labels.source }}" have run {{ $value }} different configurations for more than 10 minutes: what one of them says is not what the YAML says.` +
    ` Their landing pages show which; reload or restart the one that was left behind. It is on our side.`,
  dashboard: DASHBOARD,
});

const catalogMissing = alert({
  name: 'VigieCatalogMissing',
  severity: 'critical',
  expr: `absent(${bridged(intended.environment)})`,
  for: '1m',
  keepFiringFor: '2m',
  summary: 'The catalogue of intentions is missing',
  description:
    `For more than a minute Prometheus has had nothing from the exporter "${CATALOG}". Without it nobody knows what should be so: missing exporters and bounds` +
    ` that are crossed go unnoticed. Look at the fleet's page or at the pod, then at the targets of Prometheus. It is on our side.`,
  dashboard: [],
});

const configNotLoaded = alert({
  name: 'VigieConfigNotLoaded',
  severity: 'warning',
  expr: `count(${bridged(own.reloadSuccessful)} == 0)`,
  for: '1m',
  keepFiringFor: '2m',
  summary: 'The last change of the YAML was not taken over',
  description:
    `{{ $value }} of the processes of Vigie refused the configuration when they last read it, and go on with the one before.` +
    ` Nothing is down, but what was changed is not watched. Run "vigie check": it names the file, the line and the mend. It is on our side.`,
  dashboard: [],
});

const aValue = '{{ if eq $labels.label "outcome" }}an{{ else }}a{{ end }} {{ $labels.label }}';

const undeclaredValues = alert({
  name: 'VigieUndeclaredValues',
  severity: 'warning',
  expr: grown(own.undeclared, ['source', 'kind', 'label']),
  summary: `Source {{ $labels.source }} sees ${aValue} that is not declared${where}`,
  description:
    `In the last 15 minutes the {{ $labels.kind }} source "{{ $labels.source }}" met {{ printf "%.0f" $value }} times ${aValue} that the YAML does not declare.` +
    ` These messages are counted {{ if and (eq $labels.kind "log") (ne $labels.label "outcome") }}as "other"{{ else }}nowhere{{ end }}.` +
    ` The landing page of the exporter shows the values: declare them, or correct what writes them.`,
  dashboard: DASHBOARD,
});

const seriesDropped = alert({
  name: 'VigieSeriesDropped',
  severity: 'warning',
  expr: grown(own.seriesDropped, ['source', 'kind', 'reason']),
  summary: `Source {{ $labels.source }} leaves out series ({{ $labels.reason }})${where}`,
  description:
    `In the last 15 minutes the {{ $labels.kind }} source "{{ $labels.source }}" left out {{ printf "%.0f" $value }} series` +
    `{{ if eq $labels.reason "budget" }}, because it has more than its max_series: a label has too many values, or the budget is too small.` +
    `{{ else }}, because the same series came twice: the query or rule lacks a label that tells them apart.{{ end }} It is on our side.`,
  dashboard: DASHBOARD,
});

const rowsDropped = alert({
  name: 'VigieRowsDropped',
  severity: 'warning',
  expr: grown(sql.rowsDropped, ['source', 'kind', 'collector']),
  summary: `Query {{ $labels.collector }} of source {{ $labels.source }} returns too many rows${where}`,
  description:
    `In the last 15 minutes {{ printf "%.0f" $value }} rows of the query "{{ $labels.collector }}" of the {{ $labels.kind }} source "{{ $labels.source }}"` +
    ` were left out, because they were beyond its max_rows. What they speak of is not shown, neither late nor in order.` +
    ` Aggregate them in the query, or raise max_rows. It is on our side.`,
  dashboard: DASHBOARD,
});

const watchdog = alert({
  name: 'VigieWatchdog',
  severity: 'none',
  expr: 'vector(1)',
  summary: 'Alerting works',
  description:
    'This alert always fires. Something outside should expect it and ring when it stays away: then Prometheus or Alertmanager no longer works.',
  dashboard: [],
});

export const watchers: RuleFamily = {
  name: 'watchers',
  about: 'The exporters themselves, what they read, and the catalogue.',
  groups: [
    {
      name: 'vigie-watchers',
      interval: '15s',
      rules: [
        ...sourceDown,
        ...collectorStale,
        ...[
          ...exporterMissing,
          ...crashLoop,
          exporterRestarts,
          clockSkew,
          configDiffers,
          catalogMissing,
          configNotLoaded,
          undeclaredValues,
          seriesDropped,
          rowsDropped,
          watchdog,
        ].map(onOurSide),
      ],
    },
  ],
};
