// The flows that the demo exchange simulates, and how long they take: those of exporters.yaml and exporters.d/.

export interface SimulatedStage {
  readonly name: string;
  /** Mean time from the arrival at the stage until it is passed. */
  readonly meanMs: number;
  /** Share of the messages that end here with an error or a refusal. */
  readonly errors?: number;
  readonly refusals?: number;
}

export interface SimulatedPartner {
  readonly name: string;
  /** Mean time between two messages. */
  readonly everyMs: number;
}

/** Where messages arrive as files, before the first stage is passed. */
export interface Inbox {
  /** Below the root of the SFTP server. */
  readonly directory: string;
  fileName(partner: string, number: number, at: Date): string;
}

export interface SimulatedFlow {
  readonly name: string;
  readonly partners: readonly SimulatedPartner[];
  readonly stages: readonly [SimulatedStage, ...SimulatedStage[]];
  /** Files for inbound flows; others start inside. */
  readonly inbox?: Inbox;
  /** Where what has passed is written: a line in the log, or a row in the table `history`. */
  readonly record: 'log' | 'history';
  /** Codes with which messages are refused. */
  readonly codes: readonly [string, ...string[]];
}

export const FLOWS: readonly SimulatedFlow[] = [
  {
    name: 'factures-tge',
    partners: [
      { name: 'chuv', everyMs: 1_500 },
      { name: 'hug', everyMs: 2_500 },
      { name: 'hirslanden', everyMs: 4_000 },
    ],
    stages: [
      { name: 'received', meanMs: 4_000 },
      { name: 'validated', meanMs: 700, refusals: 0.03 },
      { name: 'routed', meanMs: 300 },
      { name: 'processed', meanMs: 2_500, errors: 0.015 },
      { name: 'answered', meanMs: 1_500, errors: 0.005 },
    ],
    inbox: {
      directory: 'in/tge',
      fileName: (partner, number, at) => `${partner}_${at.toISOString().slice(0, 10).replaceAll('-', '')}_${number}.xml`,
    },
    record: 'log',
    codes: ['TGE-101-unknown-insured', 'TGE-204-tariff-expired', 'TGE-310-duplicate'],
  },
  {
    name: 'attestations',
    partners: [
      { name: 'chuv', everyMs: 6_000 },
      { name: 'hug', everyMs: 9_000 },
    ],
    stages: [
      { name: 'sent', meanMs: 1_500 },
      { name: 'acknowledged', meanMs: 12_000, refusals: 0.01 },
    ],
    record: 'history',
    codes: ['ATT-001-address-unknown'],
  },
  {
    name: 'cotisations',
    partners: [{ name: 'caisse-avs', everyMs: 8_000 }],
    stages: [
      { name: 'received', meanMs: 9_000 },
      { name: 'booked', meanMs: 6_000, errors: 0.02 },
    ],
    inbox: { directory: 'in/cotisations', fileName: (partner, number) => `${partner}-${number}.csv` },
    record: 'history',
    codes: ['COT-017-period-closed'],
  },
];
