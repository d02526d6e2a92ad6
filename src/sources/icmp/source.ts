// Hosts that are pinged, as endpoints.

import { isIP } from 'node:net';
import { echoes as metrics } from '../../conventions.js';
import { resolve } from '../endpoints/dial.js';
import { seconds } from '../endpoints/phases.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError, type Failure } from '../endpoints/reasons.js';
import { createEndpoints } from '../endpoints/source.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { schedule } from '../schedule.js';
import { ping, type Echo } from './ping.js';
import { DEFAULT_PACKETS, type EndpointOptions, type IcmpOptions } from './schema.js';
import type { Summary } from './summary.js';

const RESOLVE_FAILURES: readonly Failure[] = (['dns', 'timeout'] as const).map((reason) => ({ phase: 'resolve', reason }));
const FAILURES: readonly Failure[] = (['timeout', 'unreachable', 'answer'] as const).map((reason) => ({ phase: 'wait', reason }));

export function create(source: SourceConfig<IcmpOptions>, context: SourceContext): Promise<Source> {
  return createEndpoints<EndpointOptions>(source, context, (endpoint) => {
    const { host, packets = DEFAULT_PACKETS, expect } = endpoint;
    const { timeout } = schedule(source, endpoint);
    const ip = endpoint.ip ?? source.options.ip;
    return {
      protocol: 'icmp',
      host,
      address: host,
      failures: isIP(host) === 0 ? [...RESOLVE_FAILURES, ...FAILURES] : FAILURES,
      probe: async (run) => {
        const address = isIP(host) === 0 ? await addressOf(host, ip, run) : host;
        await probe({ address, packets, timeout }, expect?.loss, run);
      },
    };
  });
}

async function addressOf(host: string, ip: 4 | 6 | undefined, run: ProbeRun): Promise<string> {
  run.watch.enter('resolve');
  const [first] = await resolve(host, ip, run.signal);
  if (!first) throw new ProbeError('dns');
  run.say(`${host} is ${first.address}`);
  return first.address;
}

/** @param mostLost share of packets that may be lost; all but one where nothing is said */
async function probe(echo: Echo, mostLost: number | undefined, run: ProbeRun): Promise<void> {
  run.watch.enter('wait');
  run.say(`pings ${echo.address}, ${echo.packets} ${echo.packets === 1 ? 'packet' : 'packets'}`);
  // Resolving has taken some of the time.
  const summary = await ping({ ...echo, timeout: echo.timeout - run.watch.total }, run.signal);
  tell(summary, run);
  const { sent, received, unreachable } = summary;
  if (received === 0) {
    if (unreachable) throw new ProbeError('unreachable', 'a host on the way says that there is no way');
    throw new ProbeError('timeout', `no answer to ${sent === 1 ? 'the packet' : `any of ${sent} packets`}`);
  }
  const lost = Math.max(0, sent - received);
  if (mostLost !== undefined && lost / sent > mostLost) throw new ProbeError('answer', `${lost} of ${sent} packets lost`);
}

function tell({ sent, received, travel }: Summary, run: ProbeRun): void {
  run.observe(metrics.sent, sent);
  run.observe(metrics.received, received);
  run.say(`${sent} sent, ${received} received`);
  if (!travel) return;
  // The program takes a second for each packet; what matters is how long a packet takes.
  run.watch.took('wait', travel.average);
  run.observe(metrics.shortest, seconds(travel.shortest));
  run.observe(metrics.longest, seconds(travel.longest));
  run.say(`there and back in ${travel.average} ms on average, ${travel.shortest} to ${travel.longest} ms`);
}
