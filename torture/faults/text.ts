// Faults of servers that speak lines: kinds tcp and smtp; and of certificates: kind tls. And what an exporter is to say of each.

import type { Socket } from 'node:net';
import type { Case, Kind, World } from './case.js';
import { authority, certificate, type Wish } from './certificates.js';
import { answering, blackHole, closedPort, endlessly, saying, serve, type Running } from './servers.js';

type Block = Readonly<Record<string, unknown>>;

async function fault(name: string, failure: Case['failure'], server: Promise<Running>, options: Block): Promise<Case> {
  const running = await server;
  return { fault: name, failure, block: { address: `127.0.0.1:${running.port}`, ...options }, running };
}

async function neighbour(server: Promise<Running>, options: Block): Promise<Kind['neighbour']> {
  const running = await server;
  return { block: { address: `127.0.0.1:${running.port}`, ...options }, running };
}

export async function tcp(_world: World): Promise<Kind> {
  const dialogue = [{ expect: '^220 ' }, { send: 'NOOP' }, { expect: '^250 ' }];
  const cases = await Promise.all([
    fault('nothing listens', 'connect/refused', closedPort(), { dialogue }),
    fault('a firewall drops every packet', 'connect/timeout', blackHole(), { dialogue }),
    fault('it says nothing', 'greeting/timeout', serve(saying('')), { dialogue }),
    fault('it greets and is silent then', 'wait/timeout', serve(hello(() => {})), { dialogue }),
    fault(
      'it hangs up instead of an answer',
      ['wait/answer', 'wait/reset'],
      serve(hello((socket) => void socket.once('data', () => socket.end()))),
      { dialogue },
    ),
    fault('it talks for ever', 'wait/too_large', serve(hello(endlessly('', 'x'.repeat(4096)))), { dialogue }),
    fault('it speaks no TLS', 'tls/tls', serve(answering('220 here\r\n')), { dialogue, tls: true }),
  ]);
  return { kind: 'tcp', cases, neighbour: await neighbour(serve(hello(answering('250 fine\r\n'))), { dialogue }) };
}

/** Greets, and then behaves like this. */
function hello(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.write('220 here\r\n');
    then(socket);
  };
}

export async function smtp(_world: World): Promise<Kind> {
  const options = { encryption: 'none' };
  const cases = await Promise.all([
    fault('nothing listens', 'connect/refused', closedPort(), options),
    fault('it says nothing', 'greeting/timeout', serve(saying('')), options),
    fault('it takes no connections', 'greeting/greeting', serve(saying('554 no mail here\r\n')), options),
    fault('it speaks no SMTP', 'greeting/protocol', serve(saying('SSH-2.0-OpenSSH_9.6\r\n')), options),
    fault('it greets and is silent then', 'wait/timeout', serve(saying('220 mail.example.org\r\n')), options),
    fault('it offers no STARTTLS', 'tls/tls', serve(talk), {}),
  ]);
  return { kind: 'smtp', cases, neighbour: await neighbour(serve(talk), options) };
}

/** A mail server that can say hello and goodbye. */
function talk(socket: Socket): void {
  socket.write('220 mail.example.org ESMTP\r\n');
  socket.on('data', (line: Buffer) => socket.write(line.toString().startsWith('QUIT') ? '221 bye\r\n' : '250 mail.example.org\r\n'));
}

export async function tls(world: World): Promise<Kind> {
  const ca = await authority();
  await world.write('ca.pem', ca.cert);
  const secured = async (wish: Wish, signed = true) => serve(() => {}, await certificate(signed ? ca : undefined, wish));
  const options = { ca: 'ca.pem' };
  const name = '127.0.0.1';
  const cases = await Promise.all([
    fault('it hangs in the handshake', 'tls/timeout', serve(saying('')), options),
    fault('its certificate has expired', 'tls/certificate_expired', secured({ name, days: [-30, -1] }), options),
    fault('its certificate is not valid yet', 'tls/certificate_not_yet_valid', secured({ name, days: [1, 30] }), options),
    fault('its certificate bears another name', 'tls/certificate_name', secured({ name: 'other.example.org' }), options),
    fault('its certificate signed itself', 'tls/certificate_untrusted', secured({ name }, false), options),
    fault('its certificate expires too soon', 'tls/certificate_expiring', secured({ name, days: [-1, 5] }), {
      ...options,
      expect: { valid_for: '21d' },
    }),
  ]);
  return { kind: 'tls', cases, neighbour: await neighbour(secured({ name }), options) };
}
