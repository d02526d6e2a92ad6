// From the YAML of an endpoint to the question that is asked, and to what is made of the answer.

import { parseAddress, type Address } from '../endpoints/address.js';
import { matches as isMatch, Pattern } from '../endpoints/pattern.js';
import { ProbeError, type Failure } from '../endpoints/reasons.js';
import { queryName, reverseName } from './name.js';
import { canonicalRecord, type Answer } from './records.js';
import type { EndpointOptions, Rcode, RecordType } from './schema.js';

export const DEFAULT_PORT = 53;

export interface Prepared {
  readonly name: string;
  readonly type: RecordType;
  /** Undefined for the servers of the system. */
  readonly server: Address | undefined;
  readonly rcode: Rcode;
  /** @throws ProbeError where the answer is other than expected */
  judge(answer: Answer): void;
}

export const FAILURES: readonly Failure[] = (['dns', 'answer', 'timeout', 'refused', 'unreachable', 'reset', 'protocol'] as const).map(
  (reason) => ({ phase: 'wait', reason }),
);

/** Where the server has a name, which must be resolved first. */
export const RESOLVE_FAILURES: readonly Failure[] = (['dns', 'timeout'] as const).map((reason) => ({ phase: 'resolve', reason }));

export function prepare({ name, type = 'A', server, expect = {} }: EndpointOptions): Prepared {
  const { answers, matches, at_least: atLeast = 1, rcode = 'NOERROR' } = expect;
  const wanted = answers?.map((text) => canonicalRecord(type, text));
  const pattern = matches === undefined ? undefined : new Pattern(matches);
  return {
    name: (type === 'PTR' ? reverseName(name) : undefined) ?? queryName(name) ?? name,
    type,
    server: server === undefined ? undefined : parseAddress(server, DEFAULT_PORT),
    rcode,
    judge({ records }) {
      if (wanted !== undefined) compare(records, wanted, type);
      else if (records.length < atLeast) {
        throw new ProbeError('answer', `${count(records.length)} of type ${type}, expected at least ${atLeast}`);
      }
      if (pattern !== undefined && !records.some((record) => isMatch(pattern, record))) {
        throw new ProbeError('answer', `${count(records.length)}, none of which matches ${pattern.source}`);
      }
    },
  };
}

function compare(records: readonly string[], wanted: readonly string[], type: RecordType): void {
  const missing = wanted.filter((record) => !records.includes(record));
  const surplus = records.filter((record) => !wanted.includes(record));
  if (missing.length === 0 && surplus.length === 0) return;
  // The texts of TXT records may be anything, secrets of verifications too.
  const show = (list: readonly string[]) => (type === 'TXT' ? count(list.length) : list.slice(0, 5).join(', '));
  const parts = [
    ...(missing.length > 0 ? [`missing: ${show(missing)}`] : []),
    ...(surplus.length > 0 ? [`not expected: ${show(surplus)}`] : []),
  ];
  throw new ProbeError('answer', parts.join('; '));
}

export function count(records: number): string {
  return records === 1 ? '1 record' : `${records} records`;
}
