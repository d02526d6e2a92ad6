// Why a probe fails: a bounded list, since reasons become label values.

import { errorCode, systemError } from '../system-errors.js';
import type { Phase } from './phases.js';
import { tlsProblem } from './tls-errors.js';

export const REASONS = [
  'dns',
  'refused',
  'unreachable',
  'timeout',
  'reset',
  'proxy',
  'tls',
  'tls_version',
  'tls_cipher',
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_name',
  'certificate_untrusted',
  'certificate_weak',
  'certificate_expiring',
  'certificate_issuer',
  'certificate_fingerprint',
  'client_certificate',
  'host_key',
  'algorithms',
  'auth',
  'login_paused',
  'greeting',
  'status',
  'redirect',
  'header',
  'body',
  'json',
  'answer',
  'slow',
  'protocol',
  'too_large',
] as const;
export type Reason = (typeof REASONS)[number];

/** A probe that found the endpoint not as it should be. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  constructor(
    readonly reason: Reason,
    /** For people, in our own words, shown in transcripts: no secret, no personal datum, no text of the answer's body. */
    readonly detail?: string,
    /** Where it is not the phase in which it was noticed. */
    readonly phase?: Phase,
  ) {
    super(detail ?? reason);
  }
}

/** Where and why a probe failed. */
export interface Failure {
  readonly phase: Phase;
  readonly reason: Reason;
}

/** What is left when a code says nothing: what usually goes wrong in the phase. */
const BY_PHASE: Readonly<Record<Phase, Reason>> = {
  resolve: 'dns',
  connect: 'unreachable',
  proxy: 'proxy',
  greeting: 'protocol',
  tls: 'tls',
  handshake: 'protocol',
  login: 'protocol',
  send: 'protocol',
  wait: 'protocol',
  transfer: 'protocol',
};

/** Of any error that a probe ends with. */
export function failureOf(error: unknown, phase: Phase): Failure {
  if (error instanceof ProbeError) return { phase: error.phase ?? phase, reason: error.reason };
  const reason = reasonOf(error, phase);
  // TLS 1.3 tells after the handshake that a certificate of ours is missing or not accepted (RFC 8446, section 4.4.2.4).
  return { phase: reason === 'client_certificate' ? 'tls' : phase, reason };
}

function reasonOf(error: unknown, phase: Phase): Reason {
  const code = errorCode(error);
  if (code === 'HPE_HEADER_OVERFLOW') return 'too_large';
  const tls = tlsProblem(code);
  if (tls) return tls.reason === 'client_certificate' ? tls.reason : 'tls';
  const system = systemError(code)?.errorClass;
  if (system === 'lost') return 'reset';
  if (system === 'refused' || system === 'dns' || system === 'unreachable' || system === 'timeout') return system;
  return BY_PHASE[phase];
}
