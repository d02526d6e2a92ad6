// Tokens of the server's answers ([MS-TDS] 2.2.7) other than columns and rows.

import { bVarchar, uint16, usVarchar } from './values.js';

export const DONE = { done: 0xfd, inProcedure: 0xff, procedure: 0xfe } as const;
export const STATUS = { final: 0x00, more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;

export interface ServerError {
  readonly number: number;
  readonly message: string;
  /** Default 16; from 20 on a server ends the connection. */
  readonly severity?: number;
}

const ENVIRONMENT = { database: 1, packetSize: 4, begin: 8, rollback: 10, routing: 20 } as const;

export function done(token: number, status: number, rows = 0): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt8(token, 0);
  bytes.writeUInt16LE(status, 1);
  bytes.writeBigUInt64LE(BigInt(rows), 5);
  return bytes;
}

export function returnStatus(): Buffer {
  return Buffer.from([0x79, 0, 0, 0, 0]);
}

export function error({ number, message, severity = 16 }: ServerError): Buffer {
  const head = Buffer.alloc(6);
  head.writeInt32LE(number, 0);
  head.writeUInt8(1, 4);
  head.writeUInt8(severity, 5);
  return tokenOf(0xaa, Buffer.concat([head, usVarchar(message), bVarchar('double'), bVarchar(''), Buffer.from([1, 0, 0, 0])]));
}

export function loginAck(): Buffer {
  const version = Buffer.from([0x74, 0x00, 0x00, 0x04]);
  return tokenOf(0xad, Buffer.concat([Buffer.from([1]), version, bVarchar('Microsoft SQL Server'), Buffer.from([16, 0, 3, 232])]));
}

export function sspi(data: Buffer): Buffer {
  return tokenOf(0xed, data);
}

/** Where to get a token, and for what: FEDAUTHINFO. */
export function federatedInfo(sts: string, spn: string): Buffer {
  const texts = [Buffer.from(sts, 'utf16le'), Buffer.from(spn, 'utf16le')];
  const head = Buffer.alloc(4 + 9 * texts.length);
  head.writeUInt32LE(texts.length, 0);
  let offset = head.length;
  for (const [index, text] of texts.entries()) {
    head.writeUInt8(index + 1, 4 + 9 * index);
    head.writeUInt32LE(text.length, 5 + 9 * index);
    head.writeUInt32LE(offset, 9 + 9 * index);
    offset += text.length;
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(offset);
  return Buffer.concat([Buffer.from([0xee]), length, head, ...texts]);
}

/** FEATUREEXTACK of a login by token. */
export function federatedAck(): Buffer {
  return Buffer.from([0xae, 0x02, 0, 0, 0, 0, 0xff]);
}

export function databaseChange(name: string): Buffer {
  return environment(ENVIRONMENT.database, bVarchar(name), bVarchar('master'));
}

/** Sends the client elsewhere, as a listener does with read-only intent. */
export function routing(host: string, port: number): Buffer {
  const target = Buffer.concat([Buffer.from([0]), uint16(port), usVarchar(host)]);
  return environment(ENVIRONMENT.routing, Buffer.concat([uint16(target.length), target]), uint16(0));
}

export function transactionBegun(descriptor: Buffer): Buffer {
  return environment(ENVIRONMENT.begin, counted(descriptor), Buffer.from([0]));
}

export function transactionRolledBack(descriptor: Buffer): Buffer {
  return environment(ENVIRONMENT.rollback, Buffer.from([0]), counted(descriptor));
}

function environment(kind: number, now: Buffer, before: Buffer): Buffer {
  return tokenOf(0xe3, Buffer.concat([Buffer.from([kind]), now, before]));
}

function counted(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function tokenOf(kind: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), uint16(data.length), data]);
}
