// LOGIN7 ([MS-TDS] 2.2.6.4): who logs in, to what and how; and the names in the last message of NTLM ([MS-NLMP] 2.2.1.3).

export interface Login {
  readonly hostname: string;
  readonly user: string;
  readonly password: string;
  readonly application: string;
  readonly server: string;
  readonly database: string;
  /** fReadOnlyIntent of TypeFlags. */
  readonly readOnlyIntent: boolean;
  /** The first message of NTLM, where the login is a Windows one. */
  readonly sspi: Buffer | undefined;
  /** How it came: through TLS inside PRELOGIN packets, through TLS around all, or neither. */
  readonly encryption: 'none' | 'tls' | 'strict';
}

const TYPE_FLAGS = 26;
const READ_ONLY_INTENT = 0x20;
/** Where the offset and length of each field stand. */
const FIELD = { hostname: 36, user: 40, password: 44, application: 48, server: 52, database: 68, sspi: 78 } as const;

export function readLogin(data: Buffer, encryption: Login['encryption']): Login {
  const bytes = (at: number, width: number) => {
    const offset = data.readUInt16LE(at);
    return data.subarray(offset, offset + data.readUInt16LE(at + 2) * width);
  };
  const text = (at: number) => bytes(at, 2).toString('utf16le');
  const sspi = bytes(FIELD.sspi, 1);
  return {
    hostname: text(FIELD.hostname),
    user: text(FIELD.user),
    password: unscramble(bytes(FIELD.password, 2)).toString('utf16le'),
    application: text(FIELD.application),
    server: text(FIELD.server),
    database: text(FIELD.database),
    readOnlyIntent: (data.readUInt8(TYPE_FLAGS) & READ_ONLY_INTENT) !== 0,
    sspi: sspi.length === 0 ? undefined : sspi,
    encryption,
  };
}

/** Each byte: exclusive or with 0xA5, then its halves swapped. */
function unscramble(bytes: Buffer): Buffer {
  return Buffer.from(
    [...bytes].map((byte) => {
      const plain = byte ^ 0xa5;
      return ((plain << 4) & 0xf0) | (plain >> 4);
    }),
  );
}

/** The server's challenge, with target information that ends at once. */
export function ntlmChallenge(): Buffer {
  const target = Buffer.from('EXAMPLE', 'utf16le');
  const information = Buffer.alloc(4);
  const challenge = Buffer.alloc(56);
  challenge.write('NTLMSSP\0', 0, 'latin1');
  challenge.writeUInt32LE(2, 8);
  challenge.writeUInt16LE(target.length, 12);
  challenge.writeUInt16LE(target.length, 14);
  challenge.writeUInt32LE(challenge.length, 16);
  challenge.writeUInt32LE(0x8201, 20);
  challenge.write('01234567', 24, 'latin1');
  challenge.writeUInt16LE(information.length, 40);
  challenge.writeUInt16LE(information.length, 42);
  challenge.writeUInt32LE(challenge.length + target.length, 44);
  return Buffer.concat([challenge, target, information]);
}

/** Domain and user of the client's answer; its hash is not checked. */
export function readNtlm(data: Buffer): { domain: string; user: string } {
  const text = (at: number) => {
    const offset = data.readUInt32LE(at + 4);
    return data.subarray(offset, offset + data.readUInt16LE(at)).toString('utf16le');
  };
  return { domain: text(28), user: text(36) };
}
