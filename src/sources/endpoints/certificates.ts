// The certificates that an endpoint shows: what is exported of them, and what is wrong with them.

import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { endpoint as metrics } from '../../conventions.js';
import type { ProbeRun } from './prober.js';
import { ProbeError, type Reason } from './reasons.js';

/** How OpenSSL and Node.js call what is wrong with a certificate; all others mean that its authority is not trusted. */
const REASONS: Readonly<Record<string, Reason>> = {
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_name',
  HOSTNAME_MISMATCH: 'certificate_name',
};

/** A server may send as many as it likes. */
const LONGEST_CHAIN = 10;

/** Smaller keys are below 112 bits of security, level 2 of OpenSSL, which Node.js keeps to: NIST SP 800-57 part 1, table 2. */
const SMALLEST_RSA = 2048;
const SMALL_CURVES = /^(?:secp|sect|prime|wap-wsg-idm-ecid-wtls)\D*(?:1[0-9]{2}|20[0-9])/;

/** The certificate of the endpoint and those of authorities that it sent with it, from the leaf upwards; empty where it showed none. */
export function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let one = socket.getPeerX509Certificate();
  while (one && chain.length < LONGEST_CHAIN) {
    chain.push(one);
    const issuer: X509Certificate | undefined = one.issuerCertificate;
    if (issuer === one || issuer?.raw.equals(one.raw)) break;
    one = issuer;
  }
  return chain;
}

export function observeCertificates(chain: readonly X509Certificate[], run: ProbeRun): void {
  const [leaf] = chain;
  if (!leaf) return;
  const expiries = chain.map((one) => one.validToDate.getTime() / 1000).filter((expiry) => !Number.isNaN(expiry));
  const [expiry] = expiries;
  if (expiry !== undefined) {
    run.observe(metrics.certificateExpiry, expiry);
    run.observe(metrics.chainExpiry, Math.min(...expiries));
  }
  run.observe(metrics.certificate, 1, { issuer: nameOf(leaf.issuer), key: keyOf(leaf) });
  run.say(
    `certificate of ${nameOf(leaf.subject)}, ${keyOf(leaf)}, issued by ${nameOf(leaf.issuer)}, valid until ${time(leaf.validToDate)}`,
  );
  for (const one of chain.slice(1)) run.say(`sent with it: ${nameOf(one.subject)}, valid until ${time(one.validToDate)}`);
}

/**
 * Why the certificate is not to be trusted, naming the one of the chain that is to blame.
 * @param code as Node.js gives it
 * @param name that the certificate should bear
 */
export function distrust(code: string, chain: readonly X509Certificate[], name: string, now: number): ProbeError {
  const reason = REASONS[code];
  if (reason === 'certificate_expired') {
    const culprit = chain.find((one) => one.validToDate.getTime() < now);
    return new ProbeError(
      reason,
      culprit ? `${which(culprit, chain)} expired at ${time(culprit.validToDate)}` : 'an authority has expired',
    );
  }
  if (reason === 'certificate_not_yet_valid') {
    const culprit = chain.find((one) => one.validFromDate.getTime() > now);
    return new ProbeError(reason, culprit && `${which(culprit, chain)} is valid from ${time(culprit.validFromDate)} on`);
  }
  if (reason === 'certificate_name') return new ProbeError(reason, `it is for ${namesOf(chain[0])}, not for ${name}`);
  // OpenSSL has codes for keys and digests that are too weak, for which Node.js has no name.
  const weak = code === 'UNSPECIFIED' ? weakest(chain) : undefined;
  return weak ?? new ProbeError('certificate_untrusted', untrusted(code, chain));
}

/** The first certificate of the chain that is weak, as the reason of a failure; undefined where none is. */
export function weakest(chain: readonly X509Certificate[]): ProbeError | undefined {
  for (const one of chain) {
    const weakness = weaknessOf(one);
    if (weakness !== undefined) return new ProbeError('certificate_weak', `${which(one, chain)} ${weakness}`);
  }
  return undefined;
}

function weaknessOf(one: X509Certificate): string | undefined {
  const { rsaBits, curve } = detailsOf(one);
  if ((rsaBits !== undefined && rsaBits < SMALLEST_RSA) || (curve !== undefined && SMALL_CURVES.test(curve))) {
    return `has a weak key, ${keyOf(one)}`;
  }
  const digest = /md[245]|sha-?1(?!\d)/i.exec(one.signatureAlgorithm ?? '')?.[0];
  // Nobody checks the signature of a root.
  return digest !== undefined && one.issuer !== one.subject ? `is signed with a weak digest, ${digest.toUpperCase()}` : undefined;
}

function untrusted(code: string, chain: readonly X509Certificate[]): string {
  const [leaf] = chain;
  const top = chain.at(-1);
  if (!leaf || !top) return 'it shows no certificate';
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT') return 'it is signed by itself, and not among those trusted here (tls.ca)';
  if (code === 'SELF_SIGNED_CERT_IN_CHAIN') return `its authority, ${nameOf(top.subject)}, is not among those trusted here (tls.ca)`;
  if (code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' || code === 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY') {
    return `${nameOf(top.issuer)} is not among the authorities trusted here (tls.ca), or the server forgets to send the certificates in between`;
  }
  return `the certificate is not trusted: ${code}`;
}

function which(one: X509Certificate, [leaf]: readonly X509Certificate[]): string {
  return one === leaf ? 'it' : `the authority ${nameOf(one.subject)}`;
}

function namesOf(leaf: X509Certificate | undefined): string {
  return leaf?.subjectAltName?.replaceAll(/(?:DNS|IP Address):/g, '') ?? 'no name';
}

/** To the second, as certificates have it. */
function time(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString().replace('.000Z', 'Z');
}

/** The common name, else the organisation, else all of it in one line. */
export function nameOf(distinguished: string): string {
  const part = (key: string) => new RegExp(`^${key}=(?<value>.+)$`, 'm').exec(distinguished)?.groups?.['value'];
  return part('CN') ?? part('O') ?? distinguished.replaceAll('\n', ', ');
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** As people name keys: RSA 2048, EC P-256, Ed25519. */
function keyOf(certificate: X509Certificate): string {
  const { type, rsaBits, curve } = detailsOf(certificate);
  if (type.startsWith('ed')) return type.replace('ed', 'Ed');
  return `${type.toUpperCase()} ${rsaBits ?? CURVES[curve ?? ''] ?? curve ?? ''}`.trim();
}

interface KeyDetails {
  readonly type: string;
  readonly rsaBits?: number | undefined;
  readonly curve?: string | undefined;
}

function detailsOf(certificate: X509Certificate): KeyDetails {
  try {
    const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = certificate.publicKey;
    return { type, rsaBits: details?.modulusLength, curve: details?.namedCurve };
  } catch {
    // OpenSSL knows no such key: https://nodejs.org/api/crypto.html#x509publickey
    return { type: 'unknown' };
  }
}
