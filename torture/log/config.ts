// The YAML of an exporter under torture, and what a message must count by it.

import { MAX_LINE, PARTNERS, type Form, type Message } from './forms.js';
import type { Tally } from './tally.js';

export const SOURCE = 'exchange';

/** Bounds of buckets. */
const SIZES = [1000, 50_000];

/** Samples of which every series is compared, those too that nobody expects. */
export const COMPARED: readonly string[] = [
  'flow_messages_total',
  'flow_message_bytes_total',
  'torture_records_total',
  'torture_ids_total',
  'torture_sizes_bucket',
  'torture_sizes_sum',
  'torture_sizes_count',
  'flow_backlog_messages',
  'flow_stage_duration_seconds_count',
  'vigie_log_correlations_total',
  'vigie_log_lines_total',
  'vigie_log_lost_bytes_total',
];

/** @param turn tells one YAML from the other; every other one has one rule more */
export function exporterYaml(form: Form, globs: readonly string[], turn: number): string {
  const received = { event: 'received' };
  const source = {
    kind: 'log',
    title: `Torture ${turn}`,
    interval: '1s',
    files: globs,
    from: 'start',
    max_line: MAX_LINE,
    ...form.yaml,
    events: [
      {
        when: received,
        flow: 'invoices',
        stage: 'received',
        partner: { from: 'partner' },
        outcome: { from: 'status', map: { OK: 'ok', KO: 'error' } },
        bytes: 'size',
      },
    ],
    metrics: [
      ...(turn % 2 === 0 ? [{ name: 'extra_total', help: 'Now and then there.', when: received, labels: ['partner'] }] : []),
      { name: 'torture_records_total', help: 'Records by word, which tells a wrong encoding.', when: received, labels: ['writer', 'word'] },
      {
        name: 'torture_ids_total',
        help: 'Sum of ids, which tells one lost and another twice.',
        when: received,
        labels: ['writer'],
        value: 'id',
      },
      { name: 'torture_sizes', help: 'Sizes.', type: 'histogram', buckets: SIZES, when: received, labels: ['writer'], value: 'size' },
    ],
  };
  // JSON is YAML.
  return JSON.stringify({
    teams: { exchange: { email: 'exchange@example.org' } },
    partners: Object.fromEntries(PARTNERS.map((partner) => [partner, {}])),
    flows: {
      invoices: { title: 'Invoices', team: 'exchange', direction: 'inbound', partners: PARTNERS, stages: ['received', 'processed'] },
    },
    sources: { [SOURCE]: source },
  });
}

/** What the exporter must count for it. */
export function expectMessage(tally: Tally, { id, writer, partner, status, size, word }: Message): void {
  const flow = { flow: 'invoices', partner, stage: 'received' };
  tally.add('flow_messages_total', { ...flow, outcome: status === 'OK' ? 'ok' : 'error' });
  tally.add('flow_message_bytes_total', flow, size);
  tally.add('torture_records_total', { writer, word });
  tally.add('torture_ids_total', { writer }, id);
  for (const bound of [...SIZES, Infinity]) {
    tally.add('torture_sizes_bucket', { writer, le: bound === Infinity ? '+Inf' : String(bound) }, size <= bound ? 1 : 0);
  }
  tally.add('torture_sizes_sum', { writer }, size);
  tally.add('torture_sizes_count', { writer });
  tally.add('vigie_log_lines_total', { result: 'matched' });
}
