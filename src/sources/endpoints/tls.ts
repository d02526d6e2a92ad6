// TLS towards an endpoint: the handshake is completed whatever the certificate is like, so that it can be looked at, and nothing is
// sent before it is trusted. Also what the YAML says of it.

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  DEFAULT_CIPHERS,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import type { FromSchema } from 'json-schema-to-ts';
import { endpoint as metrics } from '../../conventions.js';
import { SourceError, type Problem, type SourceContext } from '../kind.js';
import { secret } from '../schema.js';
import { errorCode } from '../system-errors.js';
import { chainOf, distrust, observeCertificates, weakest } from './certificates.js';
import { established } from './dial.js';
import type { ProbeRun } from './prober.js';
import { ProbeError, type Failure } from './reasons.js';
import { tlsProblem } from './tls-errors.js';

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
    'tls_version',
    'tls_cipher',
    'certificate_expired',
    'certificate_not_yet_valid',
    'certificate_name',
    'certificate_untrusted',
    'certificate_weak',
    'client_certificate',
  ] as const
).map((reason) => ({ phase: 'tls', reason }));

type Reading = Pick<SourceContext, 'readSecret' | 'resolvePath'>;

/** Versions of TLS, in the names that Node.js and OpenSSL give them. */
export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** The versions that may be spoken; from 1.2 on where nothing is said. */
export interface TlsVersions {
  readonly min?: TlsVersion;
  readonly max?: TlsVersion;
}

/** OpenSSL speaks the old versions at its lowest level of security alone. */
const OLD_VERSIONS: readonly (TlsVersion | undefined)[] = ['TLSv1', 'TLSv1.1'];

export interface Trust {
  readonly context: SecureContext;
  readonly insecure: boolean;
  /** The name to check instead of the host. */
  readonly serverName: string | undefined;
  /** OpenSSL was told to be content with old versions of TLS, and is so with weak certificates too: they are ours to find. */
  readonly lenient?: boolean;
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
  async read(tls: TlsOptions | undefined, { min, max }: TlsVersions = {}): Promise<Trust> {
    const { ca, certificate, key, passphrase, insecure = false, server_name: serverName } = tls ?? {};
    const lenient = OLD_VERSIONS.includes(min) || OLD_VERSIONS.includes(max);
    const options: SecureContextOptions = {
      ...(min !== undefined && { minVersion: min }),
      ...(max !== undefined && { maxVersion: max }),
      ...(lenient && { ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0` }),
      ...(ca !== undefined && { ca: await this.#readPem('tls.ca', ca) }),
      ...(certificate !== undefined && { cert: await this.#readPem('tls.certificate', certificate) }),
      ...(key !== undefined && { key: await this.#reading.readSecret(key) }),
      ...(passphrase !== undefined && { passphrase: await this.#reading.readSecret(passphrase) }),
    };
    return { context: this.#context(options), insecure, serverName, lenient };
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

export interface Secured {
  readonly socket: TLSSocket;
  /** What it showed, from the leaf upwards. A socket tells it once only. */
  readonly chain: readonly X509Certificate[];
}

/** As `handshake`, for those who need the connection alone. */
export async function secure(tcp: Socket, host: string, trust: Trust, alpn: readonly string[], run: ProbeRun): Promise<TLSSocket> {
  return (await handshake(tcp, host, trust, alpn, run)).socket;
}

/**
 * Secures the connection: the phase `tls`. Expiry and issuer are observed also where the handshake fails because of them.
 * A server that speaks TLS 1.3 may refuse our certificate, or want one, only after this: what is read next fails then.
 * @param alpn protocols to offer, e.g. h2, http/1.1; none where the protocol knows no ALPN
 * @throws ProbeError where the certificate is not to be trusted
 */
export async function handshake(tcp: Socket, host: string, trust: Trust, alpn: readonly string[], run: ProbeRun): Promise<Secured> {
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
  let chain: readonly X509Certificate[] = [];
  const look = () => {
    if (chain.length > 0) return;
    chain = chainOf(socket);
    observeCertificates(chain, run);
  };
  // A server that asks for a certificate of ours refuses us after it has shown its own; once destroyed, the socket forgets it.
  socket.once('secureConnect', look).once('error', look);
  try {
    await established(socket, 'secureConnect', run.signal);
  } catch (error) {
    const problem = tlsProblem(errorCode(error), chain.length > 0);
    throw problem ? new ProbeError(problem.reason, problem.detail) : error;
  }
  const { name: cipher } = socket.getCipher();
  const version = socket.getProtocol() ?? '';
  run.observe(metrics.tls, 1, { version, cipher });
  run.say(`${version}, ${cipher}${typeof socket.alpnProtocol === 'string' ? `, ${socket.alpnProtocol}` : ''}`);
  const problem = problemOf(socket, chain, name, trust, run);
  if (problem === undefined) return { socket, chain };
  if (trust.insecure) {
    run.say(`accepted all the same (insecure): ${problem.reason}, ${problem.message}`);
    return { socket, chain };
  }
  socket.destroy();
  throw problem;
}

function problemOf(
  { authorized, authorizationError }: TLSSocket,
  chain: readonly X509Certificate[],
  name: string,
  { lenient = false }: Trust,
  { clock }: ProbeRun,
): ProbeError | undefined {
  if (authorized) return lenient ? weakest(chain) : undefined;
  // Node.js puts the code there, or the message of an error that has none; its types say that it is an error.
  const reported: unknown = authorizationError;
  return distrust(typeof reported === 'string' ? reported : (errorCode(reported) ?? ''), chain, name, clock.now());
}
