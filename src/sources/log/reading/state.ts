// How far a source has read, as one record that JSON can hold.

import { isFields } from '../formats/fields.js';
import type { LogFile, Mark } from './log-file.js';

interface MarkRecord {
  readonly position: number;
  /** Base64, as is the tail. */
  readonly head: string;
  readonly tail: string;
}

interface FileRecord extends MarkRecord {
  /** Device, inode and birth time. */
  readonly id: string;
  readonly skipping: boolean;
}

export interface LogState {
  readonly version: 1;
  /** The globs that have been looked at: a file that one of them did not find before is new. */
  readonly globs: readonly string[];
  readonly files: readonly FileRecord[];
  /** Ends of contents that were read and then cut off: a copy of one may still turn up. */
  readonly cuts: readonly MarkRecord[];
}

/** @param unclaimed records of an earlier state that stay as they are */
export function writeState(
  globs: readonly string[],
  files: readonly LogFile[],
  unclaimed: readonly FileRecord[],
  cuts: readonly Mark[],
): LogState {
  return {
    version: 1,
    globs,
    files: [...unclaimed, ...files.map((file) => ({ id: file.id, skipping: file.skipping, ...writeMark(file.mark) }))],
    cuts: cuts.map(writeMark),
  };
}

/** @returns undefined where the value is no such record */
export function readState(value: unknown): LogState | undefined {
  return isState(value) ? value : undefined;
}

export function readMark({ position, head, tail }: MarkRecord): Mark {
  return { position, head: Buffer.from(head, 'base64'), tail: Buffer.from(tail, 'base64') };
}

function writeMark({ position, head, tail }: Mark): MarkRecord {
  return { position, head: head.toString('base64'), tail: tail.toString('base64') };
}

function isState(value: unknown): value is LogState {
  if (!isFields(value) || value['version'] !== 1) return false;
  const { globs, files, cuts } = value;
  return isArrayOf(globs, (glob) => typeof glob === 'string') && isArrayOf(files, isFileRecord) && isArrayOf(cuts, isMarkRecord);
}

function isArrayOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

function isMarkRecord(value: unknown): boolean {
  if (!isFields(value)) return false;
  return Number.isSafeInteger(value['position']) && typeof value['head'] === 'string' && typeof value['tail'] === 'string';
}

function isFileRecord(value: unknown): boolean {
  return isMarkRecord(value) && isFields(value) && typeof value['id'] === 'string' && typeof value['skipping'] === 'boolean';
}
