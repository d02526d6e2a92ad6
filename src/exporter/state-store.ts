// Records that outlive the process: one file for each collector that keeps one, replaced as a whole, never changed in place.

import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SourceError, type StateRecord } from '../sources/kind.js';

const VERSION = 1;
const PHASE = 'state';

/** What stands in a file. */
interface Envelope {
  readonly version: number;
  readonly source: string;
  readonly collector: string;
  /** Counts the times it was written: a number that somebody else has written tells that there are two of us. */
  readonly revision: number;
  /** SHA-256 of the value as JSON. */
  readonly checksum: string;
  readonly value: unknown;
}

/**
 * Where records are kept when nobody names a folder: that which systemd gives the service (`StateDirectory=`), else one beside the YAML.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory=
 */
export function defaultStateFolder(configFile: string, environment: NodeJS.ProcessEnv = process.env): string {
  const [given] = (environment['STATE_DIRECTORY'] ?? '').split(':');
  return given ? given : join(dirname(configFile), '.vigie', 'state');
}

export interface StateOptions {
  /** Records are read and never written, for a look that must leave no trace. */
  readonly readOnly?: boolean;
}

/** The record of a collector in its folder: `<folder>/<source>/<collector>.json`. */
export function stateRecord(folder: string, source: string, collector: string, { readOnly = false }: StateOptions = {}): StateRecord {
  return new FileRecord(join(folder, encodeURIComponent(source), `${encodeURIComponent(collector)}.json`), source, collector, readOnly);
}

class FileRecord implements StateRecord {
  readonly #file: string;
  readonly #source: string;
  readonly #collector: string;
  readonly #readOnly: boolean;
  /** Of the record that was read or written last; 0 where there was none. */
  #revision = 0;

  constructor(file: string, source: string, collector: string, readOnly: boolean) {
    this.#file = file;
    this.#source = source;
    this.#collector = collector;
    this.#readOnly = readOnly;
  }

  async read(): Promise<unknown> {
    const envelope = await this.#load();
    this.#revision = envelope?.revision ?? 0;
    return envelope?.value;
  }

  async write(value: unknown): Promise<void> {
    if (this.#readOnly) return;
    const found = await this.#load();
    if (found !== undefined && found.revision !== this.#revision) {
      throw this.#error('another process has written it meanwhile: give each exporter of this source a --state-dir of its own');
    }
    const revision = this.#revision + 1;
    const { source, collector } = { source: this.#source, collector: this.#collector };
    const envelope: Envelope = { version: VERSION, source, collector, revision, checksum: checksumOf(value), value };
    await this.#replace(`${JSON.stringify(envelope)}\n`);
    this.#revision = revision;
  }

  async #load(): Promise<Envelope | undefined> {
    let text;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw this.#error(`it cannot be read (${codeOf(error)})`);
    }
    const envelope = parse(text);
    if (!isEnvelope(envelope)) throw this.#damaged();
    const { version, source, collector, checksum, value } = envelope;
    if (version !== VERSION) throw this.#error(`it was written by another version of Vigie (format ${version}; this one knows ${VERSION})`);
    if (source !== this.#source || collector !== this.#collector) {
      throw this.#error(`it is the record of ${source}/${collector}: put each record back where it belongs`);
    }
    if (checksum !== checksumOf(value)) throw this.#damaged();
    return envelope;
  }

  /** Whole or not at all: the new file is on the disk before it takes the place of the old one. */
  async #replace(text: string): Promise<void> {
    const fresh = `${this.#file}.new`;
    try {
      await mkdir(dirname(this.#file), { recursive: true });
      const handle = await open(fresh, 'w', 0o640);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(fresh, this.#file);
      await syncFolder(dirname(this.#file));
    } catch (error) {
      await rm(fresh, { force: true }).catch(() => {});
      throw this.#error(`it cannot be written (${WRITE_FAILURES[codeOf(error)] ?? codeOf(error)}); nothing is counted until it can`);
    }
  }

  #damaged(): SourceError {
    return this.#error(
      'it is damaged, so nobody knows what was counted already: put back a copy of it, or delete it to begin anew as `start` or `from` says',
    );
  }

  #error(problem: string): SourceError {
    return new SourceError(PHASE, 'state', `the record ${this.#file}: ${problem}`);
  }
}

const WRITE_FAILURES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EACCES: 'no permission; name a folder that may be written with --state-dir',
  EPERM: 'no permission; name a folder that may be written with --state-dir',
  EROFS: 'the file system is read-only; name a folder that may be written with --state-dir',
};

/** So that the rename too survives a loss of power. Some file systems know no such thing, and are left alone. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync().catch(() => {});
  } finally {
    await handle?.close();
  }
}

function checksumOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const { version, source, collector, revision, checksum }: Partial<Record<keyof Envelope, unknown>> = value;
  return (
    typeof version === 'number' &&
    typeof source === 'string' &&
    typeof collector === 'string' &&
    Number.isSafeInteger(revision) &&
    typeof checksum === 'string' &&
    'value' in value
  );
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
