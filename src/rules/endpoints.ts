// Endpoints: which are down, on whose side, and why; certificates and host keys; logins that are held back. GM3, IR7, NE3.

import { endpoint, intended, own, probing, recorded, SLOW_WINDOWS } from '../conventions.js';
import { bridged, grown, owned, where } from './promql.js';
import { alert, cappedAlert, recording, type AlertingRule, type RecordingRule, type RuleFamily } from './rule.js';

/** What tells one endpoint from another, wherever it is probed from. */
const ENDPOINT = 'endpoint, partner, flow, env, protocol, origin';
const AT_SITE = `${ENDPOINT}, site`;
/** One probe in five minutes at least is usual; certificates are also read less often. */
const CERTIFICATE_BRIDGE = '10m';
const DASHBOARD = ['env', 'partner'];

const {
  endpointUp,
  endpointDown,
  endpointSlow,
  endpointSpeed,
  endpointJudged,
  endpointOwner,
  networkDown,
  networkLost,
  certificateExpiry,
  chainExpiry,
  firstExpiry,
} = recorded;
const { hostKeyOfEndpoint, hostKeyOfSource } = recorded;

/** By the collector of the source that probes it: endpoints carry no source. What nobody knows the team of is told all the same. */
const owner: RecordingRule = recording(
  endpointOwner,
  `
  topk by (endpoint, env) (1,
    group by (endpoint, env, team) (
      label_replace(last_over_time(${probing.wait.name}[5m]), "endpoint", "$1", "collector", "(.+)")
      ${owned}
    )
    or on (endpoint, env) group by (endpoint, env) (last_over_time(${endpoint.up.name}[${CERTIFICATE_BRIDGE}]))
  )`,
);

const up: RecordingRule = recording(endpointUp, `max by (${AT_SITE}) (${bridged(endpoint.up)})`);

/** Of several neutral endpoints, one that is down. */
const behindNetwork: RecordingRule = recording(
  networkDown,
  `
  (${endpointUp.name} == 0)
  * on (endpoint, env, site) group_left (reference)
    topk by (endpoint, env, site) (1,
      group by (endpoint, env, site, reference) (${bridged(endpoint.reference)})
      and on (env, site, reference)
        label_replace(max by (endpoint, env, site) (${endpointUp.name}) == 0, "reference", "$1", "endpoint", "(.*)")
    )`,
);

/** The neutral endpoint is no news either while others are down with it. */
const judged: RecordingRule = recording(
  endpointJudged,
  `
  ${endpointUp.name}
  unless on (endpoint, env, site, protocol) ${networkDown.name}
  unless on (endpoint, env, site)
    label_replace(group by (env, site, reference) (${networkDown.name}), "endpoint", "$1", "reference", "(.*)")`,
);

/** With the team of the source that probes it. */
function ofTeam(expr: string): string {
  return `(${expr})\n* on (endpoint, env) group_left (team) ${endpointOwner.name}`;
}

const named = `{{ $labels.endpoint }}{{ with $labels.partner }} of {{ . }}{{ end }}`;

const side = [
  `{{ if eq $labels.origin "partner" }}It is looked for first on the side of the partner{{ with $labels.partner }} ({{ . }}){{ end }}.`,
  `{{ else if eq $labels.origin "network" }}It is looked for first in the network.`,
  `{{ else if eq $labels.origin "platform" }}It is looked for first on the platform.`,
  `{{ else }}It is looked for first on our own side.{{ end }}`,
].join('');

/** Of this endpoint, in the annotations of an alert. */
const SELECTOR = '{endpoint=%q,env=%q,protocol=%q}';
const VALUES = '$labels.endpoint $labels.env $labels.protocol';

/** Phase and reason of the last failure, and what that says of whose turn it is. */
const why = [
  `{{ with printf "topk(1, max by (phase, reason) (${endpoint.failure.name}${SELECTOR}))" ${VALUES} | query }}{{ with first . }}`,
  ` The last probe failed in phase "{{ .Labels.phase }}" with reason "{{ .Labels.reason }}"`,
  `{{ if match "^(auth|login_paused|client_certificate)$" .Labels.reason }}: they refuse our credentials, so look at those first`,
  `{{ else if match "^certificate_" .Labels.reason }}: its certificate is not to be trusted`,
  `{{ else if match "^(dns|refused|unreachable|timeout|reset|proxy)$" .Labels.reason }}: it does not answer`,
  `{{ else }}: it answers, but not as it should{{ end }}.{{ end }}{{ end }}`,
].join('');

const reason = `{{ with printf "topk(1, max by (phase, reason) (${endpoint.failure.name}${SELECTOR}))" ${VALUES} | query }}{{ with first . }}: {{ .Labels.reason }} in {{ .Labels.phase }}{{ end }}{{ end }}`;

const since = `{{ with printf "min(ALERTS_FOR_STATE{alertname='VigieEndpointDown',endpoint=%q,env=%q,protocol=%q})" ${VALUES} | query }} since {{ . | first | value | humanizeTimestamp }}{{ end }}`;

const probes = `The page /probes of the exporter shows what each of the last probes did and saw.`;

/** From everywhere. */
const down: RecordingRule = recording(endpointDown, ofTeam(`max by (${ENDPOINT}) (${endpointJudged.name}) == 0`));

const release = (partner: string) =>
  `(max by (env, partner) (last_over_time(${intended.maintenanceNow.name}{kind="release", partner${partner}""}[5m])) == 1)`;

/** While a new version is installed there, or on its side, an endpoint may be down. */
const unlessReleased = `unless on (env) ${release('=')}\nunless on (env, partner) ${release('!=')}`;

const isDown: AlertingRule[] = cappedAlert({
  name: 'VigieEndpointDown',
  expr: `${endpointDown.name}\n${unlessReleased}`,
  // Time for the neutral endpoint to be probed too, which may be a minute later: then it is the network that is told of.
  for: '90s',
  keepFiringFor: '2m',
  summary: `Endpoint ${named} is down${reason}${where}`,
  description: `The {{ $labels.protocol }} endpoint "{{ $labels.endpoint }}"{{ with $labels.flow }}, which flow {{ . }} needs,{{ end }} has not answered as expected${since}.${why} ${side} ${probes}`,
  dashboard: DASHBOARD,
});

const sitesDisagree: AlertingRule = alert({
  name: 'VigieSitesDisagree',
  severity: 'warning',
  expr: ofTeam(`${endpointJudged.name} == 0 unless on (endpoint, env, protocol) ${endpointDown.name}`),
  for: '3m',
  keepFiringFor: '5m',
  // Whose endpoint it is says nothing of whose fault it is then.
  labels: { origin: 'network' },
  summary: `Endpoint ${named} is down from {{ $labels.site }}, and up from elsewhere${where}`,
  description:
    `For more than three minutes the {{ $labels.protocol }} endpoint "{{ $labels.endpoint }}" has not answered as expected from site "{{ $labels.site }}", while from another site it does.` +
    ` It works: look at the way from this site to it (network, firewall, proxy, name server), and at whether its owner lets this site in. ${probes}`,
  dashboard: DASHBOARD,
});

const lost: RecordingRule = recording(
  networkLost,
  ofTeam(
    // Counted first: two endpoints that differ in nothing but their name are one series once it is replaced.
    `sum by (endpoint, env, site) (label_replace(count by (env, site, reference) (${networkDown.name}), "endpoint", "$1", "reference", "(.*)"))`,
  ),
);

const networkIsDown: AlertingRule[] = cappedAlert({
  name: 'VigieNetworkDown',
  expr: networkLost.name,
  for: '75s',
  keepFiringFor: '2m',
  labels: { origin: 'network' },
  summary: `The network is down{{ with $labels.site }} at {{ . }}{{ end }}: {{ printf "%.0f" $value }} endpoint{{ if ne $value 1.0 }}s{{ end }} and the neutral one{{ with $labels.env }} ({{ . }}){{ end }}`,
  description:
    `{{ printf "%.0f" $value }} endpoint{{ if ne $value 1.0 }}s do{{ else }} does{{ end }} not answer{{ with $labels.site }} from site "{{ . }}"{{ end }}, and neither does the neutral endpoint` +
    ` "{{ $labels.endpoint }}" that they are compared with. So it is our way out that fails (network, firewall, proxy, name server), not the partners; they are not told of one by one.`,
  dashboard: ['env'],
});

/** How long a failure took says nothing of the speed. */
const speed: RecordingRule = recording(
  endpointSpeed,
  `
  sum by (${AT_SITE}) (max by (${AT_SITE}, phase) (${bridged(endpoint.duration)}))
  and on (${AT_SITE}) ${endpointUp.name} == 1`,
);

const slowNow: RecordingRule = recording(
  endpointSlow,
  SLOW_WINDOWS.map(
    (window) => `
    avg_over_time(${endpointSpeed.name}[${window}])
    > on (${AT_SITE}) group_right ()
    max by (${AT_SITE}, severity, window) (last_over_time(${endpoint.slow.name}{window="${window}"}[1m]))`,
  ).join('\n    or'),
);

const slowBeyond = (severity: 'critical' | 'warning') => `${endpointSlow.name}{severity="${severity}"}`;

const leastBound = (severity: string) => `min(${endpoint.slow.name}{severity='${severity}',endpoint=%q,env=%q,protocol=%q})`;

/** Outside production the critical bound is all that a warning may have. */
function allowed(severity: 'critical' | 'warning'): string {
  const [queries, values] =
    severity === 'critical'
      ? [leastBound('critical'), VALUES]
      : [`${leastBound('warning')} or ${leastBound('critical')}`, `${VALUES} ${VALUES}`];
  return `{{ with printf "${queries}" ${values} | query }}; {{ . | first | value | humanizeDuration }} are allowed{{ end }}`;
}

function slowAlert(severity: 'critical' | 'warning', expr: string): AlertingRule {
  return alert({
    name: 'VigieEndpointSlow',
    severity,
    expr: ofTeam(expr),
    // The mean of a window that has only just begun is that of a probe or two.
    for: '30s',
    keepFiringFor: '2m',
    summary: `Endpoint ${named} is slow: {{ humanizeDuration $value }} on average${where}`,
    description:
      `Over the last {{ $labels.window }}, probes of the {{ $labels.protocol }} endpoint "{{ $labels.endpoint }}"{{ with $labels.site }} from site "{{ . }}"{{ end }} took {{ humanizeDuration $value }} on average` +
      `${allowed(severity)}.` +
      `{{ with printf "topk(1, avg by (phase) (avg_over_time(${endpoint.duration.name}${SELECTOR}[5m])))" ${VALUES} | query }}{{ with first . }} Most of it goes into phase "{{ .Labels.phase }}".{{ end }}{{ end }} ${side} ${probes}`,
    dashboard: DASHBOARD,
  });
}

const slow: AlertingRule[] = [
  slowAlert('critical', `${slowBeyond('critical')} unless on (env) ${recorded.notProduction.name}`),
  slowAlert(
    'warning',
    `${slowBeyond('warning')} or on (${AT_SITE}) (${slowBeyond('critical')} and on (env) ${recorded.notProduction.name})`,
  ),
];

const expiry = (metric: { readonly name: string }) => `min by (${ENDPOINT}) (last_over_time(${metric.name}[${CERTIFICATE_BRIDGE}]))`;

/** Of the chain where one of an authority expires before the endpoint's own, else of its own. */
const expiries: RecordingRule[] = [
  recording(certificateExpiry, expiry(endpoint.certificateExpiry)),
  recording(chainExpiry, expiry(endpoint.chainExpiry)),
  recording(
    firstExpiry,
    ofTeam(`
    label_replace(${certificateExpiry.name} unless ${certificateExpiry.name} > ${chainExpiry.name}, "certificate", "own", "", "")
    or label_replace(${chainExpiry.name} < ${certificateExpiry.name}, "certificate", "chain", "", "")`),
  ),
];

const expiresWithin = (days: number) => `${firstExpiry.name} - time() < ${days * 86_400}`;

function certificate(severity: 'critical' | 'warning', expr: string): AlertingRule {
  return alert({
    name: 'VigieCertificateExpiry',
    severity,
    expr,
    for: '1m',
    keepFiringFor: '15m',
    summary: `The certificate of ${named} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}${where}`,
    description:
      `{{ if eq $labels.certificate "chain" }}A certificate in the chain (of an authority) that endpoint "{{ $labels.endpoint }}" shows{{ else }}The certificate of endpoint "{{ $labels.endpoint }}"{{ end }}` +
      ` {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}.` +
      `{{ if eq $labels.origin "partner" }} Its owner{{ with $labels.partner }} ({{ . }}){{ end }} must renew it: ask them when.{{ else }} Renew it, and check that the server shows the new one.{{ end }}`,
    dashboard: DASHBOARD,
  });
}

const certificates: AlertingRule[] = [
  certificate('critical', `${expiresWithin(7)}\nunless on (env) ${recorded.notProduction.name}`),
  certificate('warning', expiresWithin(21)),
];

/** Endpoints of kind ssh, and sources that log in over SSH. */
const hostKeys: RecordingRule[] = [
  recording(hostKeyOfEndpoint, ofTeam(`group by (${ENDPOINT}) (last_over_time(${endpoint.failure.name}{reason="host_key"}[1m]))`)),
  recording(hostKeyOfSource, grown(own.errors, ['source', 'kind'], { selector: '{class="host_key"}' })),
];

const hostKeyChanged: AlertingRule[] = cappedAlert({
  name: 'VigieHostKeyChanged',
  expr: `(${hostKeyOfEndpoint.name} or ${hostKeyOfSource.name})`,
  keepFiringFor: '5m',
  summary: `The server of {{ with $labels.endpoint }}{{ . }}{{ else }}source {{ $labels.source }}{{ end }} shows another host key than it should${where}`,
  description:
    `The server of {{ with $labels.endpoint }}endpoint "{{ . }}"{{ else }}source "{{ $labels.source }}"{{ end }} identifies itself with a key that the YAML does not name.` +
    ` Either it was renewed, or somebody stands in between. Nothing was sent. Ask its owner, over another way, for the fingerprint of the new key;` +
    ` only when it is the same, change host_key in the YAML.`,
  dashboard: ['env'],
});

const loginPaused: AlertingRule[] = cappedAlert({
  name: 'VigieLoginPaused',
  expr: `max by (source, kind) (${bridged(probing.loginPaused)})\n${owned}\n== 1`,
  // Between the end of a pause and the next refusal lies one probe.
  keepFiringFor: '10m',
  summary: `Source {{ $labels.source }} does not log in any more: its password or key was refused${where}`,
  description:
    `A login of the {{ $labels.kind }} source "{{ $labels.source }}" was refused` +
    `{{ with printf "max by (account) (${probing.loginPaused.name}{source=%q}) == 1" $labels.source | query }} (of{{ range . }} {{ .Labels.account }}{{ end }}){{ end }}.` +
    ` So that the account is not locked, no login is tried` +
    `{{ with printf "min(${probing.loginRetry.name}{source=%q} > 0)" $labels.source | query }} before {{ . | first | value | humanizeTimestamp }}{{ end }}.` +
    ` Look whether the password or key has changed, expired or been withdrawn: a new one is tried as soon as it is there, without a restart.`,
  dashboard: ['env', 'team'],
});

export const endpoints: RuleFamily = {
  name: 'endpoints',
  about: 'Endpoints: down, on whose side and why; certificates, host keys, logins that are held back.',
  groups: [
    {
      name: 'vigie-endpoints',
      interval: '15s',
      rules: [
        owner,
        up,
        behindNetwork,
        judged,
        speed,
        slowNow,
        down,
        ...isDown,
        ...slow,
        sitesDisagree,
        lost,
        ...networkIsDown,
        ...expiries,
        ...certificates,
        ...hostKeys,
        ...hostKeyChanged,
        ...loginPaused,
      ],
    },
  ],
};
