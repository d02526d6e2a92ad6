// File exchanges: what stays half written, what is missing or incomplete, and whether the place itself works. GM3, EN12.

import { canary, credentials, deliveries, exchangeServer, files, hostKeys, recorded } from '../conventions.js';
import { asked, moment, whole } from './annotations.js';
import { flowAlerts, type FlowAlertDefinition, holdsUp } from './flow-alert.js';
import { PLACE, bridged, owned, where } from './promql.js';
import { alert, cappedAlert, recording, type AlertingRule, type RecordingRule, type RuleFamily } from './rule.js';

const { expectedMissing } = recorded;

const SOURCE_DASHBOARD = ['env', 'team'];
const FLOW_DASHBOARD = ['env', 'flow', 'partner'];

const place =
  'flow={{ $labels.flow }},env={{ $labels.env }},partner={{ $labels.partner }},stage={{ $labels.stage }},delivery={{ $labels.delivery }}';
const at = `{{ with $labels.partner }} with partner {{ . }}{{ end }} at stage {{ $labels.stage }}`;

const canaryFailing: AlertingRule[] = cappedAlert({
  name: 'VigieCanaryFailing',
  expr: `max by (source, kind) (${bridged(canary.up)})\n${owned}\n== 0`,
  for: '75s',
  keepFiringFor: '2m',
  summary: `A file of our own does not make its round trip at {{ $labels.source }}${where}`,
  description:
    `The {{ $labels.kind }} source "{{ $labels.source }}" writes, renames, reads and removes a file of its own to see whether the exchange works, and for more than a minute it has not.` +
    `{{ with printf "topk(1, sum by (step, class) (increase(${canary.failures.name}{source=%q}[10m])) > 0)" $labels.source | query }}{{ with first . }}` +
    ` It fails at step "{{ .Labels.step }}" with an error of class "{{ .Labels.class }}".{{ end }}{{ end }}` +
    ` Who delivers or fetches files there is likely to fail as well, so ask the owner of the server about rights, quota and room.`,
  dashboard: SOURCE_DASHBOARD,
});

const partialStalled: FlowAlertDefinition = {
  name: 'FlowPartialFilesStalled',
  judges: 'freshness',
  warning: `max by (${PLACE}, directory) (${bridged(files.stalled)}) > 0`,
  for: '1m',
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: {{ printf "%.0f" $value }} half-written file{{ if ne $value 1.0 }}s{{ end }} in {{ $labels.directory }}${where}`,
  description:
    `{{ printf "%.0f" $value }} file{{ if ne $value 1.0 }}s of flow {{ $labels.flow }} are{{ else }} of flow {{ $labels.flow }} is{{ end }} still being written by the name, and not growing any more, in {{ $labels.directory }}${at}.` +
    ` The transfer was broken off, so whoever writes there must send the file again and remove the rest.`,
  dashboard: FLOW_DASHBOARD,
};

/** The value is when it was due. */
const missing: RecordingRule = recording(
  expectedMissing,
  `
  max by (${PLACE}, file) (${bridged(files.expectedDue)}) < time()
  and on (${PLACE}, file) (max by (${PLACE}, file) (${bridged(files.expectedPresent)}) == 0)`,
);

const expectedFileMissing: FlowAlertDefinition = {
  name: 'FlowExpectedFileMissing',
  judges: 'freshness',
  critical: expectedMissing.name,
  for: '1m',
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: the file "{{ $labels.file }}" of today is missing${where}`,
  description:
    `The file "{{ $labels.file }}" of flow {{ $labels.flow }}${at} should be there by now, and is not (it was due {{ with $value }}${moment}{{ end }}).` +
    ` Ask who delivers it; what waits for it must wait on, or go without.${holdsUp}`,
  dashboard: FLOW_DASHBOARD,
};

/** Packages of a delivery do not come all at once. */
const DELIVERY_TAKES = 1800;

const deliveryIncomplete: FlowAlertDefinition = {
  name: 'FlowDeliveryIncomplete',
  judges: 'conservation',
  warning: `time() - (max by (${PLACE}, delivery) (${bridged(deliveries.incompleteOldest)}) > 0) > ${DELIVERY_TAKES}`,
  for: '1m',
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: a delivery "{{ $labels.delivery }}" is not what was announced, after {{ humanizeDuration $value }}${where}`,
  description:
    `A delivery "{{ $labels.delivery }}" of flow {{ $labels.flow }}${at} has another number of packages than its manifest announces, {{ humanizeDuration $value }} after the manifest` +
    asked(`max(${deliveries.incomplete.name}{${place}})`, `; ${whole} of them in all`) +
    `. Packages are missing, or are there that nobody announced: ask who delivers it before it is taken over.${holdsUp}`,
  dashboard: FLOW_DASHBOARD,
};

/** Bytes where both are short. */
function fullerThan(share: number): string {
  const left = (free: { readonly name: string }, all: { readonly name: string }) =>
    `max by (source, kind, directory) (${bridged(free)})\n/ (max by (source, kind, directory) (${bridged(all)}) > 0)\n< ${share}`;
  return [
    `(`,
    `  label_replace(${left(files.spaceFree, files.space)}, "of", "bytes", "", "")`,
    `  or on (source, kind, directory)`,
    `  label_replace(${left(files.inodesFree, files.inodes)}, "of", "inodes", "", "")`,
    `)`,
    owned,
  ].join('\n');
}

function spaceLow(severity: 'critical' | 'warning', expr: string): AlertingRule {
  return alert({
    name: 'VigieFilesSpaceLow',
    severity,
    expr,
    for: '5m',
    keepFiringFor: '5m',
    annotationOnly: ['of'],
    summary: `Only {{ humanizePercentage $value }} of the {{ if eq $labels.of "inodes" }}files{{ else }}room{{ end }} for {{ $labels.directory }} of {{ $labels.source }} is left${where}`,
    description:
      `The file system of {{ $labels.directory }}, which the {{ $labels.kind }} source "{{ $labels.source }}" looks at, has {{ humanizePercentage $value }} of its {{ if eq $labels.of "inodes" }}inodes (files it has room for){{ else }}room{{ end }} left.` +
      ` When it is full, deliveries fail or stay half written. Tell the owner of the server, and look whether files are fetched and removed as they should be.`,
    dashboard: SOURCE_DASHBOARD,
  });
}

const space: AlertingRule[] = [
  spaceLow('critical', `(\n${fullerThan(0.03)}\n)\nunless on (env) ${recorded.notProduction.name}`),
  spaceLow('warning', fullerThan(0.1)),
];

const credentialExpiry: AlertingRule = alert({
  name: 'VigieCredentialExpiry',
  severity: 'warning',
  expr: `(min by (source, kind, credential) (${bridged(credentials.expiry)}) - time() < 21 * 86400)\n${owned}`,
  for: '1m',
  keepFiringFor: '15m',
  summary: `The {{ $labels.credential }} of source {{ $labels.source }} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}${where}`,
  description:
    `The YAML says that the {{ $labels.credential }} with which the {{ $labels.kind }} source "{{ $labels.source }}" logs in {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}.` +
    ` Renew it with the owner of the server, and write the new date into the YAML.`,
  dashboard: SOURCE_DASHBOARD,
});

/** Of the server's own certificate, else of the first one in its chain. Certificates are read every quarter of an hour. */
function serverExpiresWithin(days: number): string {
  const left = (metric: { readonly name: string }) =>
    `(min by (source, kind) (last_over_time(${metric.name}[20m])) - time() < ${days * 86_400})\n${owned}`;
  return [
    `label_replace(${left(exchangeServer.certificateExpiry)}, "certificate", "own", "", "")`,
    `or on (source)`,
    `label_replace(${left(exchangeServer.chainExpiry)}, "certificate", "chain", "", "")`,
  ].join('\n');
}

function serverCertificate(severity: 'critical' | 'warning', expr: string): AlertingRule {
  return alert({
    name: 'VigieServerCertificateExpiry',
    severity,
    expr,
    for: '1m',
    keepFiringFor: '30m',
    summary: `The certificate of the server of source {{ $labels.source }} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}${where}`,
    description:
      `{{ if eq $labels.certificate "chain" }}A certificate in the chain (of an authority) that{{ else }}The certificate that{{ end }} the server of the {{ $labels.kind }} source "{{ $labels.source }}" shows` +
      ` {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}.` +
      ` Its owner must renew it: after that, neither we nor anybody else can exchange files there.`,
    dashboard: SOURCE_DASHBOARD,
  });
}

const serverCertificates: AlertingRule[] = [
  serverCertificate('critical', `(\n${serverExpiresWithin(7)}\n)\nunless on (env) ${recorded.notProduction.name}`),
  serverCertificate('warning', serverExpiresWithin(21)),
];

const hostKeyAnnounced: AlertingRule = alert({
  name: 'VigieHostKeyAnnounced',
  severity: 'warning',
  expr: `(max by (source, kind) (${bridged({ name: `${hostKeys.announced.name}{state="new"}` })}) > 0)\n${owned}`,
  for: '1m',
  keepFiringFor: '15m',
  summary: `The server of source {{ $labels.source }} announces a host key that the YAML does not name${where}`,
  description:
    `The server of the {{ $labels.kind }} source "{{ $labels.source }}" has proved the key that the YAML names, and announces another one beside it: it will be shown one day, and then nothing works any more.` +
    ` The page of the exporter shows its fingerprint. Ask the owner of the server for it over another way; if it is the same, add it to host_key.`,
  dashboard: SOURCE_DASHBOARD,
});

const alerts: readonly FlowAlertDefinition[] = [partialStalled, expectedFileMissing, deliveryIncomplete];

export const fileExchanges: RuleFamily = {
  name: 'files',
  about: 'File exchanges: half-written and missing files, incomplete deliveries, room that runs out; what will soon not be valid any more.',
  tells: alerts,
  groups: [
    {
      name: 'vigie-files',
      interval: '15s',
      rules: [
        ...canaryFailing,
        missing,
        ...flowAlerts('files', alerts),
        ...space,
        credentialExpiry,
        ...serverCertificates,
        hostKeyAnnounced,
      ],
    },
  ],
};
