// What `vigie check` says of dns sources beyond their schema. No I/O.

import { isIP } from 'node:net';
import { parseAddress } from '../endpoints/address.js';
import { checkEndpoints } from '../endpoints/check.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { regexProblem } from '../regex.js';
import { queryName } from './name.js';
import { DEFAULT_PORT } from './prepare.js';
import { canonicalRecord } from './records.js';
import type { DnsOptions, EndpointOptions, RecordType } from './schema.js';

export function check(source: SourceConfig<DnsOptions>, context: CheckContext): Problem[] {
  return checkEndpoints<EndpointOptions>(source, context, (endpoint) => [
    ...nameProblems(endpoint),
    ...serverProblems(endpoint),
    ...expectProblems(endpoint),
  ]);
}

function nameProblems({ name, type = 'A' }: EndpointOptions): Problem[] {
  const path = ['name'];
  if (isIP(name) !== 0) {
    if (type === 'PTR') return [];
    return [{ path, message: `"${name}" is an address, which has no record of type ${type}; did you mean type: PTR?` }];
  }
  if (queryName(name) !== undefined) return [];
  return [{ path, message: `"${name}" is no name; e.g. api.partner.example.org` }];
}

function serverProblems({ server }: EndpointOptions): Problem[] {
  if (server === undefined || parseAddress(server, DEFAULT_PORT)) return [];
  return [{ path: ['server'], message: `"${server}" is no server; e.g. 192.0.2.53, ns1.partner.example.org:53 or [2001:db8::53]:53` }];
}

function expectProblems({ type = 'A', expect }: EndpointOptions): Problem[] {
  if (expect === undefined) return [];
  const { answers, matches, at_least: atLeast, rcode = 'NOERROR' } = expect;
  const problems: Problem[] = [];
  if (rcode !== 'NOERROR') {
    for (const property of ['answers', 'matches', 'at_least'] as const) {
      if (expect[property] === undefined) continue;
      problems.push({ path: ['expect', property], message: `an answer with the status ${rcode} has no records; keep one of the two` });
    }
  }
  if (matches !== undefined) {
    const message = regexProblem(() => new RegExp(matches));
    if (message !== undefined) problems.push({ path: ['expect', 'matches'], message });
  }
  if (answers !== undefined && atLeast !== undefined) {
    problems.push({ path: ['expect', 'at_least'], message: '`answers` names all records already; keep one of the two' });
  }
  for (const [index, answer] of (answers ?? []).entries()) {
    if (isRecord(type, answer)) continue;
    problems.push({ path: ['expect', 'answers', index], message: `"${answer}" is no record of type ${type}; e.g. ${EXAMPLES[type]}` });
  }
  return problems;
}

const EXAMPLES: Readonly<Record<RecordType, string>> = {
  A: '192.0.2.10',
  AAAA: '2001:db8::10',
  CAA: '0 issue letsencrypt.org',
  CNAME: 'edge.partner.example.org',
  MX: '10 mail.partner.example.org',
  NS: 'ns1.partner.example.org',
  PTR: 'host.partner.example.org',
  SOA: 'ns1.example.org hostmaster.example.org 2026030201 7200 3600 1209600 3600',
  SRV: '10 5 5061 sip.partner.example.org',
  TXT: 'v=spf1 -all',
};

const SHAPES: Readonly<Record<RecordType, RegExp>> = {
  A: /^\d+\.\d+\.\d+\.\d+$/,
  AAAA: /:/,
  CAA: /^\d+ \S+ .+$/,
  CNAME: /^\S+$/,
  MX: /^\d+ \S+$/,
  NS: /^\S+$/,
  PTR: /^\S+$/,
  SOA: /^\S+ \S+(?: \d+){5}$/,
  SRV: /^\d+ \d+ \d+ \S+$/,
  TXT: /./s,
};

function isRecord(type: RecordType, text: string): boolean {
  const record = canonicalRecord(type, text);
  if (type === 'A' || type === 'AAAA') return isIP(record) === (type === 'A' ? 4 : 6);
  return SHAPES[type].test(record);
}
