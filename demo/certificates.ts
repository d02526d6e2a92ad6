// The certificate of the demo's HTTPS server, and the authority that signed it, made on the first run and before they expire.

import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;
const VALID_DAYS = 90;
const RENEW_DAYS = 10;

/** `ca.pem` is what clients trust. The key of the authority is not kept: a new certificate comes with a new authority. */
export async function ensureCertificate(folder: string, host: string): Promise<Certificate> {
  const files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  const existing = read(files);
  if (existing) return existing;
  mkdirSync(folder, { recursive: true });
  const validity = { notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS), keyType: 'ec', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'Demo of Vigie' }], {
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: host }], {
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: host }] },
    ],
  });
  writeFileSync(files.ca, authority.cert);
  writeFileSync(files.cert, leaf.cert);
  writeFileSync(files.key, leaf.private, { mode: 0o600 });
  return { key: leaf.private, cert: leaf.cert };
}

/** What is there, unless it is incomplete or expires soon. */
function read(files: { ca: string; cert: string; key: string }): Certificate | undefined {
  try {
    readFileSync(files.ca);
    const cert = readFileSync(files.cert, 'utf8');
    const lastDay = Date.parse(new X509Certificate(cert).validTo);
    if (lastDay < Date.now() + RENEW_DAYS * DAY_MS) return undefined;
    return { cert, key: readFileSync(files.key, 'utf8') };
  } catch {
    return undefined;
  }
}
