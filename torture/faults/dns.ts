// Faults of DNS servers, and what an exporter is to say of each.

import { startDnsDouble, TYPES, type Answering } from '../../test/sources/dns/dns-double.js';
import type { Case, Kind, World } from './case.js';
import type { Running } from './servers.js';

const NAME = 'api.partner.example.org';
const ADDRESS = { type: 'A', data: Buffer.from([192, 0, 2, 10]) } as const;

export async function dns(_world: World): Promise<Kind> {
  const { block, running } = await server(({ type }) => ({ records: type === TYPES.A ? [ADDRESS] : [] }));
  const cases = await Promise.all([
    fault('it does not answer', 'wait/timeout', () => undefined),
    fault('the name does not exist', 'wait/dns', () => ({ rcode: 'NXDOMAIN' })),
    fault('it is broken', 'wait/answer', () => ({ rcode: 'SERVFAIL' })),
    fault('it refuses to answer', 'wait/refused', () => ({ rcode: 'REFUSED' })),
    fault('it has no such record', 'wait/answer', () => ({ records: [] })),
    fault('it leads somewhere else', 'wait/answer', () => ({ records: [{ ...ADDRESS, data: Buffer.from([192, 0, 2, 66]) }] })),
  ]);
  return { kind: 'dns', cases, neighbour: { block, running } };
}

async function server(answer: Answering): Promise<{ block: Case['block']; running: Running }> {
  const double = await startDnsDouble(answer);
  const block = { name: NAME, server: double.address, expect: { answers: ['192.0.2.10'] } };
  return { block, running: { port: 0, close: () => double.close() } };
}

async function fault(name: string, failure: string, answer: Answering): Promise<Case> {
  return { fault: name, failure, ...(await server(answer)) };
}
