// Names asked of DNS servers, as endpoints.

import { isIP } from 'node:net';
import { getServers } from 'node:dns';
import { dnsAnswers as metrics } from '../../conventions.js';
import { formatAddress, type Address } from '../endpoints/address.js';
import { resolve, settled } from '../endpoints/dial.js';
import type { Prober, ProbeRun } from '../endpoints/prober.js';
import { ProbeError, type Reason } from '../endpoints/reasons.js';
import { createEndpoints } from '../endpoints/source.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { schedule } from '../schedule.js';
import { errorCode } from '../system-errors.js';
import { count, FAILURES, prepare, RESOLVE_FAILURES, type Prepared } from './prepare.js';
import { ask, resolverOf } from './question.js';
import type { Answer } from './records.js';
import type { DnsOptions, EndpointOptions, Rcode } from './schema.js';

export function create(source: SourceConfig<DnsOptions>, context: SourceContext): Promise<Source> {
  return createEndpoints<EndpointOptions>(source, context, (endpoint) => {
    const prepared = prepare(endpoint);
    const { name, type, server } = prepared;
    const { timeout } = schedule(source, endpoint);
    const ip = endpoint.ip ?? source.options.ip;
    return {
      protocol: 'dns',
      host: server?.host ?? SYSTEM,
      address: `${type} ${name} at ${server === undefined ? SYSTEM : formatAddress(server)}`,
      failures: server !== undefined && isIP(server.host) === 0 ? [...RESOLVE_FAILURES, ...FAILURES] : FAILURES,
      probe: (run) => probe(prepared, { timeout, ip }, run),
    } satisfies Prober;
  });
}

const SYSTEM = 'the resolver of the system';

/** What c-ares calls the answers of servers and what it lives through, https://nodejs.org/api/dns.html#error-codes */
const RCODES: Readonly<Record<string, Rcode>> = { ENODATA: 'NOERROR', ENOTFOUND: 'NXDOMAIN', ESERVFAIL: 'SERVFAIL', EREFUSED: 'REFUSED' };
const REASONS: Readonly<Record<string, Reason>> = {
  ETIMEOUT: 'timeout',
  ECONNREFUSED: 'refused',
  EOF: 'reset',
};
/** Why an endpoint is down whose server answered with this status although another one was expected. */
const UNEXPECTED: Readonly<Record<Rcode, Reason>> = { NOERROR: 'answer', NXDOMAIN: 'dns', SERVFAIL: 'answer', REFUSED: 'refused' };

interface Limits {
  readonly timeout: number;
  readonly ip: 4 | 6 | undefined;
}

async function probe(prepared: Prepared, limits: Limits, run: ProbeRun): Promise<void> {
  const { name, type, server } = prepared;
  const address = server && (await locate(server, limits.ip, run));
  run.watch.enter('wait');
  run.say(`asks ${address ?? getServers().join(', ')} for ${type} of ${name}`);
  const resolver = resolverOf(address, limits.timeout);
  let answer: Answer | undefined;
  let rcode: Rcode = 'NOERROR';
  try {
    answer = await settled<Answer>(run.signal, (done, fail) => ask(resolver, prepared, done, fail));
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    rcode = rcodeOf(error);
  } finally {
    resolver.cancel();
  }
  run.watch.stop();
  tell(answer, rcode, prepared, run);
  if (rcode !== prepared.rcode) {
    throw new ProbeError(rcode === 'NOERROR' ? 'answer' : UNEXPECTED[rcode], `${rcode}, expected ${prepared.rcode}`);
  }
  if (rcode === 'NOERROR') prepared.judge(answer ?? { records: [] });
}

/** @returns `address:port` of the server */
async function locate({ host, port }: Address, ip: 4 | 6 | undefined, run: ProbeRun): Promise<string> {
  if (isIP(host) !== 0) return formatAddress({ host, port });
  run.watch.enter('resolve');
  const [first] = await resolve(host, ip, run.signal);
  if (!first) throw new ProbeError('dns');
  run.say(`${host} is ${first.address}`);
  return formatAddress({ host: first.address, port });
}

/** @throws ProbeError where no answer came that has a status */
function rcodeOf(error: unknown): Rcode {
  const code = errorCode(error) ?? '';
  const rcode = RCODES[code];
  if (rcode !== undefined) return rcode;
  throw new ProbeError(REASONS[code] ?? 'protocol', `c-ares says ${code}`);
}

function tell(answer: Answer | undefined, rcode: Rcode, { type }: Prepared, run: ProbeRun): void {
  const { records = [], ttl, serial } = answer ?? {};
  run.observe(metrics.records, records.length);
  if (ttl !== undefined) run.observe(metrics.ttl, ttl);
  if (serial !== undefined) run.observe(metrics.serial, serial);
  // Texts may hold anything; everything else is addresses, names and numbers.
  const shown = type === 'TXT' || records.length === 0 ? '' : `: ${records.slice(0, 10).join(', ')}`;
  run.say(`${rcode}, ${count(records.length)}${shown}${ttl === undefined ? '' : `, to be kept for ${ttl} s`}`);
}
