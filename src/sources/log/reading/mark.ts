// A place in a content, and how to know the content again.

import { createHash } from 'node:crypto';

/** So many of the first and of the last bytes up to a place are compared. Less may be equal by chance: half a line, a banner. */
export const MARK_BYTES = 256;
/** Base64 digits of a fingerprint: 128 bits. */
const FINGERPRINT_DIGITS = 22;

/** What the bytes at a place belong to: the rest of a line that is too long, the rest of a record that was handed over already. */
export type Within = 'line' | 'record' | undefined;

/** How far a content has been read. No text of it is kept: a record on a disk tells nobody what stood in the log. */
export interface Mark {
  /** Bytes from the start. */
  readonly position: number;
  /** Fingerprint of the first 256 bytes, or of all up to the position where it is nearer. */
  readonly head: string;
  /** Fingerprint of the last 256 bytes before the position, or of all where there are fewer. */
  readonly tail: string;
  readonly within: Within;
}

export const NOTHING: Mark = { position: 0, head: '', tail: '', within: undefined };

export function fingerprint(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : createHash('sha256').update(bytes).digest('base64url').slice(0, FINGERPRINT_DIGITS);
}

/** How many bytes the head and the tail of a mark there are made from. */
export function compared(position: number): number {
  return Math.min(position, MARK_BYTES);
}

/** Whether so many equal bytes tell that two contents are one. */
export function isEvidence(size: number): boolean {
  return size >= MARK_BYTES;
}

/** Whether a content that begins with these bytes (256, or all it has) may be the one of the mark. */
export function beginsLike(head: Buffer, mark: Mark): boolean {
  const length = compared(mark.position);
  return head.length >= length && fingerprint(head.subarray(0, length)) === mark.head;
}

/**
 * The mark further on.
 * @param content the bytes up to the new place, from `compared(position)` bytes before the old one
 */
export function advance({ position, head }: Mark, content: Buffer, within: Within): Mark {
  const next = position - compared(position) + content.length;
  return {
    position: next,
    // As long as the head is short, the bytes begin where the content does.
    head: position < MARK_BYTES ? fingerprint(content.subarray(0, MARK_BYTES)) : head,
    tail: fingerprint(content.subarray(-MARK_BYTES)),
    within,
  };
}
