// What the exporters say of each flow, partner and stage now, taken together over all of them.

import { observed, type Signal } from '../conventions.js';
import type { StatusSample } from '../exporter/status.js';
import type { ExporterView } from './exporters.js';

/** What is seen at one place. Undefined is what nobody says; it is never 0. */
export interface Reading {
  /** All messages that passed, whatever became of them. */
  readonly messages: number | undefined;
  readonly errors: number | undefined;
  readonly rejected: number | undefined;
  /** Growth over the last minute. */
  readonly perMinute: number | undefined;
  readonly errorsPerMinute: number | undefined;
  readonly rejectedPerMinute: number | undefined;
  /** Milliseconds since the Unix epoch; 0 means never. */
  readonly lastMessageAt: number | undefined;
  readonly backlog: number | undefined;
  /** Milliseconds since the Unix epoch; 0 means that none waits. */
  readonly oldestAt: number | undefined;
}

export const NO_READING: Reading = {
  messages: undefined,
  errors: undefined,
  rejected: undefined,
  perMinute: undefined,
  errorsPerMinute: undefined,
  rejectedPerMinute: undefined,
  lastMessageAt: undefined,
  backlog: undefined,
  oldestAt: undefined,
};

/** Growth in a minute of a counter of an exporter, where it is known. */
export type PerMinute = (source: string, sample: StatusSample) => number | undefined;

export interface Place {
  readonly flow: string;
  readonly env: string;
  readonly stage: string;
}

export interface Readings {
  at(flow: string, env: string, stage: string, partner: string): Reading;
  /** Whether the source speaks of the signal at the stage now, for any partner. */
  isSeen(source: string, signal: Signal, place: Place): boolean;
}

/** Reads the exporters that answer. Where two of them speak of one place (batch and streaming, say), they are added up. */
export function takeReadings(exporters: readonly ExporterView[], perMinute: PerMinute): Readings {
  const found = new Map<string, Reading>();
  const seen = new Set<string>();
  for (const { source, status } of exporters) {
    for (const sample of status?.samples ?? []) {
      const { flow, env = '', stage, partner = '' } = sample.labels;
      if (flow === undefined || stage === undefined) continue;
      seen.add([source, sample.metric, flow, env, stage].join('\n'));
      const part = read(sample, source, perMinute);
      if (!part) continue;
      const key = [flow, env, stage, partner].join('\n');
      found.set(key, both(found.get(key) ?? NO_READING, { ...NO_READING, ...part }));
    }
  }
  return {
    at: (...place) => found.get(place.join('\n')) ?? NO_READING,
    isSeen: (source, signal, { flow, env, stage }) => seen.has([source, observed[signal].name, flow, env, stage].join('\n')),
  };
}

/** Takes places together: amounts are added, the newest message and the oldest waiting one stay. */
export function combine(readings: readonly Reading[]): Reading {
  let all = NO_READING;
  for (const reading of readings) all = both(all, reading);
  return all;
}

function both(a: Reading, b: Reading): Reading {
  return {
    messages: join(a.messages, b.messages, add),
    errors: join(a.errors, b.errors, add),
    rejected: join(a.rejected, b.rejected, add),
    perMinute: join(a.perMinute, b.perMinute, add),
    errorsPerMinute: join(a.errorsPerMinute, b.errorsPerMinute, add),
    rejectedPerMinute: join(a.rejectedPerMinute, b.rejectedPerMinute, add),
    lastMessageAt: join(a.lastMessageAt, b.lastMessageAt, Math.max),
    backlog: join(a.backlog, b.backlog, add),
    oldestAt: join(a.oldestAt, b.oldestAt, older),
  };
}

function read(sample: StatusSample, source: string, perMinute: PerMinute): Partial<Reading> | undefined {
  const { metric, labels, value } = sample;
  switch (metric) {
    case observed.messages.name:
      return readMessages(labels['outcome'], value, perMinute(source, sample));
    case observed.last_message.name:
      return { lastMessageAt: value * 1000 };
    case observed.backlog.name:
      return { backlog: value };
    case observed.backlog_oldest.name:
      return { oldestAt: value * 1000 };
    default:
      return undefined;
  }
}

function readMessages(outcome: string | undefined, messages: number, perMinute: number | undefined): Partial<Reading> {
  if (outcome === 'error') return { messages, errors: messages, perMinute, errorsPerMinute: perMinute };
  if (outcome === 'rejected') return { messages, rejected: messages, perMinute, rejectedPerMinute: perMinute };
  return { messages, perMinute };
}

function join(a: number | undefined, b: number | undefined, how: (a: number, b: number) => number): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : how(a, b);
}

function add(a: number, b: number): number {
  return a + b;
}

/** 0 means that none waits: then the other one is the older. */
function older(a: number, b: number): number {
  return a === 0 || b === 0 ? a + b : Math.min(a, b);
}
