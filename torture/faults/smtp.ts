// Faults of mail servers, and what an exporter is to say of each.

import type { Socket } from 'node:net';
import { startMailServer, type MailServer } from '../../test/sources/smtp/server.js';
import { closeServers } from '../../test/sources/tcp/harness.js';
import type { Case, Kind, World } from './case.js';
import { authority, certificate } from './certificates.js';
import { answering, blackHole, closedPort, saying, serve, type Running } from './servers.js';

export async function smtp(world: World): Promise<Kind> {
  const ca = await authority();
  await world.write('ca.pem', ca.cert);
  const pair = await certificate(ca, { name: '127.0.0.1' });
  const old = await certificate(ca, { name: '127.0.0.1', days: [-10, -1] });
  const mail: MailServer = { pair, offers: ['STARTTLS'], offersSecured: ['SIZE 1000', 'AUTH PLAIN'], user: 'vigie', password: 'right' };
  const start = async (changes: MailServer = {}): Promise<Running> => {
    const { port } = await startMailServer({ ...mail, ...changes });
    return { port, close: async () => {} };
  };
  const running: Running = { port: (await start()).port, close: async () => closeServers() };
  const neighbour = { block: { address: addressOf(running), tls: { ca: 'ca.pem' } }, running };
  const fault = async (
    name: string,
    failure: Case['failure'],
    server: Promise<Running>,
    options: Record<string, unknown> = {},
  ): Promise<Case> => {
    const started = await server;
    return { fault: name, failure, block: { ...neighbour.block, address: addressOf(started), ...options }, running: started };
  };
  const cases = await Promise.all([
    fault('nothing listens', 'connect/refused', closedPort()),
    fault('a firewall drops every packet', 'connect/timeout', blackHole()),
    fault('it says nothing', 'greeting/timeout', serve(saying(''))),
    fault('it greets with no service', 'greeting/greeting', serve(saying('554 no\r\n'))),
    fault('it speaks no SMTP', 'greeting/protocol', serve(saying('SSH-2.0-Fault\r\n'))),
    fault('it greets without end', 'greeting/too_large', serve(saying('220 '.repeat(50_000)))),
    fault('it does not answer', 'wait/timeout', serve(saying('220 ready\r\n'))),
    fault('it answers with something else', 'wait/protocol', serve(greeted)),
    fault('it offers no STARTTLS', 'tls/tls', start({ offers: [] })),
    fault('its certificate has expired', 'tls/certificate_expired', start({ pair: old })),
    fault('it says more before the handshake', 'tls/protocol', start({ slipped: '250 fine\r\n' })),
    fault('it lacks an extension', 'wait/answer', start(), { expect: { extensions: ['SMTPUTF8'] } }),
    fault('it takes small mails only', 'wait/answer', start(), { expect: { size_at_least: 1_000_000 } }),
    fault('it refuses the recipient', 'wait/status', start({ replies: { RCPT: '550 5.1.1 no such user' } }), {
      envelope: { from: '', to: 'nobody@example.org' },
    }),
    // The second time nothing is tried, so that the account is not locked.
    fault('it refuses the login', ['login/auth', 'login/login_paused'], start(), {
      login: { user: 'vigie', password: 'not the right one' },
    }),
  ]);
  return { kind: 'smtp', cases, neighbour };
}

function greeted(socket: Socket): void {
  socket.write('220 ready\r\n');
  answering('fine\r\n')(socket);
}

function addressOf({ port }: Running): string {
  return `127.0.0.1:${port}`;
}
