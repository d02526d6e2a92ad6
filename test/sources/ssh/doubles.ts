// Servers on loopback that greet as SSH servers do, and then misbehave; and one of ssh2 that takes passwords.

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type ServerConfig } from 'ssh2';
import { fingerprintOf } from '../../../src/sources/ssh-trust/fingerprint.js';
import { makeKeyPair } from '../../../demo/ssh-keys.js';
import { portOf } from '../../port.js';

export interface Double {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly fingerprint: string;
  close(): Promise<void>;
}

export const GREETING = 'SSH-2.0-Double_1.0\r\n';

/** @param behave what becomes of each connection */
export async function startDouble(behave: (socket: Socket) => void): Promise<Double> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    behave(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${portOf(server)}`,
    fingerprint: `SHA256:${'A'.repeat(43)}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Writes for as long as the other side reads. */
export function writeForEver(socket: Socket, text: string): void {
  const chunk = Buffer.from(text.repeat(Math.ceil(4096 / text.length)));
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  write();
}

/** A packet before encryption, RFC 4253, section 6. */
export function packet(payload: Buffer): Buffer {
  const padding = 8 + ((8 - ((5 + payload.length) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding, 0);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

/** SSH_MSG_DISCONNECT, RFC 4253, section 11.1. */
export function disconnect(reason: number): Buffer {
  const payload = Buffer.alloc(13);
  payload.writeUInt8(1, 0);
  payload.writeUInt32BE(reason, 1);
  return packet(payload);
}

/** A server of ssh2. @param authenticate each request to log in */
export async function startServer(
  authenticate: (request: AuthContext, connections: number) => void,
  config: Partial<ServerConfig> = {},
): Promise<Double & { readonly requests: string[] }> {
  const { private: key, public: publicKey } = makeKeyPair();
  const requests: string[] = [];
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [key], ...config }, (client) => {
    connections++;
    client.on('error', () => {});
    client.on('authentication', (request) => {
      requests.push(request.method);
      authenticate(request, connections);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const parsed = ssh2.utils.parseKey(publicKey);
  if (parsed instanceof Error || address === null || typeof address === 'string') throw new Error('no server');
  return {
    address: `127.0.0.1:${address.port}`,
    fingerprint: fingerprintOf(parsed.getPublicSSH()),
    requests,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
