// Faults of servers that are asked over TCP, and what an exporter is to say of each.

import type { Socket } from 'node:net';
import type { Case, Kind, World } from './case.js';
import { authority, certificate } from './certificates.js';
import { answering, blackHole, closedPort, endlessly, saying, serve, type Running } from './servers.js';

const DIALOGUE = [{ expect: '^220 ' }, { send: 'NOOP' }, { expect: '^200 ', unless: '^[45]' }];
const GREETING = '220 ready\r\n';

export async function tcp(world: World): Promise<Kind> {
  const running = await serve(greeting(answering('200 fine\r\n')));
  return { kind: 'tcp', cases: await casesOf(world), neighbour: { block: blockOf(running), running } };
}

function blockOf({ port }: Running, options: Record<string, unknown> = {}): Record<string, unknown> {
  return { address: `127.0.0.1:${port}`, dialogue: DIALOGUE, ...options };
}

function greeting(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.write(GREETING);
    then(socket);
  };
}

async function fault(
  name: string,
  failure: Case['failure'],
  server: Promise<Running>,
  options: Record<string, unknown> = {},
): Promise<Case> {
  const running = await server;
  return { fault: name, failure, block: blockOf(running, options), running };
}

async function casesOf(world: World): Promise<Case[]> {
  const ca = await authority();
  await world.write('ca.pem', ca.cert);
  const pair = await certificate(ca, { name: '127.0.0.1' });
  const old = await certificate(ca, { name: '127.0.0.1', days: [-10, -1] });
  const tls = { tls: { ca: 'ca.pem' } };
  const starttls = { ...tls, dialogue: [{ expect: '^220 ' }, { send: 'AUTH TLS' }, { expect: '^234 ' }, { starttls: true }] };
  await world.write('password', 'not the right one');
  const login = { dialogue: [{ expect: '^220 ' }, { send: ['PASS ', { file: 'password' }] }, { expect: '^230 ', unless: '^5' }] };
  const cases = await Promise.all([
    fault('nothing listens', 'connect/refused', closedPort()),
    fault('a firewall drops every packet', 'connect/timeout', blackHole()),
    fault('it says nothing', 'greeting/timeout', serve(saying(''))),
    fault('it greets byte by byte', 'greeting/timeout', serve(slowly)),
    fault('it greets with something else', 'greeting/timeout', serve(saying('554 busy\r\n'))),
    fault(
      'it hangs up instead of greeting',
      'greeting/answer',
      serve((socket) => void socket.end()),
    ),
    fault(
      'the connection is reset at once',
      ['connect/reset', 'greeting/reset'],
      serve((socket) => void socket.resetAndDestroy()),
    ),
    fault('it talks for ever in lines', 'greeting/too_large', serve(pouring('welcome\r\n'))),
    fault('it talks for ever without a line', 'greeting/too_large', serve(pouring('welcome '))),
    fault('it does not answer', 'wait/timeout', serve(saying(GREETING))),
    fault('it refuses', 'wait/answer', serve(greeting(answering('500 no\r\n')))),
    fault('it answers for ever', 'wait/too_large', serve(endlessly(GREETING, '199 wait\r\n')), {
      dialogue: [{ send: 'NOOP' }, { expect: '^200 ' }],
    }),
    fault('it hangs up instead of answering', 'wait/answer', serve(greeting(answering('', (socket) => socket.end())))),
    fault('it resets instead of answering', 'wait/reset', serve(greeting(answering('', (socket) => socket.resetAndDestroy())))),
    fault('its answer lets the pattern run away', 'greeting/answer', serve(saying(`${'y'.repeat(40)}\r\n`)), {
      dialogue: [{ expect: '^(?:(?:[^x]+)+)+x$' }],
    }),
    fault('it speaks no TLS', 'tls/tls', serve(saying(GREETING)), tls),
    fault('it hangs in the handshake', 'tls/timeout', serve(saying('')), tls),
    fault('its certificate has expired', 'tls/certificate_expired', serve(saying(GREETING), old), tls),
    fault(
      'it hangs up after the handshake',
      'greeting/answer',
      serve((socket) => void socket.end(), pair),
      tls,
    ),
    fault('it refuses STARTTLS', 'wait/timeout', serve(greeting(answering('502 no\r\n'))), starttls),
    fault('it says more before the handshake', 'tls/protocol', serve(greeting(answering('234 go on\r\n230 welcome\r\n'))), starttls),
    fault('it hangs in the handshake of STARTTLS', 'tls/timeout', serve(greeting(answering('234 go on\r\n'))), starttls),
    // The second time nothing is tried, so that the account is not locked.
    fault('it refuses a login', ['login/auth', 'login/login_paused'], serve(greeting(answering('530 no\r\n'))), login),
  ]);
  return [
    ...cases,
    { fault: 'its name does not exist', failure: 'resolve/dns', block: { address: 'partner.invalid:21' }, running: undefined },
  ];
}

function slowly(socket: Socket): void {
  const timer = setInterval(() => socket.write('2'), 50);
  socket.on('close', () => clearInterval(timer));
}

/** As fast as it is taken, without being asked. */
function pouring(piece: string): (socket: Socket) => void {
  const much = piece.repeat(1000);
  return (socket) => {
    const pour = () => {
      while (!socket.destroyed && socket.write(much));
    };
    socket.on('drain', pour);
    pour();
  };
}
