// How far a source has read, as one record that JSON can hold.

import { SourceError } from '../../kind.js';
import type { Mark, Within } from './mark.js';

interface MarkRecord {
  readonly position: number;
  readonly head: string;
  readonly tail: string;
  readonly within?: NonNullable<Within>;
}

export interface FileRecord extends MarkRecord {
  /** Device, inode and birth time. */
  readonly id: string;
  /** The most bytes it was seen to have. */
  readonly size: number;
}

export interface GoneRecord extends MarkRecord {
  /** Bytes that were seen after the position. */
  readonly unread: number;
  /** Of the file, should it come back. */
  readonly id?: string;
}

/** A compressed file that is still to be read, from its start or from the mark on. */
export interface ArchiveRecord {
  readonly id: string;
  /** It was written after everything that had been seen when it was found. */
  readonly isNew: boolean;
  readonly mark?: MarkRecord;
}

export interface LogState {
  readonly version: 2;
  /** Wall clock of the last look for files, in milliseconds: what was written later has not been seen. */
  readonly savedAt: number;
  /** The globs that have been looked at: a file that one of them did not find before is new. */
  readonly globs: readonly string[];
  readonly files: readonly FileRecord[];
  /** Contents that were read and are gone: a copy of one may still turn up. */
  readonly gone: readonly GoneRecord[];
  readonly archives: readonly ArchiveRecord[];
}

/**
 * @returns undefined where nothing was kept
 * @throws SourceError where what was kept is damaged: to begin anew by itself would count everything again, or lose it
 */
export function readState(value: unknown): LogState | undefined {
  if (value === undefined) return undefined;
  if (isState(value)) return value;
  throw new SourceError(
    'state',
    'state',
    'the positions in the record of the log files cannot be read, so nobody knows what was counted already: put back a copy of the record, or delete it to begin anew as `from` says',
  );
}

export function readMark({ position, head, tail, within }: MarkRecord): Mark {
  return { position, head, tail, within };
}

export function writeMark({ position, head, tail, within }: Mark): MarkRecord {
  return { position, head, tail, ...(within && { within }) };
}

function isState(value: unknown): value is LogState {
  if (!isObject(value) || value['version'] !== 2 || typeof value['savedAt'] !== 'number') return false;
  const { globs, files, gone, archives } = value;
  return (
    isArrayOf(globs, (glob) => typeof glob === 'string') &&
    isArrayOf(files, isFileRecord) &&
    isArrayOf(gone, isGoneRecord) &&
    isArrayOf(archives, isArchiveRecord)
  );
}

function isArrayOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

function isMarkRecord(value: unknown): boolean {
  if (!isObject(value) || !isCount(value['position']) || !isWithin(value['within'])) return false;
  return typeof value['head'] === 'string' && typeof value['tail'] === 'string';
}

function isFileRecord(value: unknown): boolean {
  return isMarkRecord(value) && isObject(value) && typeof value['id'] === 'string' && isCount(value['size']);
}

function isGoneRecord(value: unknown): boolean {
  if (!isMarkRecord(value) || !isObject(value) || !isCount(value['unread'])) return false;
  return value['id'] === undefined || typeof value['id'] === 'string';
}

function isArchiveRecord(value: unknown): boolean {
  if (!isObject(value) || typeof value['id'] !== 'string' || typeof value['isNew'] !== 'boolean') return false;
  return value['mark'] === undefined || isMarkRecord(value['mark']);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isWithin(value: unknown): boolean {
  return value === undefined || value === 'line' || value === 'record';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
