// The rows that the worked queries of all engines are run on, and the series that they must give.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Whole seconds, which every engine holds exactly. */
const NOW = Math.floor(Date.now() / SECOND) * SECOND;

export type Value = string | number | Date | null;
export type TableRow = Readonly<Record<string, Value>>;
/** Rows by table. */
export type Rows = Readonly<Record<string, readonly TableRow[]>>;

function ago(ms: number): Date {
  return new Date(NOW - ms);
}

function unix(ms: number): number {
  return (NOW - ms) / SECOND;
}

/** A message that has been processed; the ages in milliseconds. */
interface Processed {
  readonly partner: string;
  readonly outcome?: string;
  readonly code?: string | null;
  readonly bytes?: number;
  readonly took?: number;
  readonly received: number;
  readonly processed: number;
  readonly answered: number | null;
}

function history({ partner, outcome = 'ok', code = null, bytes = 1, took = 1, received, processed, answered }: Processed): TableRow {
  return {
    flow: 'factures',
    partner,
    outcome,
    reject_code: code,
    bytes,
    duration_ms: took,
    received_at: ago(received),
    processed_at: ago(processed),
    answered_at: answered === null ? null : ago(answered),
  };
}

/** `count` messages rejected with the code, unanswered. */
function rejected(code: string, count: number, processed: number): TableRow[] {
  return Array.from({ length: count }, () =>
    history({ partner: 'chuv', outcome: 'rejected', code, received: processed + MINUTE, processed, answered: null }),
  );
}

function waiting(partner: string, stage: string, age: number): TableRow {
  return { flow: 'factures', partner, stage, arrived_at: ago(age) };
}

function load(from: string, to: string, age: number): TableRow {
  return { from_env: from, to_env: to, loaded_at: ago(age) };
}

const CODES = Array.from({ length: 12 }, (_, place) => ({ code: `E${String(place + 1).padStart(2, '0')}`, count: place + 1 }));

/** What is there before an exporter has ever run. */
export const FIRST_ROWS: Rows = {
  pending: [
    waiting('chuv', 'validated', 30 * MINUTE),
    waiting('chuv', 'validated', 90 * MINUTE),
    waiting('chuv', 'processed', 5 * MINUTE),
    waiting('hug', 'answered', 2 * DAY),
  ],
  history: [
    history({ partner: 'chuv', bytes: 4096, received: 8 * HOUR, processed: 7 * HOUR, answered: 6 * HOUR }),
    ...CODES.flatMap(({ code, count }) => rejected(code, count, 10 * MINUTE)),
    ...rejected('E01', 20, 2 * HOUR),
  ],
  environments: ['dev', 'qualification', 'acceptance', 'preprod', 'prod'].map((name, place) => ({ name, height: place + 1 })),
  data_loads: [
    load('prod', 'preprod', HOUR),
    load('prod', 'preprod', 2 * HOUR),
    load('preprod', 'dev', 3 * HOUR),
    load('acceptance', 'acceptance', 4 * HOUR),
    load('qualification', 'prod', 5 * HOUR),
    load('prod', 'laptop', 6 * HOUR),
    load('dev', 'prod', 2 * DAY),
  ],
  deliveries: [
    { name: '2026.03', to_env: 'preprod', packages: 3, delivered_at: ago(HOUR) },
    { name: '2026.02', to_env: 'prod', packages: 1, delivered_at: ago(2 * DAY) },
    { name: '2026.02.1', to_env: 'prod', packages: 2, delivered_at: ago(3 * DAY) },
    { name: '2025.12', to_env: 'prod', packages: 9, delivered_at: ago(30 * DAY) },
  ],
  packages: [
    { delivery: '2026.03', name: 'invoices.zip' },
    { delivery: '2026.03', name: 'portal.zip' },
    { delivery: '2026.02', name: 'portal.zip' },
  ],
};

/** What comes while it runs, one after the other. */
export const LATER_ROWS: readonly [Rows, Rows] = [
  {
    history: [
      history({ partner: 'chuv', bytes: 1000, took: 1500, received: 5 * HOUR, processed: 3 * HOUR, answered: 150 * MINUTE }),
      history({
        partner: 'chuv',
        outcome: 'rejected',
        code: 'E99',
        bytes: 200,
        took: 40,
        received: 130 * MINUTE,
        processed: 125 * MINUTE,
        answered: 2 * HOUR,
      }),
      history({ partner: 'hug', bytes: 3000, took: 250, received: 2 * HOUR, processed: 100 * MINUTE, answered: null }),
    ],
  },
  { history: [history({ partner: 'hug', bytes: 500, took: 90_000, received: 3 * DAY, processed: 2 * DAY, answered: HOUR })] },
];

/** The series of the queries that tell how things are now. */
export const STATES: Readonly<Record<string, readonly string[]>> = {
  waiting: [
    'flow_backlog_messages{flow=factures,partner=chuv,stage=answered} 0',
    'flow_backlog_messages{flow=factures,partner=chuv,stage=processed} 1',
    'flow_backlog_messages{flow=factures,partner=chuv,stage=validated} 2',
    'flow_backlog_messages{flow=factures,partner=hug,stage=answered} 1',
    'flow_backlog_messages{flow=factures,partner=hug,stage=processed} 0',
    'flow_backlog_messages{flow=factures,partner=hug,stage=validated} 0',
    'flow_backlog_oldest_timestamp_seconds{flow=factures,partner=chuv,stage=answered} 0',
    `flow_backlog_oldest_timestamp_seconds{flow=factures,partner=chuv,stage=processed} ${unix(5 * MINUTE)}`,
    `flow_backlog_oldest_timestamp_seconds{flow=factures,partner=chuv,stage=validated} ${unix(90 * MINUTE)}`,
    `flow_backlog_oldest_timestamp_seconds{flow=factures,partner=hug,stage=answered} ${unix(2 * DAY)}`,
    'flow_backlog_oldest_timestamp_seconds{flow=factures,partner=hug,stage=processed} 0',
    'flow_backlog_oldest_timestamp_seconds{flow=factures,partner=hug,stage=validated} 0',
  ],
  rejects: CODES.slice(-10).map(({ code, count }) => `exchange_rejected_messages{code=${code}} ${count}`),
  loads: [
    'exchange_data_loads{from_env=acceptance,to_env=acceptance,direction=same} 1',
    'exchange_data_loads{from_env=preprod,to_env=dev,direction=down} 1',
    'exchange_data_loads{from_env=prod,to_env=laptop,direction=up} 1',
    'exchange_data_loads{from_env=prod,to_env=preprod,direction=down} 2',
    'exchange_data_loads{from_env=qualification,to_env=prod,direction=up} 1',
  ],
  deliveries: [
    'exchange_delivery_packages_delivered{delivery=2026.02,to_env=prod} 1',
    'exchange_delivery_packages_delivered{delivery=2026.02.1,to_env=prod} 0',
    'exchange_delivery_packages_delivered{delivery=2026.03,to_env=preprod} 2',
    'exchange_delivery_packages_expected{delivery=2026.02,to_env=prod} 1',
    'exchange_delivery_packages_expected{delivery=2026.02.1,to_env=prod} 2',
    'exchange_delivery_packages_expected{delivery=2026.03,to_env=preprod} 3',
  ],
  ping: ['exchange_database_answer{} 1'],
};

/** What the incremental queries have counted, after the first and after all of the later rows. */
export const COUNTS: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  processed: [
    [
      'flow_message_bytes_total{flow=factures,partner=chuv,stage=processed} 1200',
      'flow_message_bytes_total{flow=factures,partner=hug,stage=processed} 3000',
      'flow_messages_total{flow=factures,partner=chuv,stage=processed,outcome=error} 0',
      'flow_messages_total{flow=factures,partner=chuv,stage=processed,outcome=ok} 1',
      'flow_messages_total{flow=factures,partner=chuv,stage=processed,outcome=rejected} 1',
      'flow_messages_total{flow=factures,partner=hug,stage=processed,outcome=error} 0',
      'flow_messages_total{flow=factures,partner=hug,stage=processed,outcome=ok} 1',
      'flow_messages_total{flow=factures,partner=hug,stage=processed,outcome=rejected} 0',
      'flow_stage_duration_seconds{flow=factures,partner=chuv,stage=processed} 2 in 1.54 s: 1 to 0.1, 2 to 2.5',
      'flow_stage_duration_seconds{flow=factures,partner=hug,stage=processed} 1 in 0.25 s: 1 to 0.25',
    ],
    [
      'flow_message_bytes_total{flow=factures,partner=chuv,stage=processed} 1200',
      'flow_message_bytes_total{flow=factures,partner=hug,stage=processed} 3500',
      'flow_messages_total{flow=factures,partner=chuv,stage=processed,outcome=error} 0',
      'flow_messages_total{flow=factures,partner=chuv,stage=processed,outcome=ok} 1',
      'flow_messages_total{flow=factures,partner=chuv,stage=processed,outcome=rejected} 1',
      'flow_messages_total{flow=factures,partner=hug,stage=processed,outcome=error} 0',
      'flow_messages_total{flow=factures,partner=hug,stage=processed,outcome=ok} 2',
      'flow_messages_total{flow=factures,partner=hug,stage=processed,outcome=rejected} 0',
      'flow_stage_duration_seconds{flow=factures,partner=chuv,stage=processed} 2 in 1.54 s: 1 to 0.1, 2 to 2.5',
      'flow_stage_duration_seconds{flow=factures,partner=hug,stage=processed} 2 in 90.25 s: 1 to 0.25, 2 to 120',
    ],
  ],
  answered: [
    ['exchange_end_to_end_seconds{flow=factures,partner=chuv} 2 in 9600 s: 1 to 900, 2 to 14400'],
    [
      'exchange_end_to_end_seconds{flow=factures,partner=chuv} 2 in 9600 s: 1 to 900, 2 to 14400',
      'exchange_end_to_end_seconds{flow=factures,partner=hug} 1 in 255600 s: 1 to 345600',
    ],
  ],
};

/** What a server answers to a query that tells how things are now, for a double that cannot compute it. */
export const ANSWERS: Readonly<Record<string, readonly TableRow[]>> = {
  waiting: [
    { flow: 'factures', partner: 'chuv', stage: 'validated', messages: 2, oldest: ago(90 * MINUTE) },
    { flow: 'factures', partner: 'chuv', stage: 'processed', messages: 1, oldest: ago(5 * MINUTE) },
    { flow: 'factures', partner: 'hug', stage: 'answered', messages: 1, oldest: ago(2 * DAY) },
  ],
  rejects: CODES.slice(-10)
    .toReversed()
    .map(({ code, count }) => ({ code, messages: count })),
  loads: [
    { from_env: 'prod', to_env: 'preprod', direction: 'down', loads: 2 },
    { from_env: 'preprod', to_env: 'dev', direction: 'down', loads: 1 },
    { from_env: 'acceptance', to_env: 'acceptance', direction: 'same', loads: 1 },
    { from_env: 'qualification', to_env: 'prod', direction: 'up', loads: 1 },
    { from_env: 'prod', to_env: 'laptop', direction: 'up', loads: 1 },
  ],
  deliveries: [
    { delivery: '2026.03', to_env: 'preprod', expected: 3, delivered: 2 },
    { delivery: '2026.02', to_env: 'prod', expected: 1, delivered: 1 },
    { delivery: '2026.02.1', to_env: 'prod', expected: 2, delivered: 0 },
  ],
  ping: [{ answer: 1 }],
};

/** INSERT statements for the rows. @param literal how the engine writes a time */
export function inserts(rows: Rows, literal: (time: Date) => string): string {
  const valueOf = (value: Value) => {
    if (value === null) return 'NULL';
    if (value instanceof Date) return literal(value);
    return typeof value === 'number' ? String(value) : `'${value}'`;
  };
  return Object.entries(rows)
    .map(([table, entries]) => {
      const columns = Object.keys(entries[0] ?? {});
      const tuples = entries.map((entry) => `(${columns.map((column) => valueOf(entry[column] ?? null)).join(', ')})`);
      return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples.join(', ')};`;
    })
    .join('\n');
}
