// Every metric and label name, once. Exporters, rules, dashboards and tests take them from here.
// Naming follows https://prometheus.io/docs/practices/naming/: base units, `_total` on counters only, timestamps rather than ages.

import type { MetricDefinition } from './domain/observation.js';

/** Where the fleet listens; its exporters follow on the next ports. */
export const DEFAULT_PORT_BASE = 9700;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_CONFIG_FILE = 'exporters.yaml';

/**
 * How Node.js is started for an exporter: it collects its garbage by itself. Four more threads that help it take a third of the CPU time of
 * a small exporter, most of it to wake up, and have nothing to offer one that nobody waits for.
 */
export const NODE_OPTIONS: readonly string[] = ['--single-threaded-gc'];

/** Source name and kind of the exporter of the intentions; no source in the YAML may be called so. */
export const CATALOG = 'catalog';
/** Name under which the supervisor itself appears in service discovery. */
export const FLEET = 'fleet';

/** What service discovery says of a target; a scrape configuration relabels from these. */
export const discoveryLabels = {
  source: '__meta_vigie_source',
  kind: '__meta_vigie_kind',
  team: '__meta_vigie_team',
  env: '__meta_vigie_env',
} as const;

/** What the values of labels are called that are not declared, or too many. */
export const OTHER = 'other';

/** What metrics of Vigie about itself begin with: they are as many as the YAML has parts, and no budget of series is for them. */
export const OWN_PREFIX = 'vigie_';

export const SOURCE_LABELS = ['source', 'kind'] as const;
/** `path` is optional: it tells two sources of the same signal apart (batch and streaming, say). */
const FLOW_LABELS = ['flow', 'partner', 'env', 'stage', 'path'] as const;
/** `expectation` is the name of one of those that the flow has at the stage. */
const EXPECTATION_LABELS = ['flow', 'partner', 'env', 'stage', 'expectation'] as const;
/** `partner` where all files of the directory are of one. */
const DIRECTORY_LABELS = [...FLOW_LABELS, 'directory'] as const;
/** The windows that `slow` of an endpoint may name. Rules are written once for each of them, so the list is short. */
export const SLOW_WINDOWS = ['1m', '5m', '15m', '1h'] as const;
/** `flow` where the endpoint serves one flow only; `site` where the exporter's place is named. */
export const ENDPOINT_LABELS = ['endpoint', 'partner', 'flow', 'env', 'site', 'protocol', 'origin'] as const;

/** From a tenth of a second to a day: stages of a data exchange take seconds as well as nights. */
export const DURATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400] as const;

function define<const T extends MetricDefinition>(metric: T): T {
  return metric;
}

/** What sources say is so. */
export const observed = {
  messages: define({
    name: 'flow_messages_total',
    type: 'counter',
    help: 'Messages that passed a stage, by outcome (ok, error, rejected).',
    labels: [...FLOW_LABELS, 'outcome'],
  }),
  bytes: define({
    name: 'flow_message_bytes_total',
    type: 'counter',
    help: 'Bytes of the messages that passed a stage.',
    labels: FLOW_LABELS,
  }),
  last_message: define({
    name: 'flow_last_message_timestamp_seconds',
    type: 'gauge',
    help: 'When the newest message passed the stage, in Unix seconds; 0 means never.',
    labels: FLOW_LABELS,
  }),
  duration: define({
    name: 'flow_stage_duration_seconds',
    type: 'histogram',
    help: 'Time that messages took to pass the stage.',
    labels: FLOW_LABELS,
    buckets: DURATION_BUCKETS,
  }),
  backlog: define({ name: 'flow_backlog_messages', type: 'gauge', help: 'Messages waiting at the stage now.', labels: FLOW_LABELS }),
  backlog_oldest: define({
    name: 'flow_backlog_oldest_timestamp_seconds',
    type: 'gauge',
    help: 'Arrival of the oldest message waiting at the stage, in Unix seconds; 0 means that none waits.',
    labels: FLOW_LABELS,
  }),
} as const;

/** The signals a source may feed; their names are the keys of `observe:` in the YAML. */
export type Signal = keyof typeof observed;

/** Values that the owner of a flow names, and what is counted within the periods of expectations. */
export const measured = {
  indicator: define({
    name: 'flow_indicator',
    type: 'gauge',
    help: 'A value of the flow that its owner has named.',
    labels: [...FLOW_LABELS, 'indicator'],
  }),
  periodMessages: define({
    name: 'flow_period_messages',
    type: 'gauge',
    help: 'Messages that passed the stage since the period of the expectation began (current), or within the one before (previous); absent where its beginning was not seen.',
    labels: [...FLOW_LABELS, 'expectation', 'period'],
  }),
} as const;

/** Gates, as own metrics of a source tell of them: what is decided of each, and by when it is to be. */
export const gates = {
  decision: define({
    name: 'flow_gate',
    type: 'gauge',
    help: 'What is decided of a gate of the flow (decision: opened, declined, undecided); 1 for what is so now.',
    labels: ['flow', 'partner', 'env', 'gate', 'to_env', 'decision'],
  }),
  cutOff: define({
    name: 'flow_gate_cut_off_timestamp_seconds',
    type: 'gauge',
    help: 'By when the gate is to be opened or declined, in Unix seconds.',
    labels: ['flow', 'partner', 'env', 'gate', 'to_env'],
  }),
} as const;

/** What listings of directories say beyond the backlog. */
export const files = {
  bytes: define({
    name: 'flow_backlog_bytes',
    type: 'gauge',
    help: 'Bytes of the files that wait at the stage now.',
    labels: FLOW_LABELS,
  }),
  partial: define({
    name: 'flow_partial_files',
    type: 'gauge',
    help: 'Files in the directory whose names say that they are still being written.',
    labels: DIRECTORY_LABELS,
  }),
  unmatched: define({
    name: 'flow_unmatched_files',
    type: 'gauge',
    help: 'Files in the directory whose names are neither those expected nor those of partial files.',
    labels: DIRECTORY_LABELS,
  }),
  newest: define({
    name: 'flow_backlog_newest_timestamp_seconds',
    type: 'gauge',
    help: 'Time of the newest file waiting at the stage, in Unix seconds, never beyond now; 0 means that none waits.',
    labels: FLOW_LABELS,
  }),
  empty: define({
    name: 'flow_empty_files',
    type: 'gauge',
    help: 'Files waiting at the stage that hold nothing.',
    labels: FLOW_LABELS,
  }),
  outsideSize: define({
    name: 'flow_files_outside_size',
    type: 'gauge',
    help: 'Files waiting at the stage that are smaller than the least size (min) or larger than the greatest (max) that the YAML expects.',
    labels: [...FLOW_LABELS, 'bound'],
  }),
  growing: define({
    name: 'flow_growing_files',
    type: 'gauge',
    help: 'Files waiting at the stage whose size has changed since the look before, although their names say that they are complete.',
    labels: FLOW_LABELS,
  }),
  stalled: define({
    name: 'flow_partial_stalled_files',
    type: 'gauge',
    help: 'Files in the directory that are being written by their names, and have not grown for as long as `stalled_after` says.',
    labels: DIRECTORY_LABELS,
  }),
  partialOldest: define({
    name: 'flow_partial_oldest_timestamp_seconds',
    type: 'gauge',
    help: 'Time of the oldest file that is being written by its name, in Unix seconds; 0 means that there is none.',
    labels: DIRECTORY_LABELS,
  }),
  arrived: define({
    name: 'flow_files_arrived_total',
    type: 'counter',
    help: 'Files that were there at a look and not at the look before.',
    labels: FLOW_LABELS,
  }),
  arrivedBytes: define({
    name: 'flow_files_arrived_bytes_total',
    type: 'counter',
    help: 'Bytes of the files that arrived, as they were when they were first seen.',
    labels: FLOW_LABELS,
  }),
  departed: define({
    name: 'flow_files_departed_total',
    type: 'counter',
    help: 'Files that were there at the look before and are not any more.',
    labels: FLOW_LABELS,
  }),
  departedBytes: define({
    name: 'flow_files_departed_bytes_total',
    type: 'counter',
    help: 'Bytes of the files that departed, as they were when they were last seen.',
    labels: FLOW_LABELS,
  }),
  tracked: define({
    name: 'vigie_files_tracked',
    type: 'gauge',
    help: 'Whether arrivals and departures of the directory are counted (1), or not because it holds more files than are compared (0).',
    labels: [...SOURCE_LABELS, 'collector'],
  }),
  expectedPresent: define({
    name: 'flow_expected_file_present',
    type: 'gauge',
    help: 'Whether the file that is expected of the day has come (1) or not yet (0); it stays so for the day where it is taken away.',
    labels: [...FLOW_LABELS, 'file'],
  }),
  expectedTime: define({
    name: 'flow_expected_file_timestamp_seconds',
    type: 'gauge',
    help: 'Time of the file that is expected of the day, in Unix seconds; of several, that of the newest; 0 means that it has not come yet.',
    labels: [...FLOW_LABELS, 'file'],
  }),
  expectedDue: define({
    name: 'flow_expected_file_due_timestamp_seconds',
    type: 'gauge',
    help: 'When the file of the day should be there at the latest, in Unix seconds; for files with `by`, on days on which one is expected.',
    labels: [...FLOW_LABELS, 'file'],
  }),
  space: define({
    name: 'vigie_files_space_bytes',
    type: 'gauge',
    help: 'Size of the file system of the directory; absent where the server does not tell.',
    labels: [...SOURCE_LABELS, 'directory'],
  }),
  spaceFree: define({
    name: 'vigie_files_space_free_bytes',
    type: 'gauge',
    help: 'What an ordinary user may still use of the file system of the directory; absent where the server does not tell.',
    labels: [...SOURCE_LABELS, 'directory'],
  }),
  inodes: define({
    name: 'vigie_files_inodes',
    type: 'gauge',
    help: 'Files that the file system of the directory has room for; absent where the server does not tell.',
    labels: [...SOURCE_LABELS, 'directory'],
  }),
  inodesFree: define({
    name: 'vigie_files_inodes_free',
    type: 'gauge',
    help: 'Files that the file system of the directory still has room for; absent where the server does not tell.',
    labels: [...SOURCE_LABELS, 'directory'],
  }),
} as const;

/** What ledgers of acknowledgements say: which outgoing files have had their answer. */
export const responses = {
  total: define({
    name: 'flow_responses_total',
    type: 'counter',
    help: 'Answers that were matched to what was sent, by outcome (ok, error, rejected).',
    labels: [...FLOW_LABELS, 'outcome'],
  }),
  late: define({
    name: 'flow_responses_late_total',
    type: 'counter',
    help: 'Answers that came later than `within` after what was sent.',
    labels: FLOW_LABELS,
  }),
  unmatched: define({
    name: 'flow_responses_unmatched_total',
    type: 'counter',
    help: 'Answers that were matched to nothing: unknown (nothing that waits has this key), no_key (no key in them), unreadable, too_large.',
    labels: ['flow', 'env', 'stage', 'path', 'reason'],
  }),
  forgotten: define({
    name: 'flow_responses_forgotten_total',
    type: 'counter',
    help: 'Outgoing files that are not waited for any more, by reason: too old (age), or too many wait (full).',
    labels: [...FLOW_LABELS, 'reason'],
  }),
  pending: define({
    name: 'flow_response_pending',
    type: 'gauge',
    help: 'Outgoing files that wait for their answer now.',
    labels: FLOW_LABELS,
  }),
  oldest: define({
    name: 'flow_response_oldest_pending_timestamp_seconds',
    type: 'gauge',
    help: 'When the oldest outgoing file that waits for its answer was sent, in Unix seconds; 0 means that none waits.',
    labels: FLOW_LABELS,
  }),
  within: define({
    name: 'flow_response_within_seconds',
    type: 'gauge',
    help: 'How long an answer may take, as `within` says.',
    labels: FLOW_LABELS,
  }),
  duration: define({
    name: 'flow_response_duration_seconds',
    type: 'histogram',
    help: 'Time from the outgoing file to its answer.',
    labels: FLOW_LABELS,
    buckets: DURATION_BUCKETS,
  }),
} as const;

/** What manifests and packages say of deliveries. */
export const deliveries = {
  expected: define({
    name: 'flow_delivery_expected_packages',
    type: 'gauge',
    help: 'Packages that the manifest of the newest delivery announces.',
    labels: [...FLOW_LABELS, 'delivery'],
  }),
  packages: define({
    name: 'flow_delivery_packages',
    type: 'gauge',
    help: 'Packages of the newest delivery that are there.',
    labels: [...FLOW_LABELS, 'delivery'],
  }),
  newest: define({
    name: 'flow_delivery_timestamp_seconds',
    type: 'gauge',
    help: 'Time of the manifest of the newest delivery, in Unix seconds; 0 means that there is none.',
    labels: [...FLOW_LABELS, 'delivery'],
  }),
  incomplete: define({
    name: 'flow_deliveries_incomplete',
    type: 'gauge',
    help: 'Deliveries with another number of packages than their manifests announce.',
    labels: [...FLOW_LABELS, 'delivery'],
  }),
  incompleteOldest: define({
    name: 'flow_delivery_incomplete_oldest_timestamp_seconds',
    type: 'gauge',
    help: 'Time of the manifest of the oldest delivery that is incomplete, in Unix seconds; 0 means that all are complete.',
    labels: [...FLOW_LABELS, 'delivery'],
  }),
  unreadable: define({
    name: 'flow_delivery_unreadable_manifests',
    type: 'gauge',
    help: 'Manifests in which no number of packages was found.',
    labels: [...FLOW_LABELS, 'delivery'],
  }),
} as const;

/** What round trips of a file of our own say. */
export const canary = {
  up: define({
    name: 'vigie_canary_up',
    type: 'gauge',
    help: 'Whether the last round trip of a file of our own succeeded (1) or not (0).',
    labels: [...SOURCE_LABELS],
  }),
  duration: define({
    name: 'vigie_canary_duration_seconds',
    type: 'gauge',
    help: 'Time that each step of the last round trip took: connect, list, write, rename, read, compare, remove.',
    labels: [...SOURCE_LABELS, 'step'],
  }),
  failures: define({
    name: 'vigie_canary_failures_total',
    type: 'counter',
    help: 'Round trips that failed, by the step in which they did and the class of the error.',
    labels: [...SOURCE_LABELS, 'step', 'class'],
  }),
} as const;

/** What sources that speak SSH say of the keys of their servers. */
export const hostKeys = {
  announced: define({
    name: 'vigie_ssh_host_keys',
    type: 'gauge',
    help: 'Host keys by what the server announces of them: known (expected), new (not expected: it will be shown once the expected one is gone), other (of a type that is not asked for), withdrawn (expected, and not announced any more); absent where it announces none.',
    labels: [...SOURCE_LABELS, 'state'],
  }),
} as const;

/** What sources say of the credentials that they log in with. */
export const credentials = {
  expiry: define({
    name: 'vigie_credential_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the credential expires, as the YAML declares it, in Unix seconds.',
    labels: [...SOURCE_LABELS, 'credential'],
  }),
} as const;

/** What is known of the server of a file exchange. */
export const exchangeServer = {
  certificateExpiry: define({
    name: 'vigie_source_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the certificate that the server of the source showed expires, in Unix seconds.',
    labels: [...SOURCE_LABELS],
  }),
  chainExpiry: define({
    name: 'vigie_source_certificate_chain_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the first of the certificates that the server of the source showed, those of authorities included, expires, in Unix seconds.',
    labels: [...SOURCE_LABELS],
  }),
} as const;

/** What probes of endpoints say. */
export const endpoint = {
  up: define({
    name: 'endpoint_up',
    type: 'gauge',
    help: 'Whether the endpoint answered as expected (1) or not (0). With `confirm`, it is 0 from so many failures in a row on.',
    labels: ENDPOINT_LABELS,
  }),
  probes: define({
    name: 'endpoint_probes_total',
    type: 'counter',
    help: 'Probes that ended, by result (success, failure).',
    labels: [...ENDPOINT_LABELS, 'result'],
  }),
  failures: define({
    name: 'endpoint_failures_total',
    type: 'counter',
    help: 'Probes that failed, by the phase in which they did and the reason.',
    labels: [...ENDPOINT_LABELS, 'phase', 'reason'],
  }),
  failure: define({
    name: 'endpoint_failure_info',
    type: 'gauge',
    help: 'Why the last probe failed, as phase and reason; absent while probes succeed.',
    labels: [...ENDPOINT_LABELS, 'phase', 'reason'],
  }),
  duration: define({
    name: 'endpoint_duration_seconds',
    type: 'gauge',
    help: 'Time the last probe spent in each phase.',
    labels: [...ENDPOINT_LABELS, 'phase'],
  }),
  slow: define({
    name: 'endpoint_duration_bound_seconds',
    type: 'gauge',
    help: 'Mean time of the probes of the window above which the endpoint is slow, as `slow` says.',
    labels: [...ENDPOINT_LABELS, 'severity', 'window'],
  }),
  reference: define({
    name: 'endpoint_reference_info',
    type: 'gauge',
    help: 'The neutral endpoint that tells a fault of our network from one of this endpoint; always 1.',
    labels: ['endpoint', 'env', 'site', 'reference'],
  }),
  status: define({
    name: 'endpoint_http_status_code',
    type: 'gauge',
    help: 'Status code of the last HTTP answer; 0 means that no answer came.',
    labels: ENDPOINT_LABELS,
  }),
  certificateExpiry: define({
    name: 'endpoint_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the certificate that the endpoint showed expires, in Unix seconds.',
    labels: ENDPOINT_LABELS,
  }),
  chainExpiry: define({
    name: 'endpoint_certificate_chain_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the first of the certificates that the endpoint showed, those of authorities included, expires, in Unix seconds.',
    labels: ENDPOINT_LABELS,
  }),
  certificate: define({
    name: 'endpoint_certificate_info',
    type: 'gauge',
    help: 'Who issued the certificate that the endpoint showed, and how it is signed; always 1.',
    labels: [...ENDPOINT_LABELS, 'issuer', 'key'],
  }),
  tls: define({
    name: 'endpoint_tls_info',
    type: 'gauge',
    help: 'Version of TLS and cipher of the last probe; always 1.',
    labels: [...ENDPOINT_LABELS, 'version', 'cipher'],
  }),
} as const;

/** What probes of kind dns find in answers. */
export const dnsAnswers = {
  records: define({
    name: 'endpoint_dns_records',
    type: 'gauge',
    help: 'Records of the wanted type in the last answer.',
    labels: ENDPOINT_LABELS,
  }),
  ttl: define({
    name: 'endpoint_dns_ttl_seconds',
    type: 'gauge',
    help: 'How long the last answer may be kept: the shortest time to live of its addresses.',
    labels: ENDPOINT_LABELS,
  }),
  serial: define({
    name: 'endpoint_dns_serial',
    type: 'gauge',
    help: 'Serial number of the zone, from its SOA record.',
    labels: ENDPOINT_LABELS,
  }),
} as const;

/** What probes of kind ssh find out of servers. */
export const sshServers = {
  info: define({
    name: 'endpoint_ssh_info',
    type: 'gauge',
    help: 'Software of the SSH server, and what key exchange, type of host key and cipher were agreed on; always 1.',
    labels: [...ENDPOINT_LABELS, 'software', 'kex', 'host_key', 'cipher'],
  }),
  announced: define({
    name: 'endpoint_ssh_host_keys_announced',
    type: 'gauge',
    help: 'Host keys that the server announced after the login, by type, and whether host_key knows them (true, false).',
    labels: [...ENDPOINT_LABELS, 'type', 'known'],
  }),
} as const;

/** What probes of kind icmp count. */
export const echoes = {
  sent: define({
    name: 'endpoint_icmp_packets_sent',
    type: 'gauge',
    help: 'Echo requests sent by the last probe.',
    labels: ENDPOINT_LABELS,
  }),
  received: define({
    name: 'endpoint_icmp_packets_received',
    type: 'gauge',
    help: 'Echo replies that came to the last probe.',
    labels: ENDPOINT_LABELS,
  }),
  shortest: define({
    name: 'endpoint_icmp_rtt_min_seconds',
    type: 'gauge',
    help: 'The shortest time from echo request to reply of the last probe; absent where none came.',
    labels: ENDPOINT_LABELS,
  }),
  longest: define({
    name: 'endpoint_icmp_rtt_max_seconds',
    type: 'gauge',
    help: 'The longest time from echo request to reply of the last probe; absent where none came.',
    labels: ENDPOINT_LABELS,
  }),
} as const;

/** What probes over HTTP say beyond that. */
export const httpAnswers = {
  step: define({
    name: 'endpoint_step_duration_seconds',
    type: 'gauge',
    help: 'Time the last probe spent on each of its steps, in the order in which they are taken.',
    labels: [...ENDPOINT_LABELS, 'step'],
  }),
  fallback: define({
    name: 'flow_fallback_active',
    type: 'gauge',
    help: 'Whether the flow goes by its internal fallback now (1) or not (0), as the endpoint says.',
    labels: ['flow', 'partner', 'env'],
  }),
} as const;

/** What should be so: exported by the catalogue. */
export const intended = {
  flow: define({
    name: 'flow_info',
    type: 'gauge',
    help: 'The flow is declared; always 1.',
    labels: ['flow', 'env', 'team', 'criticality', 'direction', 'calendar', 'origin', 'title', 'runbook_url'],
  }),
  stage: define({
    name: 'flow_stage_info',
    type: 'gauge',
    help: 'The flow has this stage; the value is its position, counted from 1. Origin: whose side it is when nothing passes (partner, internal).',
    labels: ['flow', 'env', 'stage', 'origin'],
  }),
  partner: define({
    name: 'flow_partner_info',
    type: 'gauge',
    help: 'The flow is exchanged with this partner; always 1.',
    labels: ['flow', 'partner', 'env', 'direction', 'title'],
  }),
  flowSource: define({
    name: 'flow_source_info',
    type: 'gauge',
    help: 'The source observes the flow; always 1.',
    labels: ['flow', 'env', 'source'],
  }),
  dependency: define({
    name: 'flow_dependency_info',
    type: 'gauge',
    help: 'What the flow depends on, itself (direct="true") or through something else: an endpoint, a flow, a platform; always 1.',
    labels: ['flow', 'partner', 'env', 'kind', 'dependency', 'direct'],
  }),
  bound: define({
    name: 'flow_indicator_bound',
    type: 'gauge',
    help: 'Bound of a signal or an indicator of the flow, in base units; statistic held: without a break for the window, else: computed over it.',
    labels: ['flow', 'env', 'stage', 'indicator', 'statistic', 'severity', 'side', 'window', 'hours'],
  }),
  boundTraffic: define({
    name: 'flow_indicator_bound_min_messages',
    type: 'gauge',
    help: 'Messages that must have passed within the window for the bound to be judged.',
    labels: ['flow', 'env', 'stage', 'indicator', 'statistic', 'window'],
  }),
  boundForecast: define({
    name: 'flow_indicator_bound_forecast_seconds',
    type: 'gauge',
    help: 'How long ahead it is told that the bound will be crossed.',
    labels: ['flow', 'env', 'stage', 'indicator', 'severity', 'side'],
  }),
  asked: define({
    name: 'flow_indicator_asked_info',
    type: 'gauge',
    help: 'What bounds ask of the times (indicator: duration, answer_time) of a stage, as statistic:window with commas between; always 1.',
    labels: ['flow', 'env', 'stage', 'indicator', 'asked'],
  }),
  expectationStart: define({
    name: 'flow_expectation_start_timestamp_seconds',
    type: 'gauge',
    help: 'From when on a message counts for the period of the expectation, in Unix seconds. Period: current (begun last), previous.',
    labels: [...EXPECTATION_LABELS, 'period'],
  }),
  expectationDeadline: define({
    name: 'flow_expectation_deadline_timestamp_seconds',
    type: 'gauge',
    help: 'By when the messages of the period are expected, in Unix seconds.',
    labels: [...EXPECTATION_LABELS, 'period'],
  }),
  expectationEarliest: define({
    name: 'flow_expectation_earliest_timestamp_seconds',
    type: 'gauge',
    help: 'Before when a message of the period is early, in Unix seconds; for expectations between two times.',
    labels: [...EXPECTATION_LABELS, 'period'],
  }),
  expectationWarning: define({
    name: 'flow_expectation_warning_timestamp_seconds',
    type: 'gauge',
    help: 'From when on what has not come of the current period is in jeopardy, in Unix seconds.',
    labels: EXPECTATION_LABELS,
  }),
  expectationMin: define({
    name: 'flow_expectation_min_messages',
    type: 'gauge',
    help: 'Messages that are expected within the period at least.',
    labels: EXPECTATION_LABELS,
  }),
  expectationMax: define({
    name: 'flow_expectation_max_messages',
    type: 'gauge',
    help: 'Messages that are expected within the period at most.',
    labels: EXPECTATION_LABELS,
  }),
  expectationInterval: define({
    name: 'flow_expectation_interval_seconds',
    type: 'gauge',
    help: 'How long the stage may be without a message while the flow is open.',
    labels: EXPECTATION_LABELS,
  }),
  expectationShortest: define({
    name: 'flow_expectation_min_duration_seconds',
    type: 'gauge',
    help: 'How long a job takes at least, from the newest message of the stage `since` to that of its own stage.',
    labels: [...EXPECTATION_LABELS, 'since'],
  }),
  expectationLongest: define({
    name: 'flow_expectation_max_duration_seconds',
    type: 'gauge',
    help: 'How long a job takes at most, from the newest message of the stage `since` to that of its own stage.',
    labels: [...EXPECTATION_LABELS, 'since'],
  }),
  objectiveRatio: define({
    name: 'flow_objective_ratio',
    type: 'gauge',
    help: 'Share of the messages of the stage that are to pass within the time of the objective, or without error, over the window.',
    labels: ['flow', 'env', 'stage', 'objective', 'le', 'window'],
  }),
  anomaly: define({
    name: 'flow_anomaly_ratio',
    type: 'gauge',
    help: 'Share of the usual number of messages below (side below) or above (side above) which the traffic of a stage is unusual.',
    labels: ['flow', 'env', 'stage', 'side'],
  }),
  conservation: define({
    name: 'flow_conservation_tolerance_ratio',
    type: 'gauge',
    help: 'Share of the messages that enter at the stage and may, over the window, be missing at the stage `to` or be too many there.',
    labels: ['flow', 'env', 'stage', 'to', 'window'],
  }),
  parity: define({
    name: 'flow_parity_tolerance_ratio',
    type: 'gauge',
    help: 'Share by which two paths of the same stage may differ over the window.',
    labels: ['flow', 'env', 'stage', 'path', 'other', 'window'],
  }),
  maintenance: define({
    name: 'flow_maintenance',
    type: 'gauge',
    help: 'Whether planned work concerns the flow now (1) or not (0); with partner, only the exchange with it. Kind: release, reset, load_test, freeze.',
    labels: ['flow', 'partner', 'env', 'kind', 'maintenance'],
  }),
  maintenanceNow: define({
    name: 'vigie_maintenance',
    type: 'gauge',
    help: 'Whether planned work on an environment or a partner goes on now (1) or not (0).',
    labels: ['env', 'partner', 'kind', 'maintenance'],
  }),
  maintenanceStart: define({
    name: 'vigie_maintenance_start_timestamp_seconds',
    type: 'gauge',
    help: 'When the planned work that goes on or comes next begins, in Unix seconds; absent where none is in sight.',
    labels: ['env', 'partner', 'kind', 'maintenance', 'title'],
  }),
  maintenanceEnd: define({
    name: 'vigie_maintenance_end_timestamp_seconds',
    type: 'gauge',
    help: 'When the planned work that goes on or comes next ends, in Unix seconds.',
    labels: ['env', 'partner', 'kind', 'maintenance', 'title'],
  }),
  resetDue: define({
    name: 'flow_reset_due_timestamp_seconds',
    type: 'gauge',
    help: 'When a planned reset of the data of a flow should have been done, in Unix seconds; absent once the YAML says that it was.',
    labels: ['flow', 'partner', 'env', 'maintenance', 'stage'],
  }),
  resetStart: define({
    name: 'flow_reset_start_timestamp_seconds',
    type: 'gauge',
    help: 'From when on a message at the stage shows that the planned reset was done, in Unix seconds; goes with flow_reset_due_timestamp_seconds.',
    labels: ['flow', 'partner', 'env', 'maintenance', 'stage'],
  }),
  windowOpen: define({
    name: 'flow_window_open',
    type: 'gauge',
    help: 'Whether the flow is within its opening hours now (1) or not (0); a flow without calendar is always open.',
    labels: ['flow', 'env', 'calendar'],
  }),
  windowLastChange: define({
    name: 'flow_window_last_change_timestamp_seconds',
    type: 'gauge',
    help: 'When the flow last opened or closed, in Unix seconds; 0 where it has always been as it is.',
    labels: ['flow', 'env', 'calendar'],
  }),
  windowNextChange: define({
    name: 'flow_window_next_change_timestamp_seconds',
    type: 'gauge',
    help: 'When the flow opens or closes next, in Unix seconds; +Inf means that no change is in sight.',
    labels: ['flow', 'env', 'calendar'],
  }),
  environment: define({
    name: 'vigie_environment_info',
    type: 'gauge',
    help: 'The environment is declared; always 1. Alerts outside production are capped at warning.',
    labels: ['env', 'title', 'production'],
  }),
  sourceExpected: define({
    name: 'vigie_source_expected',
    type: 'gauge',
    help: 'An exporter of this source must exist; always 1.',
    labels: [...SOURCE_LABELS, 'team', 'env'],
  }),
} as const;

/** What sources with logins and probes say of themselves. */
export const probing = {
  loginPaused: define({
    name: 'vigie_login_paused',
    type: 'gauge',
    help: 'Whether logins are paused because the last one was refused (1) or not (0), so that the account is not locked.',
    labels: [...SOURCE_LABELS, 'account'],
  }),
  loginRejections: define({
    name: 'vigie_login_rejections',
    type: 'gauge',
    help: 'Logins that the other side refused in a row.',
    labels: [...SOURCE_LABELS, 'account'],
  }),
  loginRetry: define({
    name: 'vigie_login_retry_timestamp_seconds',
    type: 'gauge',
    help: 'When a login is tried again, in Unix seconds; 0 where none is paused.',
    labels: [...SOURCE_LABELS, 'account'],
  }),
  wait: define({
    name: 'vigie_probe_wait_seconds',
    type: 'gauge',
    help: 'How long the last probe that was due waited for its turn, because of the limits on how many run at once.',
    labels: [...SOURCE_LABELS, 'collector'],
  }),
} as const;

/** How each source fares. */
export const own = {
  sourceUp: define({
    name: 'vigie_source_up',
    type: 'gauge',
    help: 'Whether the last collection of every collector of the source succeeded and is fresh (1) or not (0).',
    labels: [...SOURCE_LABELS],
  }),
  collectorUp: define({
    name: 'vigie_collector_up',
    type: 'gauge',
    help: 'Whether the last collection of this part of the source (query, directory, endpoint) succeeded and is fresh (1) or not (0).',
    labels: [...SOURCE_LABELS, 'collector'],
  }),
  lastSuccess: define({
    name: 'vigie_source_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When this part of the source was last collected with success, in Unix seconds; 0 means never.',
    labels: [...SOURCE_LABELS, 'collector'],
  }),
  collectDuration: define({
    name: 'vigie_source_collect_duration_seconds',
    type: 'gauge',
    help: 'How long the last collection of this part of the source took.',
    labels: [...SOURCE_LABELS, 'collector'],
  }),
  staleness: define({
    name: 'vigie_source_max_staleness_seconds',
    type: 'gauge',
    help: 'Age at which the gauges of this part of the source are withdrawn.',
    labels: [...SOURCE_LABELS, 'collector'],
  }),
  collections: define({
    name: 'vigie_source_collections_total',
    type: 'counter',
    help: 'Collections that ended, with success or without.',
    labels: [...SOURCE_LABELS, 'collector'],
  }),
  errors: define({
    name: 'vigie_source_errors_total',
    type: 'counter',
    help: 'Collections that failed, by the phase they failed in and the class of the error.',
    labels: [...SOURCE_LABELS, 'phase', 'class'],
  }),
  undeclared: define({
    name: 'vigie_source_undeclared_total',
    type: 'counter',
    help: 'Rows, lines or files seen whose flow, partner or stage the YAML does not declare, by the label concerned.',
    labels: [...SOURCE_LABELS, 'label'],
  }),
  series: define({
    name: 'vigie_source_series',
    type: 'gauge',
    help: 'Series that the source exposes now.',
    labels: [...SOURCE_LABELS],
  }),
  seriesDropped: define({
    name: 'vigie_source_series_dropped_total',
    type: 'counter',
    help: 'Series left out of a snapshot, by reason: over the budget (budget), or the same series twice (duplicate).',
    labels: [...SOURCE_LABELS, 'reason'],
  }),
  buildInfo: define({
    name: 'vigie_build_info',
    type: 'gauge',
    help: 'Version of Vigie and of Node.js; always 1.',
    labels: ['version', 'node_version'],
  }),
  configInfo: define({ name: 'vigie_config_info', type: 'gauge', help: 'Digest of the running configuration; always 1.', labels: ['sha'] }),
  reloadSuccessful: define({
    name: 'vigie_config_last_reload_successful',
    type: 'gauge',
    help: 'Whether the last attempt to load the configuration succeeded (1) or not (0).',
    labels: [],
  }),
  reloadTimestamp: define({
    name: 'vigie_config_last_reload_success_timestamp_seconds',
    type: 'gauge',
    help: 'When a configuration was last loaded with success, in Unix seconds.',
    labels: [],
  }),
} as const;

/** What log sources say of messages that they follow from one line to another. */
export const correlated = {
  timedOut: define({
    name: 'flow_messages_timed_out_total',
    type: 'counter',
    help: 'Messages that were still waiting at the stage when they were given up.',
    labels: FLOW_LABELS,
  }),
} as const;

/** What log sources say of their reading. */
export const logs = {
  lines: define({
    name: 'vigie_log_lines_total',
    type: 'counter',
    help: 'Lines read: matched (a rule took it), unmatched, malformed (not in the format, or a value in it cannot be read), ignored (noise), too_long, abandoned (a pattern that ran away is switched off).',
    labels: [...SOURCE_LABELS, 'result'],
  }),
  readBytes: define({
    name: 'vigie_log_read_bytes_total',
    type: 'counter',
    help: 'Bytes of the files that were read and counted.',
    labels: [...SOURCE_LABELS],
  }),
  bytesBehind: define({
    name: 'vigie_log_bytes_behind',
    type: 'gauge',
    help: 'Bytes written to the files and not read yet.',
    labels: [...SOURCE_LABELS],
  }),
  secondsBehind: define({
    name: 'vigie_log_seconds_behind',
    type: 'gauge',
    help: 'How long ago the oldest bytes that are not read yet were written, as far as it can be told; 0 when all is read.',
    labels: [...SOURCE_LABELS],
  }),
  files: define({ name: 'vigie_log_files', type: 'gauge', help: 'Files that are followed.', labels: [...SOURCE_LABELS] }),
  lostBytes: define({
    name: 'vigie_log_lost_bytes_total',
    type: 'counter',
    help: 'Bytes that were seen in a file and were gone before they could be read. What was never seen is not in it.',
    labels: [...SOURCE_LABELS],
  }),
  implausibleTimes: define({
    name: 'vigie_log_implausible_times_total',
    type: 'counter',
    help: 'Lines whose time is too far ahead (future) or too long ago (past), or cannot be read (unreadable).',
    labels: [...SOURCE_LABELS, 'reason'],
  }),
  levelLines: define({
    name: 'vigie_log_level_lines_total',
    type: 'counter',
    help: 'Lines by level: debug, info, warning, error, fatal, other.',
    labels: [...SOURCE_LABELS, 'level'],
  }),
  patternsDemoted: define({
    name: 'vigie_log_patterns_demoted_total',
    type: 'counter',
    help: 'Patterns that ran away and were moved to a slower engine that cannot (linear), or switched off (off).',
    labels: [...SOURCE_LABELS, 'pattern', 'engine'],
  }),
  correlations: define({
    name: 'vigie_log_correlations_total',
    type: 'counter',
    help: 'Messages followed by their ids: completed, timed_out, dropped (too many were open), no_start (an end without a start).',
    labels: [...SOURCE_LABELS, 'correlation', 'result'],
  }),
} as const;

/** From 5 ms to a minute; with 50 and 200 ms, the usual bounds on the response of a database. */
export const RESPONSE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

/** `target` where the source has several. */
const DATABASE_LABELS = [...SOURCE_LABELS, 'target'] as const;
const QUERY_LABELS = [...SOURCE_LABELS, 'collector'] as const;

/** What sql sources say of the databases and of what they ask of them. */
export const sql = {
  phase: define({
    name: 'vigie_sql_phase_duration_seconds',
    type: 'gauge',
    help: 'How long the last run of the query took to execute and to fetch, and how long it took to make the connection it used (dns, connect, tls, login).',
    labels: [...QUERY_LABELS, 'phase'],
  }),
  response: define({
    name: 'vigie_sql_query_duration_seconds',
    type: 'histogram',
    help: 'Time from sending the query to the end of its rows, for runs that succeeded.',
    labels: QUERY_LABELS,
    buckets: RESPONSE_BUCKETS,
  }),
  load: define({
    name: 'vigie_sql_query_seconds_total',
    type: 'counter',
    help: 'Time that the database spent on the query, as far as it can be seen from here; failed runs included.',
    labels: QUERY_LABELS,
  }),
  stretch: define({
    name: 'vigie_sql_interval_stretch_ratio',
    type: 'gauge',
    help: 'By how much the load budget stretches the time to the next run of the query; 1 means not at all.',
    labels: QUERY_LABELS,
  }),
  rows: define({
    name: 'vigie_sql_rows_total',
    type: 'counter',
    help: 'Rows that the query returned and that were read.',
    labels: QUERY_LABELS,
  }),
  rowsDropped: define({
    name: 'vigie_sql_rows_dropped_total',
    type: 'counter',
    help: 'Rows that the query returned beyond its max_rows; they were counted and left out.',
    labels: QUERY_LABELS,
  }),
  watermark: define({
    name: 'vigie_sql_watermark',
    type: 'gauge',
    help: 'How far an incremental query has counted: the id, or the time in Unix seconds, of the last row counted; absent before the first.',
    labels: QUERY_LABELS,
  }),
  server: define({
    name: 'vigie_sql_server_info',
    type: 'gauge',
    help: 'What the database runs on; always 1.',
    labels: [...DATABASE_LABELS, 'product'],
  }),
  excessRights: define({
    name: 'vigie_sql_login_can_write',
    type: 'gauge',
    help: 'Whether the login could change the database although it need only read (1) or not (0); absent where the server does not tell.',
    labels: DATABASE_LABELS,
  }),
  replica: define({
    name: 'vigie_sql_replica',
    type: 'gauge',
    help: 'Whether the database is a replica (1) or a primary (0); for sources with role: replica.',
    labels: DATABASE_LABELS,
  }),
  replicaLag: define({
    name: 'vigie_sql_replica_lag_seconds',
    type: 'gauge',
    help: 'By how much the replica is behind its primary; absent where the server does not tell.',
    labels: DATABASE_LABELS,
  }),
} as const;

/** What an exporter says of its process, under the names that Prometheus client libraries use; they have none for its clock. */
export const runtime = {
  cpu: define({ name: 'process_cpu_seconds_total', type: 'counter', help: 'User and system CPU time spent.', labels: [] }),
  startTime: define({
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the process started, in Unix seconds.',
    labels: [],
  }),
  time: define({
    name: 'vigie_time_seconds',
    type: 'gauge',
    help: 'What the clock of the exporter says, in Unix seconds, read when it is scraped.',
    labels: [],
  }),
  residentMemory: define({ name: 'process_resident_memory_bytes', type: 'gauge', help: 'Resident memory.', labels: [] }),
  virtualMemory: define({ name: 'process_virtual_memory_bytes', type: 'gauge', help: 'Virtual memory.', labels: [] }),
  openFds: define({ name: 'process_open_fds', type: 'gauge', help: 'Open file descriptors.', labels: [] }),
  maxFds: define({ name: 'process_max_fds', type: 'gauge', help: 'Most file descriptors that may be open.', labels: [] }),
  heapUsed: define({ name: 'nodejs_heap_size_used_bytes', type: 'gauge', help: 'JavaScript heap in use.', labels: [] }),
  eventLoopLag: define({
    name: 'nodejs_eventloop_lag_seconds',
    type: 'gauge',
    help: 'How late timers fired since the last scrape (99th percentile).',
    labels: [],
  }),
  version: define({ name: 'nodejs_version_info', type: 'gauge', help: 'Version of Node.js; always 1.', labels: ['version'] }),
} as const;

/** What the supervisor says of its children. */
export const fleet = {
  exporterUp: define({
    name: 'vigie_fleet_exporter_up',
    type: 'gauge',
    help: 'Whether the process of the exporter runs and answers (1) or not (0).',
    labels: [...SOURCE_LABELS],
  }),
  restarts: define({
    name: 'vigie_fleet_exporter_restarts_total',
    type: 'counter',
    help: 'Restarts of an exporter that ended without being asked to.',
    labels: [...SOURCE_LABELS],
  }),
  crashLoop: define({
    name: 'vigie_fleet_exporter_crash_loop',
    type: 'gauge',
    help: 'Whether the exporter keeps dying soon after its start (1) or not (0).',
    labels: [...SOURCE_LABELS],
  }),
} as const;

/**
 * What recording rules write, for alerts and dashboards: one series for each identity, without the labels of targets.
 * Named level:metric:operation, https://prometheus.io/docs/practices/rules/#naming
 */
export const recorded = {
  promqlIndicator: define({
    name: 'flow_partner_env_stage_indicator:flow_indicator:promql',
    type: 'gauge',
    help: 'A value that the owner of a flow has named and computes from what Prometheus has; partner and stage where its expression gives them.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator'],
  }),
  indicator: define({
    name: 'flow_partner_env_stage_indicator:flow_indicator:max',
    type: 'gauge',
    help: 'A value that the owner of a flow has named, from its sources or from PromQL, whichever of replicas and paths is the greatest.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator'],
  }),
  flow: define({
    name: 'flow_env:flow_info:settled',
    type: 'gauge',
    help: 'flow_info, exactly one series for each flow and environment, also while the catalogue restarts; always 1.',
    labels: ['flow', 'env', 'team', 'criticality', 'direction', 'origin', 'title', 'runbook_url'],
  }),
  flowOwner: define({
    name: 'flow_env:flow_info:owned',
    type: 'gauge',
    help: 'What alerts on a flow carry of it: its team, criticality and priority; always 1.',
    labels: ['flow', 'env', 'team', 'criticality', 'direction', 'title', 'runbook_url', 'priority'],
  }),
  priority: define({
    name: 'flow_env:flow_info:priority',
    type: 'gauge',
    help: 'How soon somebody should look at the flow (P1 to P4), from its criticality and the messages at stake; always 1.',
    labels: ['flow', 'env', 'priority'],
  }),
  stagePosition: define({
    name: 'flow_env_stage:flow_stage_info:settled',
    type: 'gauge',
    help: 'The position of the stage in its flow, counted from 1, exactly one series for each.',
    labels: ['flow', 'env', 'stage', 'origin'],
  }),
  closed: define({
    name: 'flow_env:flow_window_open:closed',
    type: 'gauge',
    help: 'Flows outside their opening hours; the value is 0.',
    labels: ['flow', 'env'],
  }),
  maintained: define({
    name: 'flow_env_partner:flow_maintenance:now',
    type: 'gauge',
    help: 'Flows that planned work of a kind concerns now; always 1. Without partner: all that is exchanged.',
    labels: ['flow', 'partner', 'env', 'kind'],
  }),
  endpointHolding: define({
    name: 'endpoint_env:endpoint_up:holding',
    type: 'gauge',
    help: 'Endpoints that hold back what follows from them: they are down, or were within 10 minutes for as long as it takes to be told of; always 1.',
    labels: ['endpoint', 'partner', 'flow', 'env'],
  }),
  held: define({
    name: 'flow_env_partner:flow_dependency_info:down',
    type: 'gauge',
    help: 'Flows that something they depend on is or was down for within 10 minutes: what they suffer from follows from it. Without partner: with all.',
    labels: ['flow', 'partner', 'env'],
  }),
  sourceOwner: define({
    name: 'source:vigie_source_expected:settled',
    type: 'gauge',
    help: 'Whose each source is, also while the catalogue restarts; without team and env for a source that nobody expects; always 1.',
    labels: ['source', 'team', 'env'],
  }),
  notProduction: define({
    name: 'env:vigie_environment_info:not_production',
    type: 'gauge',
    help: 'The environments whose alerts are capped at warning; always 1. One that is unknown counts as production.',
    labels: ['env'],
  }),
  endpointOwner: define({
    name: 'endpoint_env:endpoint_owner:settled',
    type: 'gauge',
    help: 'Whose each endpoint is, by the source that probes it; always 1.',
    labels: ['endpoint', 'env', 'team'],
  }),
  endpointDown: define({
    name: 'endpoint_env:endpoint_up:judged_down',
    type: 'gauge',
    help: 'Endpoints that are down from every site whose network works, with the team of the source that probes them; the value is 0.',
    labels: [...ENDPOINT_LABELS, 'team'],
  }),
  networkLost: define({
    name: 'endpoint_env_site:endpoint_up:network_down_count',
    type: 'gauge',
    help: 'How many endpoints are down from a site together with the neutral one, which is the endpoint.',
    labels: ['endpoint', 'env', 'site', 'team'],
  }),
  certificateExpiry: define({
    name: 'endpoint_env:endpoint_certificate_expiry_timestamp_seconds:min',
    type: 'gauge',
    help: 'When the certificate that the endpoint showed expires, in Unix seconds; of what several exporters see, the first.',
    labels: ENDPOINT_LABELS,
  }),
  chainExpiry: define({
    name: 'endpoint_env:endpoint_certificate_chain_expiry_timestamp_seconds:min',
    type: 'gauge',
    help: 'When the first certificate of its chain expires, in Unix seconds; of what several exporters see, the first.',
    labels: ENDPOINT_LABELS,
  }),
  firstExpiry: define({
    name: 'endpoint_env:endpoint_certificate_expiry_timestamp_seconds:first',
    type: 'gauge',
    help: 'When the first certificate of the endpoint expires, in Unix seconds, and which it is: its own (own) or one of an authority (chain).',
    labels: [...ENDPOINT_LABELS, 'team', 'certificate'],
  }),
  hostKeyOfEndpoint: define({
    name: 'endpoint_env:endpoint_failure_info:host_key',
    type: 'gauge',
    help: 'Endpoints that show another host key than they should; always 1.',
    labels: [...ENDPOINT_LABELS, 'team'],
  }),
  hostKeyOfSource: define({
    name: 'source:vigie_source_errors:host_key15m',
    type: 'gauge',
    help: 'How often the server of a source showed another host key than it should, in the last 15 minutes.',
    labels: [...SOURCE_LABELS, 'team', 'env'],
  }),
  endpointUp: define({
    name: 'endpoint_env_site:endpoint_up:max',
    type: 'gauge',
    help: 'Whether the endpoint answers as expected from a site, one series however many exporters ask there.',
    labels: ENDPOINT_LABELS,
  }),
  endpointSpeed: define({
    name: 'endpoint_env_site:endpoint_duration_seconds:sum',
    type: 'gauge',
    help: 'Time that the last probe of an endpoint that is up took in all, by site.',
    labels: ENDPOINT_LABELS,
  }),
  endpointSlow: define({
    name: 'endpoint_env_site:endpoint_duration_seconds:slow',
    type: 'gauge',
    help: 'Mean time of the probes of a window, where it is above a bound of the endpoint; absent elsewhere.',
    labels: [...ENDPOINT_LABELS, 'severity', 'window'],
  }),
  networkDown: define({
    name: 'endpoint_env_site:endpoint_up:network_down',
    type: 'gauge',
    help: 'Endpoints that are down from a site while the neutral endpoint they are compared with is down too; the value is 0.',
    labels: [...ENDPOINT_LABELS, 'reference'],
  }),
  endpointJudged: define({
    name: 'endpoint_env_site:endpoint_up:judged',
    type: 'gauge',
    help: 'endpoint_up by site, without what the network of a site is to blame for.',
    labels: ENDPOINT_LABELS,
  }),
  technical: define({
    name: 'flow_env:flow_technical_status:min',
    type: 'gauge',
    help: 'Whether all works that the flow needs (1) or not (0): its endpoints, those of its partners, and the sources that observe it.',
    labels: ['flow', 'env'],
  }),
  functional: define({
    name: 'flow_env:flow_functional_status:min',
    type: 'gauge',
    help: 'Whether messages pass as they should (1) or not (0): backlogs within bounds, few errors, nothing stuck. Absent where nothing is known.',
    labels: ['flow', 'env'],
  }),
  errorRatio: define({
    name: 'flow_env:flow_messages_error:ratio15m',
    type: 'gauge',
    help: 'Share of the messages of a flow that ended in an error, over 15 minutes; absent where fewer than 20 passed.',
    labels: ['flow', 'env'],
  }),
  blind: define({
    name: 'flow_env:vigie_collector_up:blind',
    type: 'gauge',
    help: 'Flows of which a source sees nothing now: nothing of it can be read, its exporter is gone, or it is more than 5 minutes behind in a log; always 1.',
    labels: ['flow', 'env'],
  }),
  lastMessage: define({
    name: 'flow_partner_env_stage:flow_last_message_timestamp_seconds:max',
    type: 'gauge',
    help: 'When the newest message passed the stage, in Unix seconds, also while nobody sees it; 0 means never.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  periodMessages: define({
    name: 'flow_partner_env_stage_expectation_period:flow_period_messages:sum',
    type: 'gauge',
    help: 'Messages within the periods of expectations, also while nobody sees them.',
    labels: [...EXPECTATION_LABELS, 'period'],
  }),
  gateUndecided: define({
    name: 'flow_env_gate:flow_gate:undecided',
    type: 'gauge',
    help: 'Gates that are neither opened nor declined although their cut-off is over, which is the value.',
    labels: ['flow', 'partner', 'env', 'gate', 'to_env'],
  }),
  lastOfFew: define({
    name: 'flow_partner_env_stage:flow_last_message_timestamp_seconds:few',
    type: 'gauge',
    help: 'When the newest message passed a stage, of flows that say how early something may come, how long a job takes, or when data are reset.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  timeUnmet: define({
    name: 'flow_partner_env_stage_expectation_kind:flow_expectation_time:unmet',
    type: 'gauge',
    help: 'Expectations that are not met in time, by the alert that tells of it: FlowMissed, FlowInJeopardy (the value is the deadline), FlowSilent (since when at least), FlowTooLong (when the job began).',
    labels: [...EXPECTATION_LABELS, 'kind', 'since'],
  }),
  timeFailed: define({
    name: 'flow_partner_env_stage_expectation_kind:flow_expectation_time:failed',
    type: 'gauge',
    help: 'Expectations that are not met in time, as far as it can be seen; what was seen to fail goes on while nobody sees it.',
    labels: [...EXPECTATION_LABELS, 'kind', 'since'],
  }),
  timeFirstFailed: define({
    name: 'flow_partner_env_stage_expectation_kind:flow_expectation_time:first_failed',
    type: 'gauge',
    help: 'Of the expectations that are missed or silent, those at the stage that a message reaches first.',
    labels: [...EXPECTATION_LABELS, 'kind'],
  }),
  volumeUnmet: define({
    name: 'flow_partner_env_stage_expectation_kind:flow_expectation_volume:unmet',
    type: 'gauge',
    help: 'Expectations of which too few or too many messages came, by the alert that tells of it: FlowTooFew, FlowTooMany (the value is how many), FlowInJeopardy (the deadline).',
    labels: [...EXPECTATION_LABELS, 'kind'],
  }),
  volumeFailed: define({
    name: 'flow_partner_env_stage_expectation_kind:flow_expectation_volume:failed',
    type: 'gauge',
    help: 'Expectations of which too few or too many messages came, as far as it can be seen; what was seen to fail goes on while nobody sees it.',
    labels: [...EXPECTATION_LABELS, 'kind'],
  }),
  volumeFirstFailed: define({
    name: 'flow_partner_env_stage_expectation_kind:flow_expectation_volume:first_failed',
    type: 'gauge',
    help: 'Of the expectations of which too few messages came, those at the stage that a message reaches first.',
    labels: [...EXPECTATION_LABELS, 'kind'],
  }),
  logLines: define({
    name: 'source_kind_result:vigie_log_lines:increase15m',
    type: 'gauge',
    help: 'Lines of a log in the last 15 minutes, by what became of them.',
    labels: [...SOURCE_LABELS, 'result'],
  }),
  unparsedLines: define({
    name: 'source_kind:vigie_log_lines:unparsed_ratio15m',
    type: 'gauge',
    help: 'Share of the lines of a log that were not understood, over 15 minutes; absent where fewer than 20 came.',
    labels: [...SOURCE_LABELS],
  }),
  stageRate: define({
    name: 'flow_partner_env_stage:flow_messages:rate5m',
    type: 'gauge',
    help: 'Messages per second that passed a stage, whatever their outcome, over 5 minutes.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  stageTotal: define({
    name: 'flow_env_stage:flow_messages:rate5m',
    type: 'gauge',
    help: 'Messages per second that passed a stage, of all partners, over 5 minutes.',
    labels: ['flow', 'env', 'stage'],
  }),
  failingRate: define({
    name: 'flow_partner_env_stage_outcome:flow_messages_failed:rate5m',
    type: 'gauge',
    help: 'Messages per second that failed at a stage (error, rejected), over 5 minutes; absent where none did.',
    labels: ['flow', 'partner', 'env', 'stage', 'outcome'],
  }),
  entryStage: define({
    name: 'flow_env_stage:flow_stage_info:entry',
    type: 'gauge',
    help: 'The first stage of each flow at which messages are counted: there a message counts once, as it enters; the value is its position.',
    labels: ['flow', 'env', 'stage', 'origin'],
  }),
  backlog: define({
    name: 'flow_partner_env_stage:flow_backlog_messages:max',
    type: 'gauge',
    help: 'Messages waiting at the stage, those of all paths together.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  responsesOverdue: define({
    name: 'flow_partner_env_stage:flow_response_oldest_pending:overdue_seconds',
    type: 'gauge',
    help: 'How long the oldest of what was sent has waited for its answer, where it waits longer than allowed; absent elsewhere.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  expectedMissing: define({
    name: 'flow_partner_env_stage_file:flow_expected_file:missing',
    type: 'gauge',
    help: 'When a file of the day was due that is not there, in Unix seconds; absent elsewhere.',
    labels: ['flow', 'partner', 'env', 'stage', 'file'],
  }),
  objectiveAllowed: define({
    name: 'flow_env_stage_objective:flow_objective:allowed_ratio',
    type: 'gauge',
    help: 'Share of the messages of the stage that may miss the objective, exactly one series for each.',
    labels: ['flow', 'env', 'stage', 'objective'],
  }),
  objectiveMessages: define({
    name: 'flow_env_stage_objective:flow_objective_messages:increase5m',
    type: 'gauge',
    help: 'Messages of the last 5 minutes that an objective is about.',
    labels: ['flow', 'env', 'stage', 'objective'],
  }),
  objectiveMisses: define({
    name: 'flow_env_stage_objective:flow_objective_misses:increase5m',
    type: 'gauge',
    help: 'Messages of the last 5 minutes that missed their objective: they took too long, or ended in an error.',
    labels: ['flow', 'env', 'stage', 'objective'],
  }),
  objectiveMessagesHourly: define({
    name: 'flow_env_stage_objective:flow_objective_messages:increase1h',
    type: 'gauge',
    help: 'Messages of the last hour that an objective is about; written once an hour, so that a month is cheap to add up.',
    labels: ['flow', 'env', 'stage', 'objective'],
  }),
  objectiveMissesHourly: define({
    name: 'flow_env_stage_objective:flow_objective_misses:increase1h',
    type: 'gauge',
    help: 'Messages of the last hour that missed their objective; written once an hour.',
    labels: ['flow', 'env', 'stage', 'objective'],
  }),
  objectiveBurn: define({
    name: 'flow_env_stage_objective_window:flow_objective:burn_rate',
    type: 'gauge',
    help: 'How many times faster than it may the objective uses up its error budget, over the window.',
    labels: ['flow', 'env', 'stage', 'objective', 'window'],
  }),
  objectiveBurnSure: define({
    name: 'flow_env_stage_objective_window:flow_objective:burn_rate_sure',
    type: 'gauge',
    help: 'The burn rate of the objective over the window, where enough messages passed and missed it to tell.',
    labels: ['flow', 'env', 'stage', 'objective', 'window'],
  }),
  objectiveBurning: define({
    name: 'flow_env_stage_objective_window:flow_objective:burning',
    type: 'gauge',
    help: 'Objectives that use up their error budget too fast, over a long and a short window; the value is the burn rate.',
    labels: ['flow', 'env', 'stage', 'objective', 'severity', 'window'],
  }),
  objectiveBudget: define({
    name: 'flow_env_stage_objective_window:flow_objective:budget_remaining_ratio',
    type: 'gauge',
    help: 'Share of the error budget of the objective that is left over its window, as far back as Prometheus keeps data; below 0 it is missed.',
    labels: ['flow', 'env', 'stage', 'objective', 'window'],
  }),
  watchedRate: define({
    name: 'flow_partner_env_stage:flow_messages:watched_rate5m',
    type: 'gauge',
    help: 'Messages per second that passed the stage, over 5 minutes, where the YAML asks what is usual.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  messagesHour: define({
    name: 'flow_partner_env_stage:flow_messages:watched1h',
    type: 'gauge',
    help: 'Messages that passed the stage in the last hour, where the YAML asks what is usual.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  interrupted: define({
    name: 'flow_partner_env:flow_window_open:interrupted1h',
    type: 'gauge',
    help: 'Flows whose last hour is not like others: they were closed, or planned work went on; always 1. Without partner: with all.',
    labels: ['flow', 'partner', 'env'],
  }),
  comparableHour: define({
    name: 'flow_partner_env_stage:flow_messages:comparable1h',
    type: 'gauge',
    help: 'Messages of the last hour, where the YAML asks what is usual, and the hour is like others: what later weeks are compared with.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  usualHour: define({
    name: 'flow_partner_env_stage_shift:flow_messages:usual1h',
    type: 'gauge',
    help: 'Median of the messages of the same hour of up to 4 past weeks; shift: an hour earlier or later, as after a change of the clock.',
    labels: ['flow', 'partner', 'env', 'stage', 'shift'],
  }),
  unusual: define({
    name: 'flow_partner_env_stage_side:flow_messages:unusual',
    type: 'gauge',
    help: 'Messages of the last hour, where they are far fewer (below) or many more (above) than usual; absent elsewhere.',
    labels: ['flow', 'partner', 'env', 'stage', 'side'],
  }),
  foreseen: define({
    name: 'flow_partner_env_stage_indicator:flow_indicator:foreseen',
    type: 'gauge',
    help: 'The value of a signal or an indicator of which it is to be told ahead that it will cross a bound.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator'],
  }),
  boundForeseen: define({
    name: 'flow_env_stage_indicator_side:flow_indicator_bound:foreseen',
    type: 'gauge',
    help: 'The bound of which it is to be told ahead that a value will cross it, the nearest of a severity and side.',
    labels: ['flow', 'env', 'stage', 'indicator', 'severity', 'side'],
  }),
  trend: define({
    name: 'flow_partner_env_stage_indicator:flow_indicator:trend1h',
    type: 'gauge',
    help: 'How fast a value of which it is to be told ahead has grown in the last hour, per second.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator'],
  }),
  boundAhead: define({
    name: 'flow_partner_env_stage_indicator_side:flow_indicator_bound:ahead_seconds',
    type: 'gauge',
    help: 'In how long the value will be beyond its bound if it goes on as in the last hour, where that is soon; absent elsewhere.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'severity', 'side'],
  }),
  large: define({
    name: 'flow_env:flow_messages:large',
    type: 'gauge',
    help: 'Flows with more messages a day than the mean of those of their environment; absent elsewhere.',
    labels: ['flow', 'env'],
  }),
  leaving: define({
    name: 'flow_partner_env_stage:flow_messages:leaving',
    type: 'gauge',
    help: 'Of places at which something waits, the most messages per second that have passed within the last half hour; 0: they are stuck.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  backlogStuck: define({
    name: 'flow_partner_env_stage:flow_backlog_messages:growing',
    type: 'gauge',
    help: 'Messages waiting at the stage, where more wait than 30 minutes ago and none has passed it since; absent elsewhere.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  bound: define({
    name: 'flow_env_stage_indicator:flow_indicator_bound:settled',
    type: 'gauge',
    help: 'Bounds on what is computed, exactly one series for each, also while the catalogue restarts.',
    labels: ['flow', 'env', 'stage', 'indicator', 'statistic', 'severity', 'side', 'window'],
  }),
  boundWanted: define({
    name: 'flow_env_stage_indicator:flow_indicator_bound:wanted',
    type: 'gauge',
    help: 'What bounds want to be computed: which statistic over which window; always 1.',
    labels: ['flow', 'env', 'stage', 'indicator', 'statistic', 'window'],
  }),
  boundLeast: define({
    name: 'flow_env_stage_indicator:flow_indicator_bound:least_messages',
    type: 'gauge',
    help: 'Messages that must have passed for a bound to be judged, exactly one series for each, also while the catalogue restarts.',
    labels: ['flow', 'env', 'stage', 'indicator', 'statistic', 'window'],
  }),
  crossed: define({
    name: 'flow_env_stage_indicator:flow_indicator_bound:crossed',
    type: 'gauge',
    help: 'Bounds that must be crossed without a break and are crossed now, with any partner.',
    labels: ['flow', 'env', 'stage', 'indicator', 'statistic', 'severity', 'side', 'window'],
  }),
  suspect: define({
    name: 'flow_partner_env_stage_indicator:flow_signal:suspect',
    type: 'gauge',
    help: 'Signals and indicators that are beyond the loosest bound that must be crossed without a break.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator'],
  }),
  backlogAge: define({
    name: 'flow_partner_env_stage:flow_backlog_age_seconds:max',
    type: 'gauge',
    help: 'How long the oldest message has waited at the stage, 0 where none waits; only where a bound is on it.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  unanswered: define({
    name: 'flow_partner_env_stage:flow_response_pending:max',
    type: 'gauge',
    help: 'What waits for its answer, that of all paths together; only where a bound is on it.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  judgedMessages: define({
    name: 'flow_partner_env_stage:flow_messages:judged_rate5m',
    type: 'gauge',
    help: 'Messages per second that passed a stage, over 5 minutes; only where a bound is on what is counted, and where messages must be conserved.',
    labels: ['flow', 'partner', 'env', 'stage'],
  }),
  judgedDurations: define({
    name: 'flow_partner_env_stage_indicator_le:flow_duration:judged_rate5m',
    type: 'gauge',
    help: 'Messages per second by the time they took, over 5 minutes; only where a bound is on it. Indicator: duration, answer_time.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'asked', 'le'],
  }),
  judgedDurationSum: define({
    name: 'flow_partner_env_stage_indicator:flow_duration_sum:judged_rate5m',
    type: 'gauge',
    help: 'Seconds that messages took, per second, over 5 minutes; only where a bound is on it. Indicator: duration, answer_time.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'asked'],
  }),
  judgedDurationsMinute: define({
    name: 'flow_partner_env_stage_indicator_le:flow_duration:judged_rate1m',
    type: 'gauge',
    help: 'Messages per second by the time they took, over 1 minute; only where a bound over 1m is on it.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'asked', 'le'],
  }),
  judgedDurationSumMinute: define({
    name: 'flow_partner_env_stage_indicator:flow_duration_sum:judged_rate1m',
    type: 'gauge',
    help: 'Seconds that messages took, per second, over 1 minute; only where a bound over 1m is on it.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'asked'],
  }),
  judgedDurationsHour: define({
    name: 'flow_partner_env_stage_indicator_le:flow_duration:judged_sum1h',
    type: 'gauge',
    help: 'Messages of the last hour by the time they took; only where a bound is on it.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'asked', 'le'],
  }),
  judgedDurationSumHour: define({
    name: 'flow_partner_env_stage_indicator:flow_duration_sum:judged_sum1h',
    type: 'gauge',
    help: 'Seconds that the messages of the last hour took; only where a bound is on it.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'asked'],
  }),
  judgedGauge: define({
    name: 'flow_partner_env_stage_indicator:flow_signal:judged',
    type: 'gauge',
    help: 'Signals and indicators, only where a bound is on what they are over a time (avg, min, max, quantiles).',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator'],
  }),
  judgedGaugeOver: define({
    name: 'flow_partner_env_stage_indicator_window:flow_signal:judged',
    type: 'gauge',
    help: 'The same, once for each window that a bound names.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'window'],
  }),
  beyondBounds: define({
    name: 'flow_partner_env_stage_indicator:flow_bound:beyond',
    type: 'gauge',
    help: 'Signals and indicators beyond a bound, as far as anybody has seen; the value is theirs.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'statistic', 'severity', 'side', 'window'],
  }),
  outOfBounds: define({
    name: 'flow_partner_env_stage_indicator:flow_bound:out_of_bounds',
    type: 'gauge',
    help: 'Signals and indicators that are beyond a bound of their flow now; absent elsewhere. Statistic held: not yet for its window.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'statistic', 'severity', 'side', 'window'],
  }),
  boundHeard: define({
    name: 'flow_partner_env_stage_indicator:flow_bound:heard',
    type: 'gauge',
    help: 'What is out of bounds, without what planned work, closing hours and dependencies that are down keep silent.',
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'statistic', 'severity', 'side', 'window'],
  }),
  boundTold: define({
    name: 'flow_partner_env_stage_indicator:flow_bound:told',
    type: 'gauge',
    help: 'What is out of bounds as alerts tell it (told: critical, warning), with what they carry of the flow.',
    labels: [
      'flow',
      'partner',
      'env',
      'stage',
      'indicator',
      'statistic',
      'severity',
      'side',
      'window',
      'told',
      'team',
      'criticality',
      'priority',
      'title',
      'runbook_url',
      'origin',
    ],
  }),
  conservedStage: define({
    name: 'flow_env_stage:flow_conservation:position',
    type: 'gauge',
    help: 'The positions of the stages of flows whose messages must be conserved.',
    labels: ['flow', 'env', 'stage', 'origin'],
  }),
  conservationSettled: define({
    name: 'flow_env_stage_to_window:flow_conservation_tolerance:settled',
    type: 'gauge',
    help: 'The share of messages that may be missing between two stages, exactly one series for each flow and environment.',
    labels: ['flow', 'env', 'stage', 'to', 'window'],
  }),
  conservedPart: define({
    name: 'flow_env_stage_window_part:flow_conservation:stages',
    type: 'gauge',
    help: 'Stages of flows whose messages must be conserved: where they enter (in), leave (out), and after the one up to the other (between).',
    labels: ['flow', 'env', 'stage', 'window', 'part'],
  }),
  conservedFailed: define({
    name: 'flow_partner_env_stage_window_outcome:flow_messages_failed:conserved',
    type: 'gauge',
    help: 'Messages that failed at a stage of a flow in which they must be conserved, over the window. Absent where none did.',
    labels: ['flow', 'partner', 'env', 'stage', 'window', 'outcome'],
  }),
  conservedPassed: define({
    name: 'flow_partner_env_stage_window:flow_messages:conserved',
    type: 'gauge',
    help: 'Messages that passed a stage of such a flow without failing, over the window.',
    labels: ['flow', 'partner', 'env', 'stage', 'window'],
  }),
  conservedGrowth: define({
    name: 'flow_partner_env_stage_window:flow_backlog_messages:growth',
    type: 'gauge',
    help: 'Messages that wait at a stage of such a flow, less those that waited there when the window began.',
    labels: ['flow', 'partner', 'env', 'stage', 'window'],
  }),
  conservedIn: define({
    name: 'flow_partner_env_window:flow_messages:conserved_in',
    type: 'gauge',
    help: 'Messages that entered a flow in which they must be conserved.',
    labels: ['flow', 'partner', 'env', 'window'],
  }),
  conservedOut: define({
    name: 'flow_partner_env_window:flow_messages:conserved_out',
    type: 'gauge',
    help: 'Messages of such a flow that left it, were rejected on the way, or have come to wait on it.',
    labels: ['flow', 'partner', 'env', 'window'],
  }),
  conservedErrors: define({
    name: 'flow_partner_env_window:flow_messages:conserved_errors',
    type: 'gauge',
    help: 'Errors on the way through such a flow: each may have ended its message, or been tried again. Absent where there is none.',
    labels: ['flow', 'partner', 'env', 'window'],
  }),
  unaccounted: define({
    name: 'flow_partner_env_window:flow_messages:unaccounted',
    type: 'gauge',
    help: 'Messages that entered a flow and are nowhere (above 0), or left it without having entered (below 0), where they are more than the flow tolerates.',
    labels: ['flow', 'partner', 'env', 'stage', 'from', 'window'],
  }),
  pathsDisagree: define({
    name: 'flow_partner_env_stage_window:flow_messages:path_difference',
    type: 'gauge',
    help: 'By which share the messages of two paths of a stage differ, where that is beyond the tolerance of the flow.',
    labels: ['flow', 'partner', 'env', 'stage', 'path', 'other', 'window'],
  }),
  paritySettled: define({
    name: 'flow_env_stage_path_other_window:flow_parity_tolerance:settled',
    type: 'gauge',
    help: 'By how much the messages of two paths of a stage may differ, exactly one series for each flow and environment.',
    labels: ['flow', 'env', 'stage', 'path', 'other', 'window'],
  }),
  pathMessages: define({
    name: 'flow_partner_env_stage_path:flow_messages:judged_rate5m',
    type: 'gauge',
    help: 'Messages per second that passed a stage by each of its paths, over 5 minutes; only where two are compared.',
    labels: ['flow', 'partner', 'env', 'stage', 'path'],
  }),
  pathMessagesOver: define({
    name: 'flow_partner_env_stage_path_window:flow_messages:carried',
    type: 'gauge',
    help: 'Messages that passed a stage by a path, over the window of the comparison of its paths.',
    labels: ['flow', 'partner', 'env', 'stage', 'path', 'window'],
  }),
  pathOne: define({
    name: 'flow_partner_env_stage_path_other_window:flow_messages:one',
    type: 'gauge',
    help: 'Messages that passed a stage by the first of two paths that are compared.',
    labels: ['flow', 'partner', 'env', 'stage', 'path', 'other', 'window'],
  }),
  pathOther: define({
    name: 'flow_partner_env_stage_path_other_window:flow_messages:other',
    type: 'gauge',
    help: 'Messages that passed a stage by the second of two paths that are compared.',
    labels: ['flow', 'partner', 'env', 'stage', 'path', 'other', 'window'],
  }),
  pathMessagesHour: define({
    name: 'flow_partner_env_stage_path:flow_messages:judged_sum1h',
    type: 'gauge',
    help: 'Messages of the last hour that passed a stage by each of its paths; only where two are compared.',
    labels: ['flow', 'partner', 'env', 'stage', 'path'],
  }),
} as const;

/** Over these what is counted is judged, counters being read over 5 minutes; a bound over 1m is judged over 5m then. */
export const COUNTED_WINDOWS = ['5m', '15m', '30m', '1h', '1d'] as const;
export type CountedWindow = (typeof COUNTED_WINDOWS)[number];

/** Messages over a window, where a bound is on what is counted. */
export function judgedMessagesOver(window: CountedWindow) {
  return define({
    name: `flow_partner_env_stage:flow_messages:judged_sum${window}`,
    type: 'gauge',
    help: `Messages that passed a stage over ${window}; only where a bound is on what is counted, and where messages must be conserved.`,
    labels: ['flow', 'partner', 'env', 'stage'],
  });
}
export const judgedMessages = Object.fromEntries(COUNTED_WINDOWS.map((window) => [window, judgedMessagesOver(window)]));

/** What bounds are compared with, by their window. */
export function boundValue(window: '1m' | CountedWindow) {
  return define({
    name: `flow_partner_env_stage_indicator_statistic:flow_bound_value:over${window}`,
    type: 'gauge',
    help: `Statistics of signals and indicators over ${window}; only where a bound is on them, and of shares only where messages failed.`,
    labels: ['flow', 'partner', 'env', 'stage', 'indicator', 'statistic'],
  });
}
export const boundValues = Object.fromEntries((['1m', ...COUNTED_WINDOWS] as const).map((window) => [window, boundValue(window)]));

/** By what traffic is added up, and the labels that say so. */
export const TRAFFIC_LEVELS = {
  flow_partner_env: ['flow', 'partner', 'env'],
  flow_env: ['flow', 'env'],
  partner_env: ['partner', 'env'],
  team_env: ['team', 'env'],
  env: ['env'],
} as const;
export type TrafficLevel = keyof typeof TRAFFIC_LEVELS;
export const trafficLevels = ['flow_partner_env', 'flow_env', 'partner_env', 'team_env', 'env'] as const satisfies readonly TrafficLevel[];

/** What alerts on flows judge: each family records for itself what fails, what of it is heard, and what is told. */
const ALERT_FAMILIES = [
  'acknowledgements',
  'anomaly',
  'conservation',
  'files',
  'forecast',
  'freshness',
  'gates',
  'objectives',
  'parity',
  'stuck',
  'volume',
] as const;
export type AlertFamily = (typeof ALERT_FAMILIES)[number];

/** The series that the alerts of a family read; they look as the alerts do, value included. */
export function alertsOf(family: AlertFamily) {
  const labels = ['flow', 'partner', 'env', 'stage', 'alertname', 'severity'] as const;
  return {
    failing: define({
      name: `flow_env_alertname:flow_${family}:failing`,
      type: 'gauge',
      help: 'What fails by the alerts on flows (alertname, severity), whether somebody is told or not.',
      labels,
    }),
    heard: define({
      name: `flow_env_alertname:flow_${family}:heard`,
      type: 'gauge',
      help: 'What fails, without what planned work, closing hours and dependencies that are down keep silent.',
      labels,
    }),
    told: define({
      name: `flow_env_alertname:flow_${family}:told`,
      type: 'gauge',
      help: 'What alerts on flows tell: critical is a warning outside production and in planned work that relaxes it; with what they carry of the flow.',
      labels: [...labels, 'team', 'criticality', 'priority', 'origin', 'title', 'runbook_url'],
    }),
  };
}

export const alertSeries = Object.fromEntries(
  ALERT_FAMILIES.flatMap((family) => Object.entries(alertsOf(family)).map(([kind, metric]) => [`${family} ${kind}`, metric])),
);

/** Five minutes, hour, day, week, month. */
export const TRAFFIC_WINDOWS = ['5m', '1h', '1d', '7d', '30d'] as const;
export type TrafficWindow = (typeof TRAFFIC_WINDOWS)[number];

/** Messages that entered flows, those that failed on their way, and bytes, by level and window. */
export const traffic = Object.fromEntries(
  trafficLevels.flatMap((level) =>
    TRAFFIC_WINDOWS.flatMap((window) =>
      Object.entries(ofTraffic(level, window)).map(([kind, metric]) => [`${level} ${kind} ${window}`, metric]),
    ),
  ),
);

/** The recorded traffic of a level over a window. */
export function ofTraffic(level: TrafficLevel, window: TrafficWindow) {
  const labels = TRAFFIC_LEVELS[level];
  return {
    messages: define({
      name: `${level}:flow_messages:sum${window}`,
      type: 'gauge',
      help: `Messages that entered their flows over ${window}, each counted once: at the first stage at which messages are counted.`,
      labels,
    }),
    failed: define({
      name: `${level}_outcome:flow_messages_failed:sum${window}`,
      type: 'gauge',
      help: `Messages that failed (error, rejected) at any stage over ${window}; 0 from then on, absent where none ever failed.`,
      labels: [...labels, 'outcome'],
    }),
    failedRatio: define({
      name: `${level}_outcome:flow_messages_failed:ratio${window}`,
      type: 'gauge',
      help: `Share of the messages that failed (error, rejected), of those that entered over ${window}; absent where none entered, or none ever failed.`,
      labels: [...labels, 'outcome'],
    }),
    bytes: define({
      name: `${level}:flow_message_bytes:sum${window}`,
      type: 'gauge',
      help: `Bytes of messages over ${window}, at the stage of each flow at which most are counted.`,
      labels,
    }),
  };
}

export const QUANTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;

/** How long stages took over a window, all partners together. */
export function ofDuration(window: TrafficWindow) {
  const labels = ['flow', 'env', 'stage'] as const;
  const statistic = (name: string, what: string) =>
    define({
      name: `flow_env_stage:flow_stage_duration_seconds:${name}_${window}`,
      type: 'gauge',
      help: `${what} that messages took to pass the stage over ${window}, all partners together.`,
      labels,
    });
  return {
    buckets: define({
      name: `flow_env_stage_le:flow_stage_duration_seconds_bucket:rate${window}`,
      type: 'gauge',
      help: `Messages per second by the time they took to pass the stage, over ${window}.`,
      labels: [...labels, 'le'],
    }),
    sum: define({
      name: `flow_env_stage:flow_stage_duration_seconds_sum:rate${window}`,
      type: 'gauge',
      help: `Seconds that messages took to pass the stage, per second, over ${window}.`,
      labels,
    }),
    mean: statistic('mean', 'Mean time'),
    p50: statistic('p50', 'Median of the time'),
    p95: statistic('p95', '95th percentile of the time'),
    p99: statistic('p99', '99th percentile of the time'),
  };
}

export const durations = Object.fromEntries(
  TRAFFIC_WINDOWS.flatMap((window) => Object.entries(ofDuration(window)).map(([kind, metric]) => [`${kind} ${window}`, metric])),
);

/**
 * External labels of Prometheus that complete the links in alerts: where Grafana is, and where these docs are published.
 * Without them the links are relative. deploy/prometheus.yml drops them before alerts are sent.
 */
export const LINK_LABELS = { grafana: 'grafana_url', docs: 'vigie_docs_url' } as const;
