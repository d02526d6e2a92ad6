// Faults of SSH servers, and what an exporter is to say of each.

import { startServer } from '../../test/sources/ssh/doubles.js';
import type { Case, Kind, World } from './case.js';
import { blackHole, closedPort, endlessly, saying, serve, type Running } from './servers.js';

const GREETING = 'SSH-2.0-Fault_1.0\r\n';
/** Of a key that nobody has. */
const STRANGER = `SHA256:${'A'.repeat(43)}`;

export async function ssh(_world: World): Promise<Kind> {
  const server = await startServer((request) => (request.method === 'password' ? request.reject() : request.reject(['password'])));
  const running: Running = { port: portOf(server.address), close: () => server.close() };
  const neighbour = { block: { address: server.address, host_key: server.fingerprint }, running };
  const refused = { ...neighbour.block, login: { user: 'vigie', password: 'not the right one' } };
  const cases = await Promise.all([
    fault('nothing listens', 'connect/refused', closedPort()),
    fault('a firewall drops every packet', 'connect/timeout', blackHole()),
    fault('it says nothing', 'greeting/timeout', serve(saying(''))),
    fault(
      'it hangs up instead of greeting',
      'greeting/reset',
      serve((socket) => void socket.end()),
    ),
    fault(
      'it speaks no SSH',
      'greeting/protocol',
      serve((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ),
    fault('it talks for ever and never greets', 'greeting/too_large', serve(endlessly('', 'Welcome to this server.\r\n'))),
    fault('it hangs in the key exchange', 'handshake/timeout', serve(saying(GREETING))),
    fault(
      'it hangs up in the key exchange',
      'handshake/reset',
      serve((socket) => void socket.end(GREETING)),
    ),
  ]);
  return {
    kind: 'ssh',
    neighbour,
    cases: [
      ...cases,
      {
        fault: 'it shows another host key',
        failure: 'handshake/host_key',
        block: { ...neighbour.block, host_key: STRANGER },
        running: undefined,
      },
      // The second time nothing is tried, so that the account is not locked.
      { fault: 'it refuses the login', failure: ['login/auth', 'login/login_paused'], block: refused, running: undefined },
    ],
  };
}

async function fault(name: string, failure: string, server: Promise<Running>): Promise<Case> {
  const running = await server;
  return { fault: name, failure, block: { address: `127.0.0.1:${running.port}`, host_key: STRANGER }, running };
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
