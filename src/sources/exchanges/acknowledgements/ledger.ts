// The books of outgoing files and their answers: what waits, and which files were seen before. Plain state, kept as one record; no I/O.

import { randomInt } from 'node:crypto';
import type { AccumulatorRecord } from '../../../domain/accumulator.js';
import { SourceError } from '../../kind.js';
import { FileTable } from '../file-table.js';
import { isRecord } from '../record.js';

/** More outgoing files than this do not wait for their answers at the same time. */
export const MOST_PENDING = 50_000;
const SEEDS = 2 ** 32;

/** What became of an answer that was seen. */
export const ANSWER = {
  done: 1,
  /** It was there before anything was counted: it settles what it answers, and is not counted. */
  before: 2,
  /** It was not whole when it was read: if it has not changed at the next look, it never will be. */
  again: 3,
} as const;

export interface Pending {
  /** When it was sent, in Unix seconds by the clock of the server. */
  readonly at: number;
  /** Place in the list of partners. */
  readonly partner: number;
}

export class Ledger {
  /** By key. */
  readonly pending = new Map<string, Pending>();
  /** Outgoing files that were there at the last look. */
  sent: FileTable;
  /** Answers that were there at the last look, with what became of them as tag. */
  answers: FileTable;
  /** Something was looked at before. */
  hasBegun = false;

  constructor(seed: number = randomInt(SEEDS)) {
    this.sent = new FileTable(seed);
    this.answers = new FileTable(seed);
  }

  record(partners: readonly string[], counts: AccumulatorRecord): Saved {
    return {
      version: 1,
      seed: this.sent.seed,
      partners,
      pending: Array.from(this.pending, ([key, { at, partner }]) => [key, at, partner] as const),
      sent: this.sent.encode(),
      answers: this.answers.encode(),
      counts,
    };
  }

  /** @param partners as the YAML has them now: what is of one that is not declared any more is not waited for */
  static restore({ seed, partners: before, pending, sent, answers }: Saved, partners: readonly string[]): Ledger {
    const ledger = new Ledger(seed);
    for (const [key, at, partner] of pending) {
      const place = partners.indexOf(before[partner] ?? '');
      if (place >= 0) ledger.pending.set(key, { at, partner: place });
    }
    try {
      ledger.sent = FileTable.decode(seed, sent);
      ledger.answers = FileTable.decode(seed, answers);
    } catch {
      throw notOurs();
    }
    ledger.hasBegun = true;
    return ledger;
  }
}

export interface Saved {
  readonly version: 1;
  readonly seed: number;
  readonly partners: readonly string[];
  readonly pending: readonly (readonly [string, number, number])[];
  readonly sent: string;
  readonly answers: string;
  readonly counts: AccumulatorRecord;
}

/** @returns undefined where there is none yet @throws SourceError of class `state` where it is none of ours */
export function readSaved(value: unknown): Saved | undefined {
  if (value === undefined) return undefined;
  if (isSaved(value)) return value;
  throw notOurs();
}

function notOurs(): SourceError {
  const mend = 'put back a copy of it, or delete it to begin anew with the files that are there';
  return new SourceError('state', 'state', `the record of the ledger is not one that this version of Vigie writes: ${mend}`);
}

function isSaved(value: unknown): value is Saved {
  if (!isRecord(value) || value['version'] !== 1) return false;
  const { seed, partners, pending, sent, answers, counts } = value;
  return (
    typeof seed === 'number' &&
    Array.isArray(partners) &&
    Array.isArray(pending) &&
    pending.every(isPending) &&
    typeof sent === 'string' &&
    typeof answers === 'string' &&
    isRecord(counts) &&
    Array.isArray(counts['scalars']) &&
    Array.isArray(counts['histograms'])
  );
}

function isPending(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number' && typeof value[2] === 'number';
}
