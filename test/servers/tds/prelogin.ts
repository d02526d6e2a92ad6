// PRELOGIN ([MS-TDS] 2.2.6.5): what client and server agree on before anything else, encryption above all.

export const ENCRYPT = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

const VERSION = 0;
const ENCRYPTION = 1;
const TERMINATOR = 0xff;

/** The client's wish for encryption, one of ENCRYPT. */
export function readEncryption(data: Buffer): number {
  for (let at = 0; data[at] !== TERMINATOR && at + 5 <= data.length; at += 5) {
    if (data[at] === ENCRYPTION) return data.readUInt8(data.readUInt16BE(at + 1));
  }
  throw new Error('the client says nothing of encryption');
}

/** Version 16 is SQL Server 2022. */
export function preloginAnswer(encryption: number): Buffer {
  const options = [
    { token: VERSION, data: Buffer.from([16, 0, 0x03, 0xe8, 0, 0]) },
    { token: ENCRYPTION, data: Buffer.from([encryption]) },
  ];
  const table = Buffer.alloc(options.length * 5 + 1);
  let offset = table.length;
  for (const [index, { token, data }] of options.entries()) {
    table.writeUInt8(token, index * 5);
    table.writeUInt16BE(offset, index * 5 + 1);
    table.writeUInt16BE(data.length, index * 5 + 3);
    offset += data.length;
  }
  table.writeUInt8(TERMINATOR, table.length - 1);
  return Buffer.concat([table, ...options.map(({ data }) => data)]);
}
