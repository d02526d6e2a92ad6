// Records as text, one way of writing for each: as `dig +short` prints them, without the dot at the end of names.

import type { CaaRecord } from 'node:dns';
import { canonicalAddress } from './name.js';
import type { RecordType } from './schema.js';

/** What a server answered to a question. */
export interface Answer {
  readonly records: readonly string[];
  /** Seconds, where Node.js tells it: for addresses. */
  readonly ttl?: number;
  /** Of SOA records. */
  readonly serial?: number;
}

const NAMES: readonly RecordType[] = ['CNAME', 'NS', 'PTR', 'MX', 'SRV', 'SOA'];

/** A record as the YAML writes it, in the way in which answers are written. */
export function canonicalRecord(type: RecordType, text: string): string {
  if (type === 'A' || type === 'AAAA') return canonicalAddress(text.trim());
  if (type === 'CAA') return text.replaceAll('"', '');
  if (!NAMES.includes(type)) return text;
  return text
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/(?<=.)\.$/, ''))
    .join(' ');
}

/** `0 issue letsencrypt.org`. */
export function caaText({ critical, ...property }: CaaRecord): string {
  // Node.js adds the type of record to those of this type, though its documentation does not say so.
  const [tag = '', value = ''] = Object.entries(property).find(([key]) => key !== 'type') ?? [];
  return `${critical} ${tag} ${value}`;
}
