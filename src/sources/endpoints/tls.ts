// TLS towards an endpoint: the handshake is completed whatever the certificate is like, so that it can be looked at, and nothing is
// sent before it is trusted. Also what the YAML says of it.

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { FromSchema } from 'json-schema-to-ts';
import { endpoint as metrics } from '../../conventions.js';
import { SourceError, type Problem, type SourceContext } from '../kind.js';
import { secret } from '../schema.js';
import { errorCode } from '../system-errors.js';
import { established } from './dial.js';
import type { ProbeRun } from './prober.js';
import { ProbeError, type Failure, type Reason } from './reasons.js';

export const tlsSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'How the certificate of the endpoint is checked, and what we show of ourselves.',
  examples: [{ ca: 'tls/partners-ca.pem' }],
  properties: {
    ca: {
      type: 'string',
      minLength: 1,
      description: 'PEM file of the authorities to trust instead of those of the system; relative to this YAML file, read at each probe.',
    },
    server_name: {
      type: 'string',
      minLength: 1,
      description: 'The name to ask for and that the certificate must bear. Default: the host.',
    },
    certificate: {
      type: 'string',
      minLength: 1,
      description: 'PEM file of our certificate, its chain included, where the endpoint asks for one.',
    },
    key: { ...secret, description: 'The private key of our certificate in PEM format, by reference.' },
    passphrase: { ...secret, description: 'What the private key is encrypted with, by reference.' },
    insecure: { type: 'boolean', description: 'true accepts any certificate. Its expiry is still exported. Default false.' },
  },
} as const;

export type TlsOptions = FromSchema<typeof tlsSchema>;

/** How far a handshake may be from what it should be. */
export const TLS_FAILURES: readonly Failure[] = (
  [
    'timeout',
    'reset',
    'tls',
    'certificate_expired',
    'certificate_not_yet_valid',
    'certificate_name',
    'certificate_untrusted',
    'certificate_weak',
    'client_certificate',
  ] as const
).map((reason) => ({ phase: 'tls', reason }));

type Reading = Pick<SourceContext, 'readSecret' | 'resolvePath'>;

export interface Trust {
  readonly context: SecureContext;
  readonly insecure: boolean;
  /** The name to check instead of the host. */
  readonly serverName: string | undefined;
}

export function tlsProblems(tls: TlsOptions | undefined): Problem[] {
  if (tls === undefined) return [];
  const problems: Problem[] = [];
  if ((tls.certificate === undefined) !== (tls.key === undefined)) {
    const [has, lacks] = tls.certificate === undefined ? ['key', 'certificate'] : ['certificate', 'key'];
    problems.push({ path: ['tls'], message: `\`${has}\` without \`${lacks}\`: our certificate is both` });
  }
  if (tls.insecure !== true) return problems;
  const path = ['tls', 'insecure'];
  if (tls.ca !== undefined) return [...problems, { path, message: 'accepts any certificate, so `ca` has no effect; keep one of the two' }];
  const message = 'any certificate is accepted, an impostor’s too; name the authority with `ca` instead';
  return [...problems, { path, severity: 'warning', message }];
}

/** More than these are authorities that were replaced. */
const MOST_CONTEXTS = 20;

/** Reading authorities is the costliest part of a handshake on our side: once is enough while the files do not change. */
export class TrustStore {
  readonly #contexts = new Map<string, SecureContext>();
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** @throws SourceError of phase `prepare` or `secret`: what is missing is missing on our side, so the endpoint is not to blame */
  async read(tls: TlsOptions | undefined): Promise<Trust> {
    const { ca, certificate, key, passphrase, insecure = false, server_name: serverName } = tls ?? {};
    const options: SecureContextOptions = {
      ...(ca !== undefined && { ca: await this.#readPem('tls.ca', ca) }),
      ...(certificate !== undefined && { cert: await this.#readPem('tls.certificate', certificate) }),
      ...(key !== undefined && { key: await this.#reading.readSecret(key) }),
      ...(passphrase !== undefined && { passphrase: await this.#reading.readSecret(passphrase) }),
    };
    return { context: this.#context(options), insecure, serverName };
  }

  #context(options: SecureContextOptions): SecureContext {
    const id = JSON.stringify(options);
    const known = this.#contexts.get(id);
    if (known) return known;
    if (this.#contexts.size >= MOST_CONTEXTS) this.#contexts.clear();
    try {
      const context = createSecureContext(options);
      this.#contexts.set(id, context);
      return context;
    } catch {
      const mend = 'the key must be in PEM format, belong to the certificate, and be opened by the passphrase';
      throw new SourceError('prepare', 'config', `tls: the certificate and its key cannot be used: ${mend}`);
    }
  }

  async #readPem(property: string, path: string): Promise<string> {
    const pem = await readFile(this.#reading.resolvePath(path), 'utf8').catch((error: unknown) => {
      const missing = errorCode(error) === 'ENOENT';
      throw new SourceError(
        'prepare',
        missing ? 'not_found' : 'permission',
        `${property}: ${path} ${missing ? 'does not exist' : 'cannot be read'}`,
      );
    });
    try {
      // OpenSSL passes over what it cannot read, and the endpoint would seem untrusted.
      void new X509Certificate(pem);
    } catch {
      throw new SourceError('prepare', 'config', `${property}: ${path} holds no certificate in PEM format (-----BEGIN CERTIFICATE-----)`);
    }
    return pem;
  }
}

/**
 * Secures the connection: the phase `tls`. Expiry and issuer are observed also where the handshake fails because of them.
 * @param alpn protocols to offer, e.g. h2, http/1.1; none where the protocol knows no ALPN
 * @throws ProbeError where the certificate is not to be trusted
 */
export async function secure(tcp: Socket, host: string, trust: Trust, alpn: readonly string[], run: ProbeRun): Promise<TLSSocket> {
  run.watch.enter('tls');
  const name = trust.serverName ?? host;
  const socket = connectTls({
    socket: tcp,
    host: name,
    // RFC 6066, section 3: an address is no server name.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    secureContext: trust.context,
    rejectUnauthorized: false,
    ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
  });
  let told = false;
  const look = () => {
    if (!told) told = observeCertificates(socket, run);
  };
  // A server that asks for a certificate of ours refuses us after it has shown its own; once destroyed, the socket forgets it.
  socket.once('secureConnect', look).once('error', look);
  await established(socket, 'secureConnect', run.signal);
  const { name: cipher } = socket.getCipher();
  const version = socket.getProtocol() ?? '';
  run.observe(metrics.tls, 1, { version, cipher });
  run.say(`${version}, ${cipher}${typeof socket.alpnProtocol === 'string' ? `, ${socket.alpnProtocol}` : ''}`);
  if (!socket.authorized && !trust.insecure) {
    const code = problemOf(socket.authorizationError);
    socket.destroy();
    throw new ProbeError(CERTIFICATE[code] ?? 'certificate_untrusted', `the certificate is not trusted: ${code}`);
  }
  return socket;
}

/** How OpenSSL and Node.js call what is wrong with a certificate; all others mean that its authority is not trusted. */
const CERTIFICATE: Readonly<Record<string, Reason>> = {
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_name',
  HOSTNAME_MISMATCH: 'certificate_name',
  EE_KEY_TOO_SMALL: 'certificate_weak',
  CA_KEY_TOO_SMALL: 'certificate_weak',
  CA_MD_TOO_WEAK: 'certificate_weak',
};

/** Node.js puts the code there, or the message of an error that has none; its types say that it is an error. */
function problemOf(error: unknown): string {
  return typeof error === 'string' ? error : (errorCode(error) ?? '');
}

/** @returns whether there was a certificate */
function observeCertificates(socket: TLSSocket, run: ProbeRun): boolean {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return false;
  const expiry = leaf.validToDate.getTime() / 1000;
  if (Number.isNaN(expiry)) return true;
  let first = expiry;
  for (let one = leaf.issuerCertificate; one; one = one.issuerCertificate) {
    first = Math.min(first, one.validToDate.getTime() / 1000);
    if (one.issuerCertificate === one) break;
  }
  run.observe(metrics.certificateExpiry, expiry);
  run.observe(metrics.chainExpiry, first);
  run.observe(metrics.certificate, 1, { issuer: nameOf(leaf.issuer), key: keyOf(leaf) });
  run.say(`certificate of ${nameOf(leaf.subject)}, issued by ${nameOf(leaf.issuer)}, valid until ${leaf.validToDate.toISOString()}`);
  return true;
}

/** The common name, else the organisation, else all of it in one line. */
function nameOf(distinguished: string): string {
  const part = (key: string) => new RegExp(`^${key}=(?<value>.+)$`, 'm').exec(distinguished)?.groups?.['value'];
  return part('CN') ?? part('O') ?? distinguished.replaceAll('\n', ', ');
}

/** As people name keys: RSA 2048, EC P-256, Ed25519. */
function keyOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details } = publicKey;
  const size = details?.modulusLength ?? details?.namedCurve ?? '';
  return `${type} ${size}`.trim();
}
