// Certificates that are wrong in one way each, and the authority that signs them.

import { generate } from 'selfsigned';

export interface Pair {
  readonly key: string;
  readonly cert: string;
}

export interface Wish {
  readonly name: string;
  /** When it is valid, in days from now. */
  readonly days?: readonly [number, number];
  /** An RSA key of so many bits instead of one on a curve. */
  readonly rsaBits?: number;
}

const DAY_MS = 86_400_000;

export async function authority(): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: 'Authority of the faults' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { key: made.private, cert: made.cert };
}

/** @param ca without one, it signs itself */
export async function certificate(ca: Pair | undefined, { name, days: [from, to] = [-1, 30], rsaBits }: Wish): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...(rsaBits === undefined ? { keyType: 'ec' as const } : { keyType: 'rsa' as const, keySize: rsaBits }),
    algorithm: 'sha256',
    notBeforeDate: dayFromNow(from),
    notAfterDate: dayFromNow(to),
    ...(ca && { ca }),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [/^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }] },
    ],
  });
  return { key: made.private, cert: made.cert };
}

/** Certificates know no fractions of a second. */
function dayFromNow(days: number): Date {
  return new Date(Math.floor((Date.now() + days * DAY_MS) / 1000) * 1000);
}
