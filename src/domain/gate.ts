// Gates: one side opens or declines what the other side wants to let through. Whether they are open, by what sources say of them. Pure. EN4.

import type { Labels } from './observation.js';

const DECISIONS = ['opened', 'declined', 'undecided'] as const;
type Decision = (typeof DECISIONS)[number];

/** A series of `flow_gate_cut_off_timestamp_seconds`. */
export interface CutOff {
  readonly labels: Labels;
  /** Unix seconds. */
  readonly value: number;
}

/** One gate, and what is decided of it. */
export interface Gate {
  readonly gate: string;
  readonly env: string;
  /** Into which environment it leads, and for whom, where its source says so. */
  readonly toEnv: string | undefined;
  readonly partner: string | undefined;
  /** `disputed`: one source says this, another one that; `unknown`: nobody has seen it. */
  readonly decision: Decision | 'disputed' | 'unknown';
  /** Milliseconds since the Unix epoch; undefined where no source says. */
  readonly cutOff: number | undefined;
}

export interface Verdict {
  /** Whether there are gates, and all of them are opened. */
  readonly go: boolean;
  /** Why not, in a few words each; empty where it is go. */
  readonly reasons: readonly string[];
  readonly gates: readonly Gate[];
}

/**
 * It is go only where each gate was seen just now to be opened: what is undecided, declined, disputed or not seen is not.
 *
 * @param said labels of the series of `flow_gate` that are above 0
 * @param wanted names of the gates that must be open; none: all that are known
 */
export function decide(said: readonly Labels[], cutOffs: readonly CutOff[], wanted: readonly string[]): Verdict {
  const times = new Map(cutOffs.map(({ labels, value }) => [identityOf(labels), value * 1000]));
  const known = Map.groupBy([...said, ...cutOffs.map(({ labels }) => labels)], identityOf);
  const seen = [...known].map(([identity, labels]) => gateOf(labels, times.get(identity)));
  const chosen = wanted.length === 0 ? seen : seen.filter(({ gate }) => wanted.includes(gate));
  const missing = wanted.filter((name) => !seen.some(({ gate }) => gate === name)).map(unseen);
  const gates = [...chosen, ...missing].toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const reasons = gates.length === 0 ? ['no gate is known'] : gates.flatMap(reasonAgainst);
  return { go: reasons.length === 0, reasons, gates };
}

/** As people read it: `P12 to prod for chuv`. */
export function nameOf({ gate, toEnv, partner }: Pick<Gate, 'gate' | 'toEnv' | 'partner'>): string {
  return [gate, ...(toEnv === undefined ? [] : [`to ${toEnv}`]), ...(partner === undefined ? [] : [`for ${partner}`])].join(' ');
}

function identityOf({ gate, env, to_env: toEnv, partner }: Labels): string {
  return JSON.stringify([gate, env, toEnv, partner]);
}

function gateOf(labels: readonly Labels[], cutOff: number | undefined): Gate {
  const [{ gate = '', env = '', to_env: toEnv, partner } = {}] = labels;
  const decisions = new Set(labels.flatMap(({ decision }) => (decision === undefined ? [] : [decisionOf(decision)])));
  const [first = 'undecided'] = decisions;
  return { gate, env, toEnv, partner, decision: decisions.size > 1 ? 'disputed' : first, cutOff };
}

/** A word that is none of the three decides nothing. */
function decisionOf(word: string): Decision {
  return DECISIONS.find((known) => known === word) ?? 'undecided';
}

function unseen(gate: string): Gate {
  return { gate, env: '', toEnv: undefined, partner: undefined, decision: 'unknown', cutOff: undefined };
}

function reasonAgainst(gate: Gate): string[] {
  if (gate.decision === 'opened') return [];
  if (gate.decision === 'disputed') return [`of ${nameOf(gate)} one source says this, another one that`];
  return [gate.decision === 'unknown' ? `nobody has seen ${nameOf(gate)} in the last minutes` : `${nameOf(gate)} is ${gate.decision}`];
}
