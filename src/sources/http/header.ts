// What may be a header, and what Vigie sets itself.

/** RFC 9110, section 5.1: a header name is a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** They are of the connection, and a second value would make the request ambiguous. */
const RESERVED_HEADERS = ['connection', 'content-length', 'expect', 'keep-alive', 'proxy-authorization', 'transfer-encoding', 'upgrade'];

export function isHeaderName(name: string): boolean {
  return HEADER_NAME.test(name);
}

export function isReserved(name: string): boolean {
  return RESERVED_HEADERS.includes(name.toLowerCase());
}

/** RFC 9110, section 5.5: visible characters, spaces and tabs; as Latin-1 on the wire. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value);
}
