// An SFTP server whose answers a test writes byte by byte: real SSH on a real socket, for what OpenSSH never does.

import { once } from 'node:events';
import { createServer } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import { makeKeyPair } from '../../demo/ssh-keys.js';
import { fingerprintOf } from '../../src/sources/ssh-trust/fingerprint.js';
import { portOf } from '../port.js';

/** Types of packets, https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-3 */
export const REQUEST = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  opendir: 11,
  readdir: 12,
  remove: 13,
  rename: 18,
  extended: 200,
} as const;
const ANSWER = { version: 2, status: 101, handle: 102, data: 103, name: 104 } as const;

export interface Request {
  readonly type: number;
  readonly id: number;
  /** Its first text: a path, or the handle. */
  readonly text: string;
}

/** Bytes to send; or no answer ever; or the end of the connection. */
export type Answer = Buffer | 'nothing' | 'disconnect';

export interface SftpDouble {
  readonly port: number;
  readonly fingerprint: string;
  /** Open now. */
  connections(): number;
  /** How somebody tried to log in, in order; the first question of a client (`none`) is left out. */
  readonly logins: string[];
  /** Ends all connections. */
  disconnect(): void;
  stop(): Promise<void>;
}

export interface Behaviour {
  readonly answer?: (request: Request) => Answer;
  /** Default: everybody may come in by password. */
  readonly login?: (attempt: AuthContext) => void;
}

export async function startSftpDouble({ answer = emptyFolder, login = takePassword }: Behaviour): Promise<SftpDouble> {
  const hostKey = makeKeyPair();
  const open = new Set<Connection>();
  const logins: string[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
    connection.on('error', () => connection.end());
    connection.on('authentication', (attempt) => {
      if (attempt.method !== 'none') logins.push(attempt.method);
      login(attempt);
    });
    connection.on('session', (accept) => {
      accept().on('subsystem', (acceptSubsystem) => serve(acceptSubsystem(), connection, answer));
    });
  });
  // Each answer goes out at once.
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket)).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const parsed = ssh2.utils.parseKey(hostKey.public);
  if (parsed instanceof Error) throw parsed;
  return {
    port: portOf(listener),
    fingerprint: fingerprintOf(parsed.getPublicSSH()),
    connections: () => open.size,
    logins,
    disconnect: () => {
      for (const connection of open) connection.end();
    },
    stop: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const connection of open) connection.end();
      await closed;
    },
  };
}

function takePassword(attempt: AuthContext): void {
  if (attempt.method === 'password') attempt.accept();
  else attempt.reject(['password']);
}

/** Takes packets apart and sends what is answered. */
function serve(channel: ServerChannel, connection: Connection, answer: (request: Request) => Answer): void {
  let buffered = Buffer.alloc(0);
  channel.on('error', () => {});
  channel.on('data', (bytes: Buffer) => {
    buffered = Buffer.concat([buffered, bytes]);
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32BE(0)) {
      const end = 4 + buffered.readUInt32BE(0);
      const reply = answer(parse(buffered.subarray(4, end)));
      buffered = buffered.subarray(end);
      if (reply === 'disconnect') connection.end();
      else if (reply !== 'nothing') channel.write(reply);
    }
  });
}

function parse(bytes: Buffer): Request {
  const type = bytes.readUInt8(0);
  const id = bytes.readUInt32BE(1);
  const text = type !== REQUEST.init && bytes.length >= 9 ? bytes.toString('utf8', 9, 9 + bytes.readUInt32BE(5)) : '';
  return { type, id, text };
}

/** A folder without files, whatever its name. The handle of a folder is its path. */
export function emptyFolder({ type, id, text }: Request): Answer {
  switch (type) {
    case REQUEST.init:
      return packet(ANSWER.version, uint32(3));
    case REQUEST.opendir:
      return packet(ANSWER.handle, uint32(id), string(text));
    case REQUEST.readdir:
      return status(id, 1);
    default:
      return status(id, 0);
  }
}

export function packet(type: number, ...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([type]), ...parts]);
  return Buffer.concat([uint32(payload.length), payload]);
}

export function status(id: number, code: number): Buffer {
  return packet(ANSWER.status, uint32(id), uint32(code), string(''), string(''));
}

export interface Entry {
  readonly name: string;
  /** What servers write in the style of `ls -l`. Default: the name. */
  readonly longName?: string;
  readonly size?: number;
  readonly mode?: number;
  readonly modified?: number;
}

/** A page of a listing. What an entry leaves out is not sent. */
export function names(id: number, entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ name, longName = name, size, mode, modified }) => [
    string(name),
    string(longName),
    uint32((size === undefined ? 0 : 1) | (mode === undefined ? 0 : 4) | (modified === undefined ? 0 : 8)),
    ...(size === undefined ? [] : [uint32(0), uint32(size)]),
    ...(mode === undefined ? [] : [uint32(mode)]),
    ...(modified === undefined ? [] : [uint32(modified), uint32(modified)]),
  ]);
  return packet(ANSWER.name, uint32(id), uint32(entries.length), ...parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
