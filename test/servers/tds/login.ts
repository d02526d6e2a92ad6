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
  /** Where the login is one of Entra ID: its token, or undefined where that follows when the server has said whose to get. */
  readonly federated: { readonly token: string | undefined } | undefined;
  /** How it came: through TLS inside PRELOGIN packets, through TLS around all, or neither. */
  readonly encryption: 'none' | 'tls' | 'strict';
}

const TYPE_FLAGS = 26;
const READ_ONLY_INTENT = 0x20;
/** Where the offset and length of each field stand. */
const FIELD = { hostname: 36, user: 40, password: 44, application: 48, server: 52, extension: 56, database: 68, sspi: 78 } as const;
const FLAGS_3 = 27;
const HAS_EXTENSION = 0x10;
const FEDERATED = 0x02;
const END_OF_FEATURES = 0xff;
/** In the first byte of the feature, beside a bit of its own. */
const SECURITY_TOKEN = 0x01;

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
    federated: (data.readUInt8(FLAGS_3) & HAS_EXTENSION) === 0 ? undefined : readFederated(data, bytes(FIELD.extension, 1).readUInt32LE()),
    encryption,
  };
}

/** FEDAUTH among the feature extensions. */
function readFederated(data: Buffer, start: number): Login['federated'] {
  for (let at = start; data[at] !== END_OF_FEATURES; at += 5 + data.readUInt32LE(at + 1)) {
    if (data[at] !== FEDERATED) continue;
    const feature = data.subarray(at + 5, at + 5 + data.readUInt32LE(at + 1));
    if (feature.readUInt8() >> 1 !== SECURITY_TOKEN) return { token: undefined };
    return { token: feature.subarray(5, 5 + feature.readUInt32LE(1)).toString('utf16le') };
  }
  return undefined;
}

/** The message FEDAUTH ([MS-TDS] 2.2.6.3) with the token that the client has got. */
export function readFederatedToken(data: Buffer): string {
  return data.subarray(8, 8 + data.readUInt32LE(4)).toString('utf16le');
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
