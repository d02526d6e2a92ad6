// The YAML of an exporter under torture, and what a message must count by it.

import { MAX_LINE, type Form, type Message } from './forms.js';
import type { Tally } from './tally.js';

export const SOURCE = 'exchange';
export const PARTNERS = ['chuv', 'hug'] as const;

/** Families of which every series is compared, those too that nobody expects. */
export const COMPARED: readonly string[] = [
  'flow_messages_total',
  'flow_message_bytes_total',
  'torture_records_total',
  'torture_ids_total',
  'vigie_log_lines_total',
  'vigie_log_lost_bytes_total',
];

/** @param title changes nothing but the digest of the configuration */
export function exporterYaml(form: Form, globs: readonly string[], title: string): string {
  const received = { event: 'received' };
  const source = {
    kind: 'log',
    title,
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
      { name: 'torture_records_total', help: 'Records by word, which tells a wrong encoding.', when: received, labels: ['writer', 'word'] },
      {
        name: 'torture_ids_total',
        help: 'Sum of ids, which tells one lost and another twice.',
        when: received,
        labels: ['writer'],
        value: 'id',
      },
    ],
  };
  // JSON is YAML.
  return JSON.stringify({
    teams: { exchange: { email: 'exchange@example.org' } },
    partners: Object.fromEntries(PARTNERS.map((partner) => [partner, {}])),
    flows: {
      invoices: { title: 'Invoices', team: 'exchange', direction: 'inbound', partners: PARTNERS, stages: ['received'] },
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
  tally.add('vigie_log_lines_total', { result: 'matched' });
}
