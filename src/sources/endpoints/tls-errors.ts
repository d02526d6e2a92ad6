// What the codes of OpenSSL say about a connection over TLS that does not come about.

/** Reasons that are told by a code alone, certificates apart. */
export type TlsReason = 'tls' | 'tls_version' | 'tls_cipher' | 'client_certificate' | 'certificate_name';

export interface TlsProblem {
  readonly reason: TlsReason;
  /** For people. */
  readonly detail: string;
}

/** Alerts of RFC 8446, section 6.2, and errors of our own side, in the names that Node.js makes of them. The first that fits counts. */
const PROBLEMS: readonly (readonly [RegExp, TlsProblem])[] = [
  // What a server says of certificates is about ours: it has no other.
  [
    /ALERT_(?:NO_CERTIFICATE|CERTIFICATE_REQUIRED)|ALERT_HANDSHAKE_FAILURE_AFTER_CERTIFICATE/,
    { reason: 'client_certificate', detail: 'it asks for a certificate of ours, and has none: tls.certificate and tls.key' },
  ],
  [
    /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/,
    { reason: 'client_certificate', detail: 'it does not accept our certificate' },
  ],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|VERSION_TOO_HIGH|INAPPROPRIATE_FALLBACK|NO_PROTOCOLS_AVAILABLE/,
    { reason: 'tls_version', detail: 'no version of TLS in common' },
  ],
  [
    /HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|CIPHER|DH_KEY_TOO_SMALL|LEGACY_RENEGOTIATION|WRONG_SIGNATURE_TYPE|WRONG_CURVE/,
    { reason: 'tls_cipher', detail: 'no cipher, or no method of key exchange or signature, in common' },
  ],
  [/UNRECOGNIZED_NAME/, { reason: 'certificate_name', detail: 'it has no certificate for the name that was asked for' }],
  [/NO_APPLICATION_PROTOCOL/, { reason: 'tls', detail: 'none of the application protocols that we offer (ALPN)' }],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_TOO_SMALL|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE/,
    { reason: 'tls', detail: 'what answers there speaks no TLS' },
  ],
];

/**
 * @param code of the error
 * @param shown whether the server had shown its certificate before it gave up
 * @returns undefined where the code is none of TLS
 */
export function tlsProblem(code: string | undefined, shown = false): TlsProblem | undefined {
  if (code === undefined || !/^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return undefined;
  // Up to TLS 1.2 a server that wants a certificate of ours says no more than that the handshake failed (RFC 5246, section 7.4.6).
  const name = shown && code.endsWith('ALERT_HANDSHAKE_FAILURE') ? `${code}_AFTER_CERTIFICATE` : code;
  return PROBLEMS.find(([pattern]) => pattern.test(name))?.[1] ?? { reason: 'tls', detail: `the handshake failed: ${code}` };
}
