// What a client asks ([MS-TDS] 2.2.6.6, 2.2.6.7, 2.2.6.9): batches, sp_executesql, transactions.

import { PACKET, type Message } from './packets.js';
import { ValueReader, type Parameter } from './parameters.js';

export interface Request {
  readonly kind: 'batch' | 'rpc' | 'begin' | 'rollback';
  readonly sql: string;
  /** How sp_executesql declares its parameters. */
  readonly declaration: string;
  readonly parameters: readonly Parameter[];
}

const SP_EXECUTESQL = 10;
const TRANSACTION = { begin: 5, rollback: 8 } as const;

/** @throws Error for what the double does not speak */
export function readRequest({ type, data }: Message): Request {
  const body = data.subarray(data.readUInt32LE(0));
  const plain = { sql: '', declaration: '', parameters: [] };
  if (type === PACKET.sqlBatch) return { ...plain, kind: 'batch', sql: body.toString('utf16le') };
  if (type === PACKET.rpc) return executeSql(body);
  if (type !== PACKET.transaction) throw new Error(`no packet of type ${type} is expected here`);
  const operation = body.readUInt16LE(0);
  if (operation === TRANSACTION.begin) return { ...plain, kind: 'begin' };
  if (operation === TRANSACTION.rollback) return { ...plain, kind: 'rollback' };
  throw new Error(`no operation ${operation} on transactions is expected`);
}

/** The first parameter of sp_executesql is the statement, the second declares those that follow. */
function executeSql(body: Buffer): Request {
  if (body.readUInt16LE(0) !== 0xffff || body.readUInt16LE(2) !== SP_EXECUTESQL) throw new Error('another procedure than sp_executesql');
  const reader = new ValueReader(body, 6);
  const all: Parameter[] = [];
  while (!reader.ended) all.push(reader.parameter());
  const [statement, declaration, ...parameters] = all;
  if (typeof statement?.value !== 'string') throw new Error('a statement that is no nvarchar');
  return { kind: 'rpc', sql: statement.value, declaration: String(declaration?.value ?? ''), parameters };
}
