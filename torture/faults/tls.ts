// Faults of servers whose certificates are looked at, and what an exporter is to say of each.

import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { Case, Kind, World } from './case.js';
import { authority, certificate } from './certificates.js';
import { answering, blackHole, closedPort, endlessly, saying, serve, type Running } from './servers.js';

const NAME = '127.0.0.1';

export async function tls(world: World): Promise<Kind> {
  const ca = await authority();
  await world.write('ca.pem', ca.cert);
  const good = await certificate(ca, { name: NAME });
  const running = await serve(quiet, good);
  const neighbour = { block: { address: addressOf(running), ca: 'ca.pem' }, running };
  const fault = async (
    name: string,
    failure: Case['failure'],
    server: Promise<Running>,
    options: Record<string, unknown> = {},
  ): Promise<Case> => {
    const started = await server;
    return { fault: name, failure, block: { ...neighbour.block, address: addressOf(started), ...options }, running: started };
  };
  const show = (options: TlsOptions) => serve(quiet, { ...good, ciphers: 'DEFAULT@SECLEVEL=0', ...options });
  const cases = await Promise.all([
    fault('nothing listens', 'connect/refused', closedPort()),
    fault('a firewall drops every packet', 'connect/timeout', blackHole()),
    fault('it hangs in the handshake', 'tls/timeout', serve(saying(''))),
    fault('it hangs up in the handshake', 'tls/reset', serve(answering('', (socket) => socket.end()))),
    fault('it resets in the handshake', 'tls/reset', serve(answering('', (socket) => socket.resetAndDestroy()))),
    fault('it speaks no TLS', 'tls/tls', serve(saying('220 ready\r\n'))),
    fault('it sends garbage for ever', 'tls/tls', serve(endlessly('', 'x'.repeat(4096)))),
    fault('its certificate has expired', 'tls/certificate_expired', show(await certificate(ca, { name: NAME, days: [-10, -1] }))),
    fault('its certificate is not valid yet', 'tls/certificate_not_yet_valid', show(await certificate(ca, { name: NAME, days: [1, 10] }))),
    fault('its certificate is for another name', 'tls/certificate_name', show(await certificate(ca, { name: 'www.example.org' }))),
    fault('it has signed its certificate itself', 'tls/certificate_untrusted', show(await certificate(undefined, { name: NAME }))),
    fault('its key is weak', 'tls/certificate_weak', show(await certificate(undefined, { name: NAME, rsaBits: 1024 }))),
    fault('it wants a certificate of ours', 'tls/client_certificate', show({ requestCert: true, rejectUnauthorized: true, ca: ca.cert })),
    fault('it speaks old versions only', 'tls/tls_version', show({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })),
    fault('it has no cipher in common', 'tls/tls_cipher', show({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })),
    fault('its certificate expires soon', 'tls/certificate_expiring', show({}), { expect: { valid_for: '60d' } }),
    fault('its certificate is another one', 'tls/certificate_fingerprint', show({}), { expect: { fingerprint: '00'.repeat(32) } }),
    fault('it greets with no service', 'greeting/greeting', serve(saying('554 no\r\n')), { starttls: 'smtp' }),
    fault('it does not start TLS', 'wait/answer', serve(answering('N')), { starttls: 'postgres' }),
    fault('it is no directory', 'wait/protocol', serve(answering('what?\r\n')), { starttls: 'ldap' }),
  ]);
  return { kind: 'tls', cases, neighbour };
}

function quiet(socket: Socket): void {
  socket.resume();
}

function addressOf({ port }: Running): string {
  return `127.0.0.1:${port}`;
}
