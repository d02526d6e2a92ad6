// Certificates as servers should and should not have them, made anew for each run.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Pair {
  readonly key: string;
  /** PEM; of a leaf that is to be sent with others, they follow. */
  readonly cert: string;
}

export interface Making {
  /** Who signs it; itself where nobody does. */
  readonly by?: Pair;
  /** From when to when it is valid, in days from now. */
  readonly days?: readonly [number, number];
  readonly keyType?: 'ec' | 'rsa';
  readonly keySize?: number;
  readonly algorithm?: 'sha256' | 'sha1';
}

const DAY_MS = 86_400_000;

export async function authority(name: string, making: Making = {}): Promise<Pair> {
  return await make(name, { days: [-100, 3650], ...making }, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
}

/** Of a server, or of a client. @param name that it bears, an address too */
export async function certificate(name: string, making: Making = {}): Promise<Pair> {
  return await make(name, { days: [-1, 30], ...making }, [
    { name: 'basicConstraints', cA: false },
    { name: 'subjectAltName', altNames: [/^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }] },
  ]);
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;

async function make(name: string, { by, days = [-1, 30], ...rest }: Making, extensions: Extensions): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: inDays(days[0]),
    notAfterDate: inDays(days[1]),
    ...(by && { ca: by }),
    ...rest,
    extensions,
  });
  return { key: made.private, cert: made.cert };
}

/** To the second, as certificates have it. */
function inDays(days: number): Date {
  return new Date(Math.floor((Date.now() + days * DAY_MS) / 1000) * 1000);
}

/** The leaf, sent with the certificates of these authorities. */
export function withChain({ key, cert }: Pair, ...authorities: readonly Pair[]): Pair {
  return { key, cert: [cert, ...authorities.map((one) => one.cert)].join('\n') };
}

/** A folder for PEM files, and how to leave it. */
export async function pemFolder(): Promise<{ write(name: string, pem: string): Promise<string>; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-pem-'));
  return {
    write: async (name, pem) => {
      const path = join(folder, name);
      await writeFile(path, pem);
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
