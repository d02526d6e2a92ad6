// A double of an Oracle listener on a loopback socket: it reads what a client wants, and refuses, redirects to nothing, or says nothing.
// The protocol (TNS) is not published; packets are as node-oracledb reads them (lib/thin/sqlnet/packet.js).

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { portOf } from '../port.js';

export type Answer = { readonly refuse: number } | 'silence' | 'nonsense' | 'goodbye';

export interface TnsDouble {
  readonly port: number;
  /** What clients asked for: `(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=…` */
  readonly asked: readonly string[];
  /** Connections that are open now. */
  readonly open: number;
  stop(): Promise<void>;
}

const CONNECT = 1;
const REFUSE = 4;
const HEADER_BYTES = 8;
/** Where in a CONNECT packet the length and the place of its text stand. */
const TEXT_LENGTH_AT = 24;
const TEXT_PLACE_AT = 26;

/** @param tls PEM; with it the listener speaks TLS only */
export async function startTns(answer: Answer, tls?: { readonly certificate: string; readonly key: string }): Promise<TnsDouble> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (packet: Buffer) => {
      // Only the first packet of a client tells what it wants; they are short enough to come in one piece.
      if (packet.readUInt8(4) !== CONNECT) return;
      const place = packet.readUInt16BE(TEXT_PLACE_AT);
      asked.push(packet.toString('latin1', place, place + packet.readUInt16BE(TEXT_LENGTH_AT)));
      if (answer === 'goodbye') socket.end();
      else if (answer === 'nonsense') socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      else if (answer !== 'silence') socket.write(refusal(answer.refuse));
    });
  };
  const server: Server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, serve) : createServer(serve);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    asked,
    get open() {
      return sockets.size;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function refusal(error: number): Buffer {
  const text = Buffer.from(`(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=${error})(ERROR_STACK=(ERROR=(CODE=${error})(EMFI=4))))`);
  const packet = Buffer.alloc(HEADER_BYTES + 4 + text.length);
  packet.writeUInt16BE(packet.length, 0);
  packet.writeUInt8(REFUSE, 4);
  packet.writeUInt8(34, 8);
  packet.writeUInt16BE(text.length, 10);
  text.copy(packet, 12);
  return packet;
}
