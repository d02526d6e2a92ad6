// What errors of the operating system mean, for sources that reach over the network.

import type { ErrorClass } from './kind.js';

export interface SystemError {
  readonly errorClass: ErrorClass;
  /** In our own words: those of libraries may hold secrets. */
  readonly message: string;
}

const refused = { errorClass: 'refused', message: 'nothing listens there, or a firewall refuses' } as const;
const noName = { errorClass: 'dns', message: 'the name does not exist' } as const;
const noRoute = { errorClass: 'unreachable', message: 'no route to the host' } as const;
const forbidden = { errorClass: 'unreachable', message: 'this machine may not connect there' } as const;
const reset = { errorClass: 'lost', message: 'the other side reset the connection' } as const;

const KNOWN: Readonly<Record<string, SystemError>> = {
  ECONNREFUSED: refused,
  ENOTFOUND: noName,
  EAI_NONAME: noName,
  EAI_NODATA: noName,
  EAI_AGAIN: { errorClass: 'dns', message: 'the name could not be resolved now' },
  EAI_FAIL: { errorClass: 'dns', message: 'the name could not be resolved' },
  EHOSTUNREACH: noRoute,
  EHOSTDOWN: noRoute,
  ENETUNREACH: noRoute,
  EADDRNOTAVAIL: noRoute,
  EACCES: forbidden,
  EPERM: forbidden,
  ETIMEDOUT: { errorClass: 'timeout', message: 'no answer' },
  ECONNRESET: reset,
  ECONNABORTED: reset,
  EPIPE: reset,
};

/** @returns undefined for a code that is not of the network, or none */
export function systemError(code: string | undefined): SystemError | undefined {
  return code === undefined ? undefined : KNOWN[code];
}

/** The `code` that Node.js and many libraries add to errors. Of several attempts (IPv6 and IPv4) Node.js gives the first one's. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
