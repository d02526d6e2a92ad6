// From the YAML of an endpoint to the request that is sent: secrets and certificates are read anew for each probe.

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { createSecureContext, type SecureContext } from 'node:tls';
import { SourceError, type SourceContext } from '../kind.js';
import { errorCode } from '../system-errors.js';
import { isHeaderValue } from './check.js';
import type { ProbeRequest } from './probe.js';
import { DEFAULT_MAX_BYTES, type EndpointOptions } from './schema.js';

/** More than these are authorities that were replaced. */
const MOST_CONTEXTS = 20;

type Reading = Pick<SourceContext, 'readSecret' | 'resolvePath'>;

/** Reading authorities is the costliest part of a handshake on our side: once is enough while they do not change. */
export class SecureContexts {
  readonly #contexts = new Map<string, SecureContext>();

  /** @param pem authorities to trust; without them, those of the system. @throws Error where they cannot be read */
  of(pem: string | undefined): SecureContext {
    const key = pem ?? '';
    let context = this.#contexts.get(key);
    if (!context) {
      if (this.#contexts.size >= MOST_CONTEXTS) this.#contexts.clear();
      context = createSecureContext(pem === undefined ? {} : { ca: pem });
      this.#contexts.set(key, context);
    }
    return context;
  }
}

/** @throws SourceError of phase `prepare` or `secret`: what is missing is missing on our side, so the endpoint is not to blame */
export async function prepare(endpoint: EndpointOptions, reading: Reading, contexts: SecureContexts): Promise<ProbeRequest> {
  const { url, method = 'GET', body, expect, tls, redirects = false } = endpoint;
  const ca = tls?.ca === undefined ? undefined : await readAuthorities(tls.ca, reading, contexts);
  const trust = { insecure: tls?.insecure ?? false, serverName: tls?.server_name };
  return {
    url: new URL(url),
    method,
    body,
    headers: await headersOf(endpoint, reading),
    trust: () => ({ ...trust, context: contexts.of(ca) }),
    redirects,
    maxBytes: expect?.max_bytes ?? DEFAULT_MAX_BYTES,
  };
}

async function headersOf({ headers = {}, auth }: EndpointOptions, { readSecret }: Reading): Promise<OutgoingHttpHeaders> {
  const found: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = await readSecret(value);
    if (!isHeaderValue(text)) throw new SourceError('secret', 'secret', `header ${name}: holds what no header may, a line break say`);
    found[name.toLowerCase()] = text;
  }
  if (auth) {
    const credentials = Buffer.from(`${auth.user}:${await readSecret(auth.password)}`);
    found['authorization'] = `Basic ${credentials.toString('base64')}`;
  }
  return found;
}

async function readAuthorities(path: string, { resolvePath }: Reading, contexts: SecureContexts): Promise<string> {
  const pem = await readFile(resolvePath(path), 'utf8').catch((error: unknown) => {
    const missing = errorCode(error) === 'ENOENT';
    throw new SourceError(
      'prepare',
      missing ? 'not_found' : 'permission',
      `tls.ca: ${path} ${missing ? 'does not exist' : 'cannot be read'}`,
    );
  });
  try {
    // OpenSSL passes over what it cannot read, and the endpoint would seem untrusted.
    void new X509Certificate(pem);
    contexts.of(pem);
  } catch {
    throw new SourceError('prepare', 'config', `tls.ca: ${path} holds no certificate in PEM format (-----BEGIN CERTIFICATE-----)`);
  }
  return pem;
}
