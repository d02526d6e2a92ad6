// A DNS server on loopback that speaks real packets (RFC 1035), over UDP and TCP, and misbehaves as it is told.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { portOf } from '../../port.js';

export const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, CAA: 257 } as const;
export type Type = keyof typeof TYPES;
export const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

export interface RecordData {
  readonly type: Type;
  readonly data: Buffer;
  readonly ttl?: number;
  /** Where it is not the name that was asked for. */
  readonly owner?: string;
}

export interface Reply {
  readonly rcode?: keyof typeof RCODES;
  readonly records?: readonly RecordData[];
  readonly truncated?: boolean;
}

export interface Query {
  readonly name: string;
  readonly type: number;
  readonly over: 'udp' | 'tcp';
  /** The whole message, to answer with something else than a reply. */
  readonly message: Buffer;
}

/** What comes back: a reply, raw bytes, or nothing at all. */
export type Answering = (query: Query) => Reply | Buffer | undefined | Promise<Reply | Buffer | undefined>;

export interface DnsDouble {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly queries: readonly Query[];
  answer: Answering;
  close(): Promise<void>;
}

export async function startDnsDouble(answer: Answering): Promise<DnsDouble> {
  const tcp = createServer();
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const port = portOf(tcp);
  const udp = createSocket('udp4');
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const queries: Query[] = [];
  const double = { address: `127.0.0.1:${port}`, queries, answer, close: () => close(udp, tcp) };
  const respond = async (message: Buffer, over: 'udp' | 'tcp') => {
    const query = { ...questionOf(message), over, message };
    queries.push(query);
    const reply = await double.answer(query);
    return reply === undefined || Buffer.isBuffer(reply) ? reply : encode(message, reply);
  };
  udp.on('message', (message, from) => {
    void respond(message, 'udp').then((reply) => reply && udp.send(reply, from.port, from.address));
  });
  tcp.on('connection', (socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const message = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + message.length);
        void respond(message, 'tcp').then((reply) =>
          reply === undefined ? socket.destroy() : socket.write(Buffer.concat([uint16(reply.length), reply])),
        );
      }
    });
  });
  return double;
}

async function close(udp: Socket, tcp: Server): Promise<void> {
  udp.close();
  tcp.close();
  await once(tcp, 'close');
}

function questionOf(message: Buffer): { name: string; type: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1) };
}

/** The header, the question as it came, and the records. */
function encode(message: Buffer, { rcode = 'NOERROR', records = [], truncated = false }: Reply): Buffer {
  let end = 12;
  while ((message[end] ?? 0) > 0) end += 1 + (message[end] ?? 0);
  const question = message.subarray(12, end + 5);
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (truncated ? 0x0200 : 0) | RCODES[rcode], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records.map(encodeRecord)]);
}

function encodeRecord({ type, data, ttl = 300, owner }: RecordData): Buffer {
  // 0xc00c points at the name of the question.
  const name = owner === undefined ? uint16(0xc00c) : nameData(owner);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(TYPES[type], 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(ttl, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, head, data]);
}

export function nameData(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

export const record = {
  a: (address: string, ttl?: number): RecordData => ({
    type: 'A',
    data: Buffer.from(address.split('.').map(Number)),
    ...(ttl !== undefined && { ttl }),
  }),
  aaaa: (...groups: readonly number[]): RecordData => ({ type: 'AAAA', data: uint16(...groups) }),
  named: (type: 'CNAME' | 'NS' | 'PTR', name: string): RecordData => ({ type, data: nameData(name) }),
  mx: (priority: number, name: string): RecordData => ({ type: 'MX', data: Buffer.concat([uint16(priority), nameData(name)]) }),
  srv: (priority: number, weight: number, port: number, name: string): RecordData => ({
    type: 'SRV',
    data: Buffer.concat([uint16(priority, weight, port), nameData(name)]),
  }),
  txt: (...parts: readonly string[]): RecordData => ({
    type: 'TXT',
    data: Buffer.concat(parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')]))),
  }),
  caa: (tag: string, value: string): RecordData => ({
    type: 'CAA',
    data: Buffer.concat([Buffer.from([0, tag.length]), Buffer.from(tag + value, 'latin1')]),
  }),
  soa: (primary: string, mail: string, serial: number): RecordData => {
    const numbers = Buffer.alloc(20);
    for (const [index, value] of [serial, 7200, 3600, 1_209_600, 300].entries()) numbers.writeUInt32BE(value, index * 4);
    return { type: 'SOA', data: Buffer.concat([nameData(primary), nameData(mail), numbers]) };
  },
} as const;
