// Whether TLS and certificate are as the YAML expects them, beyond being trusted.

import type { X509Certificate } from 'node:crypto';
import { formatDuration, parseDuration } from '../../domain/duration.js';
import { nameOf } from '../endpoints/certificates.js';
import { failuresOf } from '../endpoints/failures.js';
import { Pattern } from '../endpoints/pattern.js';
import { ProbeError, type Failure } from '../endpoints/reasons.js';
import type { EndpointOptions } from './schema.js';

type Expect = NonNullable<EndpointOptions['expect']>;

export interface Seen {
  readonly version: string;
  /** The protocol that was chosen; undefined where none was. */
  readonly alpn: string | undefined;
  /** From the leaf upwards. */
  readonly chain: readonly X509Certificate[];
}

export class Expectation {
  readonly #versions: readonly string[] | undefined;
  readonly #alpn: string | undefined;
  readonly #fingerprints: readonly string[] | undefined;
  readonly #issuer: Pattern | undefined;
  readonly #validForMs: number;

  constructor({ version, alpn, fingerprint, issuer, valid_for: validFor }: Expect = {}) {
    this.#versions = version === undefined ? undefined : [version].flat();
    this.#alpn = alpn;
    this.#fingerprints = fingerprint === undefined ? undefined : [fingerprint].flat().map(digits);
    this.#issuer = issuer === undefined ? undefined : new Pattern(issuer);
    this.#validForMs = validFor === undefined ? 0 : (parseDuration(validFor) ?? 0);
  }

  /** Those that may come of it. */
  get failures(): readonly Failure[] {
    return [
      ...failuresOf('tls', 'tls_version'),
      ...(this.#alpn === undefined ? [] : failuresOf('tls', 'protocol')),
      ...(this.#fingerprints === undefined ? [] : failuresOf('tls', 'certificate_fingerprint')),
      ...(this.#issuer === undefined ? [] : failuresOf('tls', 'certificate_issuer')),
      ...(this.#validForMs === 0 ? [] : failuresOf('tls', 'certificate_expiring')),
    ];
  }

  /** @throws ProbeError with the first thing that is not as expected */
  judge({ version, alpn, chain }: Seen, now: number): void {
    const [leaf] = chain;
    if (this.#versions && !this.#versions.includes(version)) {
      throw new ProbeError('tls_version', `it speaks ${version}, not ${this.#versions.join(' or ')}`);
    }
    if (this.#alpn !== undefined && alpn !== this.#alpn) {
      throw new ProbeError('protocol', `it chooses ${alpn ?? 'no application protocol'}, not ${this.#alpn}`);
    }
    if (this.#fingerprints && !this.#fingerprints.includes(digits(leaf?.fingerprint256 ?? ''))) {
      throw new ProbeError('certificate_fingerprint', `the certificate is another one: ${leaf?.fingerprint256 ?? 'none'}`);
    }
    if (this.#issuer) this.#judgeIssuer(this.#issuer, leaf?.issuer ?? '');
    for (const one of chain) {
      const left = one.validToDate.getTime() - now;
      if (left >= this.#validForMs || this.#validForMs === 0) continue;
      const wanted = formatDuration(this.#validForMs);
      throw new ProbeError('certificate_expiring', `${nameOf(one.subject)} is valid until ${one.validTo}, that is less than ${wanted}`);
    }
  }

  #judgeIssuer(pattern: Pattern, issuer: string): void {
    let matches = false;
    try {
      matches = pattern.find(issuer.replaceAll('\n', ', ')) !== undefined;
    } catch {
      // A pattern that runs away matches nothing.
    }
    if (!matches) throw new ProbeError('certificate_issuer', `it is issued by ${nameOf(issuer)}`);
  }
}

function digits(fingerprint: string): string {
  return fingerprint
    .replace(/^sha-?256[:= ]/i, '')
    .replaceAll(':', '')
    .toUpperCase();
}
