// A double of MySQL that speaks its protocol on a loopback socket and says what a test wants it to say.
// https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { portOf } from '../port.js';

export type Answer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** One row of texts. */
  | { readonly kind: 'row'; readonly row: Readonly<Record<string, string>> }
  /** Any number of them, and NULL; with an error after the last one where it fails half-way. */
  | {
      readonly kind: 'rows';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly (string | null)[])[];
      readonly error?: number;
    };

export interface MysqlDouble {
  readonly port: number;
  /** The statements it was sent, in order. */
  readonly sent: readonly string[];
  stop(): Promise<void>;
}

/** Protocol 4.1, transactions, connecting with a database, authentication by plugin. */
const CAPABILITIES = 0x00_08_a2_08;
const UTF8MB4 = 45;
const VAR_STRING = 253;
const COM_QUERY = 3;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const EOF = Buffer.from([0xfe, 0, 0, 2, 0]);
/** A longer text has its length in two bytes. */
const MOST_SHORT = 250;
const SEED = 'abcdefghijklmnopqrst';

/** @param version as VERSION() gives it @param answer to each statement but the one that asks for the version */
export async function startMysqlDouble(version: string, answer: (sql: string) => Answer): Promise<MysqlDouble> {
  const sent: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    send(socket, 0, [greeting(version)]);
    let loggedIn = false;
    onPackets(socket, (packet, sequence) => {
      if (!loggedIn) {
        loggedIn = true;
        send(socket, sequence + 1, [OK]);
      } else if (packet[0] === COM_QUERY) {
        const sql = packet.toString('utf8', 1);
        sent.push(sql);
        send(socket, sequence + 1, packetsOf(sql.includes('VERSION()') ? versionRow(version) : answer(sql)));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: portOf(server), sent, stop };
}

function versionRow(version: string): Answer {
  return { kind: 'row', row: { 'CONNECTION_ID()': '7', 'VERSION()': version } };
}

function packetsOf(answer: Answer): Buffer[] {
  if (answer.kind === 'silence') return [];
  if (answer.kind === 'ok') return [OK];
  if (answer.kind === 'error') return [errorPacket(answer.code, answer.message)];
  const columns = answer.kind === 'row' ? Object.keys(answer.row) : answer.columns;
  const rows = answer.kind === 'row' ? [Object.values(answer.row)] : answer.rows;
  const end = answer.kind === 'rows' && answer.error !== undefined ? errorPacket(answer.error, 'half-way') : EOF;
  return [Buffer.from([columns.length]), ...columns.map(column), EOF, ...rows.map((row) => Buffer.concat(row.map(cell))), end];
}

function errorPacket(code: number, message: string): Buffer {
  return Buffer.concat([Buffer.from([0xff]), numbers(2, code), Buffer.from(`#HY000${message}`)]);
}

function greeting(version: string): Buffer {
  return Buffer.concat([
    Buffer.from(`\u000a${version}\0`),
    numbers(4, 7),
    Buffer.from(`${SEED.slice(0, 8)}\0`),
    numbers(2, CAPABILITIES & 0xffff),
    numbers(1, UTF8MB4),
    numbers(2, 2),
    numbers(2, CAPABILITIES >>> 16),
    numbers(1, SEED.length + 1),
    Buffer.alloc(10),
    Buffer.from(`${SEED.slice(8)}\0mysql_native_password\0`),
  ]);
}

function column(name: string): Buffer {
  const names = ['def', '', '', '', name, name].map(text);
  return Buffer.concat([...names, numbers(1, 0x0c), numbers(2, UTF8MB4), numbers(4, 400), numbers(1, VAR_STRING), Buffer.alloc(5)]);
}

/** A text with its length before it. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = bytes.length <= MOST_SHORT ? numbers(1, bytes.length) : Buffer.concat([Buffer.from([0xfc]), numbers(2, bytes.length)]);
  return Buffer.concat([length, bytes]);
}

function cell(value: string | null): Buffer {
  return value === null ? Buffer.from([0xfb]) : text(value);
}

function numbers(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}

function send(socket: Socket, sequence: number, packets: readonly Buffer[]): void {
  const framed = packets.map((packet, place) => Buffer.concat([numbers(3, packet.length), numbers(1, (sequence + place) % 256), packet]));
  socket.write(Buffer.concat(framed));
}

function onPackets(socket: Socket, listener: (packet: Buffer, sequence: number) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUIntLE(0, 3)) {
      const end = 4 + pending.readUIntLE(0, 3);
      listener(pending.subarray(4, end), pending.readUInt8(3));
      pending = pending.subarray(end);
    }
  });
}
