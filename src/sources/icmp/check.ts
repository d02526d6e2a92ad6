// What `vigie check` says of icmp sources beyond their schema. No I/O.

import { isIP } from 'node:net';
import { formatDuration } from '../../domain/duration.js';
import { isHost } from '../endpoints/address.js';
import { checkEndpoints } from '../endpoints/check.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { schedule } from '../schedule.js';
import { DEFAULT_PACKETS, type EndpointOptions, type IcmpOptions } from './schema.js';

const SECOND_MS = 1000;

export function check(source: SourceConfig<IcmpOptions>, context: CheckContext): Problem[] {
  return checkEndpoints<EndpointOptions>(source, context, (endpoint) => [
    ...hostProblems(endpoint),
    ...packetProblems(endpoint, schedule(source, endpoint).timeout),
  ]);
}

function hostProblems({ host, ip }: EndpointOptions): Problem[] {
  const path = ['host'];
  if (!isHost(host)) return [{ path, message: `"${host}" is no name and no address; e.g. gateway.partner.example.org or 192.0.2.1` }];
  const version = isIP(host);
  if (ip === undefined || version === 0 || version === ip) return [];
  return [{ path: ['ip'], message: `${host} is an address of IPv${version}; leave \`ip\` out` }];
}

/** One packet a second, and as long for the answer to the last one. */
function packetProblems({ packets = DEFAULT_PACKETS }: EndpointOptions, timeout: number): Problem[] {
  const needed = packets * SECOND_MS;
  if (timeout >= needed) return [];
  const message = `${packets} packets, one a second, need a timeout of ${formatDuration(needed)} or more, and it is ${formatDuration(timeout)}`;
  return [{ path: ['packets'], message }];
}
