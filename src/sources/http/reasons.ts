// Why a probe fails: a bounded list, since reasons become label values.

import { errorCode, systemError } from '../system-errors.js';
import type { Phase } from './phases.js';

export const REASONS = [
  'dns',
  'refused',
  'unreachable',
  'timeout',
  'reset',
  'tls',
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_name',
  'certificate_untrusted',
  'status',
  'body',
  'slow',
  'protocol',
  'too_large',
] as const;
export type Reason = (typeof REASONS)[number];

/** A failure that is told by no error code. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

/** How OpenSSL and Node.js call what is wrong with a certificate; all others mean that its authority is not trusted. */
const CERTIFICATE: Readonly<Record<string, Reason>> = {
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_name',
  HOSTNAME_MISMATCH: 'certificate_name',
};

export function certificateReason(code: string): Reason {
  return CERTIFICATE[code] ?? 'certificate_untrusted';
}

/** What is left when a code says nothing: what usually goes wrong in the phase. */
const BY_PHASE: Readonly<Record<Phase, Reason>> = {
  resolve: 'dns',
  connect: 'unreachable',
  tls: 'tls',
  send: 'protocol',
  wait: 'protocol',
  transfer: 'protocol',
};

export function reasonOf(error: unknown, phase: Phase): Reason {
  if (error instanceof ProbeError) return error.reason;
  const code = errorCode(error);
  if (code === 'HPE_HEADER_OVERFLOW') return 'too_large';
  if (code !== undefined && /^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return 'tls';
  const system = systemError(code)?.errorClass;
  if (system === 'lost') return 'reset';
  if (system === 'refused' || system === 'dns' || system === 'unreachable' || system === 'timeout') return system;
  return BY_PHASE[phase];
}
