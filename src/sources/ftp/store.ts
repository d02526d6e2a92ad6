// Files over FTP: what the frame of file exchanges asks, in commands of RFC 959 and RFC 3659.

import type { Clock } from '../../domain/clock.js';
import type { FileStore, ListedFile, Space } from '../exchanges/store.js';
import { SourceError } from '../kind.js';
import type { Connection } from './connection.js';
import { fileProblem, meansEmpty, Refusal, refused, type Reply } from './errors.js';
import { ListingReader, type Entry, type Format, type Reading } from './listing.js';
import type { Pooled } from './pool.js';

export interface StoreOptions extends Pick<Reading, 'encoding' | 'toUtc'> {
  /** Where the login led to: what relative paths start from. */
  readonly home: string;
  readonly list: 'auto' | Format;
  /** Commands that the server says it has (RFC 2389). */
  readonly features: ReadonlySet<string>;
  readonly clock: Clock;
  /** Told of each listing, with how many of its lines could not be read. */
  readonly onListed: (directory: string, unreadable: number) => void;
}

/** Servers hide files that begin with a dot unless asked; many know no options. */
const LISTS = ['LIST -a', 'LIST'] as const;

/** A firewall may have forgotten a connection that was idle for so long: it is asked for a sign of life, and has so long to give it. */
const IDLE_MS = 15_000;
const SIGN_OF_LIFE_MS = 2_000;

export class FtpStore implements FileStore, Pooled {
  readonly #connection: Connection;
  readonly #options: StoreOptions;
  #listings: string[];
  #changed = false;

  constructor(connection: Connection, options: StoreOptions) {
    this.#connection = connection;
    this.#options = options;
    const facts = options.list === 'mlsd' || (options.list === 'auto' && options.features.has('MLST'));
    this.#listings = [...(facts ? ['MLSD'] : []), ...(options.list === 'mlsd' ? [] : LISTS)];
  }

  /** Whether anything was written, renamed or removed: then what was lost halfway must not be tried again blindly. */
  get changed(): boolean {
    return this.#changed;
  }

  get ended(): boolean {
    return this.#connection.ended;
  }

  begin(): void {
    this.#changed = false;
  }

  destroy(): void {
    this.#connection.destroy();
  }

  async prove(): Promise<boolean> {
    if (this.#connection.idle < IDLE_MS) return true;
    const limit = this.#options.clock.after(SIGN_OF_LIFE_MS, () => this.#connection.destroy());
    try {
      await this.#connection.ask('NOOP');
      return !this.ended;
    } catch {
      return false;
    } finally {
      limit.cancel();
    }
  }

  async list(directory: string, visit: (file: ListedFile) => void, signal: AbortSignal): Promise<void> {
    await this.#connection.operate('list', directory, signal, async () => {
      const unreadable = await this.#entries(directory, (entry) => entry.isFile && visit(entry));
      this.#options.onListed(directory, unreadable);
    });
  }

  async read(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    return await this.#connection.operate('read', path, signal, async () => {
      const pieces: Buffer[] = [];
      let length = 0;
      const onData = (bytes: Buffer) => {
        pieces.push(bytes);
        length += bytes.length;
        return length >= maxBytes;
      };
      try {
        await this.#connection.transfer({ command: `RETR ${this.#whole(path)}`, onData });
      } catch (error) {
        throw await this.#ofFile('read', path, error);
      }
      return Buffer.concat(pieces).subarray(0, maxBytes);
    });
  }

  async write(path: string, content: Buffer, signal: AbortSignal): Promise<void> {
    this.#changed = true;
    await this.#connection.operate('write', path, signal, async () => {
      try {
        await this.#connection.transfer({ command: `STOR ${this.#whole(path)}`, content });
      } catch (error) {
        throw error instanceof Refusal ? await this.#ofNewFile(path, error) : error;
      }
    });
  }

  async rename(from: string, to: string, signal: AbortSignal): Promise<void> {
    this.#changed = true;
    await this.#connection.operate('write', from, signal, async () => {
      try {
        await this.#connection.tell(`RNFR ${this.#whole(from)}`);
      } catch (error) {
        throw await this.#ofFile('write', from, error);
      }
      await this.#connection.tell(`RNTO ${this.#whole(to)}`);
    });
  }

  async remove(path: string, signal: AbortSignal): Promise<void> {
    this.#changed = true;
    await this.#connection.operate('write', path, signal, async () => {
      try {
        await this.#connection.tell(`DELE ${this.#whole(path)}`);
      } catch (error) {
        const known = await this.#ofFile('write', path, error);
        if (!(known instanceof SourceError) || known.errorClass !== 'not_found') throw known;
      }
    });
  }

  /** FTP has no question for it that servers answer in one way. */
  space(_directory: string, _signal: AbortSignal): Promise<Space | undefined> {
    return Promise.resolve(undefined);
  }

  /** @returns how many lines could not be read */
  async #entries(directory: string, visit: (entry: Entry) => void): Promise<number> {
    const entered = await this.#connection.ask(`CWD ${this.#whole(directory)}`);
    if (entered.code >= 400) throw await this.#ofDirectory(directory, new Refusal('CWD', entered));
    return await this.#listHere(directory, visit);
  }

  /** The first way of listing that the server knows is kept. */
  async #listHere(subject: string, visit: (entry: Entry) => void): Promise<number> {
    for (;;) {
      const [command = 'LIST', ...others] = this.#listings;
      const reader = this.#reader(command, visit);
      try {
        const reply = await this.#connection.transfer({
          command,
          onData: (bytes) => {
            reader.add(bytes);
            return false;
          },
        });
        if (reply) checkEnd(subject, reply);
        reader.end();
        return reader.unreadable;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { reply } = error;
        if (meansEmpty(reply)) return 0;
        if (others.length === 0 || reply.code < 500 || reply.code >= 530) throw refusedListing(subject, error);
        this.#listings = others;
      }
    }
  }

  #reader(command: string, visit: (entry: Entry) => void): ListingReader {
    const { encoding, toUtc, clock } = this.#options;
    return new ListingReader({ format: command === 'MLSD' ? 'mlsd' : 'list', encoding, toUtc, now: clock.now() }, visit);
  }

  /** Why a directory cannot be entered: where the server does not say, its parent does. */
  async #ofDirectory(directory: string, refusal: Refusal): Promise<unknown> {
    const { code } = refusal.reply;
    if (code !== 550 && code !== 553 && code !== 450) return refusal;
    const problem = fileProblem(refusal.reply);
    if (problem !== undefined) return refused('list', problem, directory, refusal);
    const whole = this.#whole(directory).replace(/\/+$/, '');
    const parent = whole.slice(0, whole.lastIndexOf('/')) || '/';
    const name = whole.slice(whole.lastIndexOf('/') + 1);
    let there = false;
    const entered = name === '' ? undefined : await this.#connection.ask(`CWD ${parent}`);
    if (entered && entered.code < 400) {
      try {
        await this.#listHere(parent, (entry) => (there ||= entry.name === name));
      } catch (error) {
        // What cannot be seen is not there, as far as anybody can tell.
        if (!(error instanceof Refusal) && !(error instanceof SourceError)) throw error;
      }
    }
    return refused('list', there ? 'permission' : 'not_found', directory, refusal);
  }

  /** Why something cannot be done to a file that should be there. */
  async #ofFile(phase: string, path: string, error: unknown): Promise<unknown> {
    if (!(error instanceof Refusal)) return error;
    const { code } = error.reply;
    if (code !== 550 && code !== 553 && code !== 450) return error;
    const problem = fileProblem(error.reply) ?? ((await this.#isThere(path)) ? 'permission' : 'not_found');
    return refused(phase, problem, path, error);
  }

  /** Why a file cannot be written: its directory may be gone. */
  async #ofNewFile(path: string, refusal: Refusal): Promise<unknown> {
    const { code } = refusal.reply;
    if (code !== 550 && code !== 553) return refusal;
    const problem = fileProblem(refusal.reply);
    if (problem !== undefined) return refused('write', problem, path, refusal);
    const whole = this.#whole(path);
    const parent = await this.#connection.ask(`CWD ${whole.slice(0, whole.lastIndexOf('/')) || '/'}`);
    return refused('write', parent.code >= 400 ? 'not_found' : 'permission', path, refusal);
  }

  async #isThere(path: string): Promise<boolean> {
    const { code } = await this.#connection.ask(`${this.#options.features.has('MLST') ? 'MLST' : 'SIZE'} ${this.#whole(path)}`);
    return code < 300;
  }

  #whole(path: string): string {
    return path.startsWith('/') ? path : `${this.#options.home.replace(/\/$/, '')}/${path}`;
  }
}

/** vsftpd ends the listing of a directory that may be entered and not read as if all were well, but says so. */
function checkEnd(subject: string, reply: Reply): void {
  if (/failed to open directory/i.test(reply.message)) throw refused('list', 'permission', subject, new Refusal('LIST', reply));
}

function refusedListing(subject: string, refusal: Refusal): unknown {
  const problem = fileProblem(refusal.reply);
  if (problem !== undefined) return refused('list', problem, subject, refusal);
  return refusal.reply.code === 550 ? refused('list', 'permission', subject, refusal) : refusal;
}
