// Faults of HTTP endpoints, and what an exporter is to say of each.

import type { Case, Kind, World } from './case.js';
import { authority, certificate, type Wish } from './certificates.js';
import { answering, blackHole, closedPort, endlessly, saying, serve, type Running } from './servers.js';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const LONG = 'x'.repeat(16_384);

export async function http(world: World): Promise<Kind> {
  const running = await serve(answering(`${HEAD}content-length: 2\r\n\r\nUP`));
  const neighbour = { block: { url: `http://127.0.0.1:${running.port}/`, expect: { status: 200, body: '^UP$' } }, running };
  return { kind: 'http', cases: await casesOf(world), neighbour };
}

async function plain(
  fault: string,
  failure: Case['failure'],
  server: Promise<Running>,
  options: Record<string, unknown> = {},
): Promise<Case> {
  const running = await server;
  return { fault, failure, block: { url: `http://127.0.0.1:${running.port}/`, ...options }, running };
}

async function casesOf(world: World): Promise<Case[]> {
  const ca = await authority();
  await world.write('ca.pem', ca.cert);
  const secured = async (
    fault: string,
    failure: string,
    wish: Wish | undefined,
    tls: Record<string, unknown> = { ca: 'ca.pem' },
  ): Promise<Case> => {
    const pair = await certificate(wish && ca, wish ?? { name: '127.0.0.1' });
    const running = await serve(answering(`${HEAD}content-length: 0\r\n\r\n`), pair);
    return { fault, failure, block: { url: `https://127.0.0.1:${running.port}/`, tls }, running };
  };
  const cases = await Promise.all([
    plain('nothing listens', 'connect/refused', closedPort()),
    plain('a firewall drops every packet', 'connect/timeout', blackHole()),
    plain(
      'the connection is reset at once',
      ['connect/reset', 'send/reset', 'wait/reset'],
      serve((socket) => void socket.resetAndDestroy()),
    ),
    plain('it accepts and never answers', 'wait/timeout', serve(saying(''))),
    plain('it closes without an answer', 'wait/reset', serve(answering('', (socket) => socket.destroy()))),
    plain('the head comes byte by byte', 'wait/timeout', serve(endlessly('HTTP/1.1 200 OK\r\nx: ', 'y', 100))),
    plain('the head never ends', 'wait/too_large', serve(endlessly('HTTP/1.1 200 OK\r\n', `x-filler: ${LONG}\r\n`))),
    plain('the body comes byte by byte', 'transfer/timeout', serve(endlessly(`${HEAD}content-length: 100000\r\n\r\n`, 'y', 100))),
    plain('the body never ends', 'transfer/too_large', serve(endlessly(`${HEAD}\r\n`, LONG))),
    plain(
      'it hangs up in the middle of the body',
      'transfer/reset',
      serve(answering(`${HEAD}content-length: 100000\r\n\r\nabc`, (socket) => socket.end())),
    ),
    plain('it speaks no HTTP', 'wait/protocol', serve(answering('220 mail.example.org ESMTP\r\n'))),
    plain('it answers 503', 'wait/status', serve(answering('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n'))),
    plain('it answers something else', 'transfer/body', serve(answering(`${HEAD}content-length: 4\r\n\r\nDOWN`)), {
      expect: { body: '^UP$' },
    }),
    plain('it speaks no TLS', 'tls/tls', serve(answering('HTTP/1.1 400 Bad Request\r\n\r\n'))).then(asHttps),
    plain('it hangs in the handshake', 'tls/timeout', serve(saying(''))).then(asHttps),
    plain('it hangs up in the handshake', 'tls/reset', serve(answering('', (socket) => socket.destroy()))).then(asHttps),
    secured('its certificate has expired', 'tls/certificate_expired', { name: '127.0.0.1', days: [-30, -1] }),
    secured('its certificate is not valid yet', 'tls/certificate_not_yet_valid', { name: '127.0.0.1', days: [1, 30] }),
    secured('its certificate bears another name', 'tls/certificate_name', { name: 'other.example.org' }),
    secured('its certificate signed itself', 'tls/certificate_untrusted', undefined),
    secured(
      'its certificate is of an authority nobody knows',
      'tls/certificate_untrusted',
      { name: '127.0.0.1' },
      { server_name: '127.0.0.1' },
    ),
  ]);
  return [
    ...cases,
    { fault: 'its name does not exist', failure: 'resolve/dns', block: { url: 'http://partner.invalid/' }, running: undefined },
  ];
}

function asHttps(one: Case): Case {
  return { ...one, block: { ...one.block, url: String(one.block['url']).replace('http:', 'https:') } };
}
