// What a log source keeps over restarts: how far it has read, what it has counted, and what is open. One record, so that no line counts twice.

import type { AccumulatorRecord } from '../../domain/accumulator.js';
import { SourceError } from '../kind.js';

export interface LogRecord {
  readonly version: 1;
  /** As the reader of files writes it. */
  readonly reading: unknown;
  readonly counts: AccumulatorRecord;
  /** By the names of the correlations. */
  readonly open: Readonly<Record<string, unknown>>;
}

/** @returns undefined where there is none yet @throws SourceError of class `state` where it is none of ours */
export function readLogRecord(value: unknown): LogRecord | undefined {
  if (value === undefined) return undefined;
  if (isLogRecord(value)) return value;
  throw new SourceError(
    'state',
    'state',
    'the record of the source is not one that this version of Vigie writes: put back a copy of it, or delete it to begin anew as `from` says',
  );
}

function isLogRecord(value: unknown): value is LogRecord {
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return false;
  if (!('reading' in value) || !('counts' in value) || !('open' in value)) return false;
  const { counts, open } = value;
  if (typeof open !== 'object' || open === null || typeof counts !== 'object' || counts === null) return false;
  return 'scalars' in counts && Array.isArray(counts.scalars) && 'histograms' in counts && Array.isArray(counts.histograms);
}
