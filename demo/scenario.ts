// What goes wrong on purpose, by scenario. The minutes before the start are always normal.

export const SCENARIOS = ['normal', 'partner-down', 'backlog', 'late', 'rejects'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const DESCRIPTIONS: Readonly<Record<Scenario, string>> = {
  normal: 'everything works; a few messages fail, as they do',
  'partner-down': 'the endpoint of hug answers 503, no file comes from hug, and nothing can be answered to it',
  backlog: 'the stage processed nearly stops: messages pile up in front of it',
  late: 'everything takes five times as long, and nothing arrives from hirslanden',
  rejects: 'nearly half of the messages are refused, with their codes',
};

/** The place a message is at. */
export interface Spot {
  readonly flow: string;
  readonly partner: string;
  readonly stage: string;
}

/** What a scenario changes. */
export interface Conditions {
  /** Nothing new arrives of this flow from this partner. */
  silent(flow: string, partner: string): boolean;
  /** How many times longer than usual the stage takes. */
  slowness(spot: Spot): number;
  /** Share of messages refused at stages that refuse. */
  refusals(usual: number): number;
  /** What the health page of the partner's endpoint answers, and how much later than usual. */
  health(partner: string): { readonly status: number; readonly delayMs: number };
}

const NORMAL: Conditions = {
  silent: () => false,
  slowness: () => 1,
  refusals: (usual) => usual,
  health: () => ({ status: 200, delayMs: 0 }),
};

/** So slow that next to nothing passes while somebody watches. */
const STANDSTILL = 1_000;

export const CONDITIONS: Readonly<Record<Scenario, Conditions>> = {
  normal: NORMAL,
  'partner-down': {
    ...NORMAL,
    silent: (_flow, partner) => partner === 'hug',
    slowness: ({ partner, stage }) => (partner === 'hug' && ['answered', 'acknowledged'].includes(stage) ? STANDSTILL : 1),
    health: (partner) => ({ status: partner === 'hug' ? 503 : 200, delayMs: 0 }),
  },
  backlog: { ...NORMAL, slowness: ({ stage }) => (stage === 'processed' ? STANDSTILL : 1) },
  late: {
    ...NORMAL,
    silent: (_flow, partner) => partner === 'hirslanden',
    slowness: () => 5,
    health: () => ({ status: 200, delayMs: 1_200 }),
  },
  rejects: { ...NORMAL, refusals: (usual) => (usual > 0 ? 0.45 : 0) },
};
