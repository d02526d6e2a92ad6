// The one request of LDAP that asks for TLS (RFC 4511, section 4.14), and its answer, in BER (X.690, section 8.1).

import { ProbeError } from '../endpoints/reasons.js';

const SEQUENCE = 0x30;
const EXTENDED_RESPONSE = 0x78;
const ENUMERATED = 0x0a;

/** An extended request with the message id 1. */
export const STARTTLS_REQUEST = Buffer.concat([Buffer.from('301d02010177188016', 'hex'), Buffer.from('1.3.6.1.4.1.1466.20037', 'latin1')]);

/** Message id 1. */
const MESSAGE_ID = Buffer.from('020101', 'hex');

/** How long the message is that begins here, each byte a character; undefined where that cannot be told yet. @throws ProbeError `protocol` */
export function lengthOfMessage(text: string): number | undefined {
  const bytes = Buffer.from(text.slice(0, 6), 'latin1');
  if (bytes.length > 0 && bytes[0] !== SEQUENCE) throw noLdap();
  const header = headerOf(bytes, 0);
  return header && header.begin + header.length;
}

/** The result code of the answer; 0 is success. @throws ProbeError `protocol` where it is none */
export function resultCode(text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  const message = headerOf(bytes, 0)?.begin ?? 0;
  const response = message + MESSAGE_ID.length;
  if (!bytes.subarray(message, response).equals(MESSAGE_ID) || bytes[response] !== EXTENDED_RESPONSE) throw noLdap();
  const result = headerOf(bytes, response)?.begin ?? 0;
  const code = bytes[result + 2];
  if (bytes[result] !== ENUMERATED || code === undefined) throw noLdap();
  return code;
}

/** Where the content of the element begins, and how long it is. */
function headerOf(bytes: Buffer, at: number): { readonly begin: number; readonly length: number } | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { begin: at + 2, length: first };
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw noLdap();
  if (bytes.length < at + 2 + size) return undefined;
  return { begin: at + 2 + size, length: bytes.readUIntBE(at + 2, size) };
}

function noLdap(): ProbeError {
  return new ProbeError('protocol', 'what answers speaks no LDAP');
}
