// What a client asks ([MS-TDS] 2.2.6.6, 2.2.6.7, 2.2.6.9): batches, sp_executesql, transactions.

import { PACKET, type Message } from './packets.js';

export type Request = { readonly kind: 'batch' | 'rpc'; readonly sql: string } | { readonly kind: 'begin' | 'rollback'; readonly sql: '' };

const SP_EXECUTESQL = 10;
const NVARCHAR = 0xe7;
const TRANSACTION = { begin: 5, rollback: 8 } as const;

/** @throws Error for what the double does not speak */
export function readRequest({ type, data }: Message): Request {
  const body = data.subarray(data.readUInt32LE(0));
  if (type === PACKET.sqlBatch) return { kind: 'batch', sql: body.toString('utf16le') };
  if (type === PACKET.rpc) return { kind: 'rpc', sql: executeSql(body) };
  if (type !== PACKET.transaction) throw new Error(`no packet of type ${type} is expected here`);
  const operation = body.readUInt16LE(0);
  if (operation === TRANSACTION.begin) return { kind: 'begin', sql: '' };
  if (operation === TRANSACTION.rollback) return { kind: 'rollback', sql: '' };
  throw new Error(`no operation ${operation} on transactions is expected`);
}

/** The first parameter of sp_executesql, which is the statement. */
function executeSql(body: Buffer): string {
  if (body.readUInt16LE(0) !== 0xffff || body.readUInt16LE(2) !== SP_EXECUTESQL) throw new Error('another procedure than sp_executesql');
  const type = 7 + body.readUInt8(6) * 2 + 1;
  if (body.readUInt8(type) !== NVARCHAR) throw new Error('a statement that is no nvarchar');
  const longest = body.readUInt16LE(type + 1);
  const value = type + 3 + 5;
  if (longest !== 0xffff) return body.subarray(value + 2, value + 2 + body.readUInt16LE(value)).toString('utf16le');
  const chunks: Buffer[] = [];
  for (let at = value + 8; body.readUInt32LE(at) !== 0; at += 4 + body.readUInt32LE(at)) {
    chunks.push(body.subarray(at + 4, at + 4 + body.readUInt32LE(at)));
  }
  return Buffer.concat(chunks).toString('utf16le');
}
