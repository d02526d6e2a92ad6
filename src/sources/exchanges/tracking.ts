// What has changed in a directory since the look before: files that arrived, departed, grew, or stay half written. Kept over restarts.

import { randomInt } from 'node:crypto';
import { SourceError, type StateRecord } from '../kind.js';
import { FileTable, type Entry } from './file-table.js';
import { isRecord } from './record.js';
import type { ListedFile } from './store.js';

/** With more files than this in a directory, names are not compared any more: they would take more memory than a look may. */
export const MOST_TRACKED = 500_000;
/** Half-written files are few; with more, those beyond are only counted. */
const MOST_PARTIAL = 50_000;
const SEEDS = 2 ** 32;
const PARTIAL_TAG = 1;

/** What arrived and departed of one partner. */
export interface Traffic {
  arrived: number;
  arrivedBytes: number;
  departed: number;
  departedBytes: number;
  growing: number;
}

export interface Changes {
  /** By partner, as in the list that the tracking was made with. */
  readonly traffic: readonly Traffic[];
  /** Whether files were compared: not at the first look, and not where there are too many. */
  readonly compared: boolean;
  readonly tooMany: boolean;
  /** Half-written files that have not grown for so long. */
  readonly stalled: number;
  /** Something differs from the look before. */
  readonly changed: boolean;
}

/** The files of one look. It takes the place of the look before once all of them were seen. */
export class Look {
  readonly waiting: FileTable;
  readonly partial: FileTable;
  tooMany = false;

  constructor(
    before: Look | undefined,
    private readonly now: number,
  ) {
    const seed = before?.waiting.seed ?? randomInt(SEEDS);
    this.waiting = new FileTable(seed, before?.waiting.size);
    this.partial = new FileTable(seed, before?.partial.size);
  }

  /** @param partner its place in the list of partners */
  wait({ name, size }: ListedFile, partner: number): void {
    if (this.waiting.size >= MOST_TRACKED) this.tooMany = true;
    else this.waiting.put({ hash: this.waiting.hash(name), size, stamp: 0, tag: partner + 1 });
  }

  write({ name, size, modified = this.now }: ListedFile): void {
    if (this.partial.size >= MOST_PARTIAL) return;
    const stamp = Math.floor(Math.max(Math.min(modified, this.now), 0));
    this.partial.put({ hash: this.partial.hash(name), size, stamp, tag: PARTIAL_TAG });
  }
}

/** What of it stands in the record. */
interface Saved {
  readonly seed: number;
  /** Names, so that another order in the YAML does not mix them up. */
  readonly partners: readonly string[];
  readonly waiting: string;
  readonly partial: string;
  readonly more: unknown;
}

export class Tracking {
  readonly #partners: readonly string[];
  readonly #stalledAfter: number;
  readonly #record: StateRecord;
  #before: Look | undefined;
  #restored: Promise<unknown> | undefined;
  #warning: string | undefined;

  /** @param stalledAfter seconds after which a half-written file that does not grow counts as stalled */
  constructor(partners: readonly string[], stalledAfter: number, record: StateRecord) {
    this.#partners = partners;
    this.#stalledAfter = stalledAfter;
    this.#record = record;
  }

  /** Why what is known is not kept over a restart; undefined where it is. */
  get warning(): string | undefined {
    return this.#warning;
  }

  /** Takes over what was known before a restart, once. @returns what was kept beside the files, undefined where there is nothing */
  restore(now: number): Promise<unknown> {
    return (this.#restored ??= this.#read(now));
  }

  begin(now: number): Look {
    return new Look(this.#before, now);
  }

  /** Compares the look with the one before it, and keeps it. @param now Unix seconds */
  settle(look: Look, now: number): Changes {
    const before = this.#before;
    const traffic = this.#partners.map(() => ({ arrived: 0, arrivedBytes: 0, departed: 0, departedBytes: 0, growing: 0 }));
    const compared = before !== undefined && !before.tooMany && !look.tooMany;
    const moved = compared && compare(before.waiting, look.waiting, traffic);
    const { stalled, changed } = this.#stalled(before?.partial, look.partial, now);
    // More would not be compared with what comes next, so nothing of it need be kept.
    this.#before = look.tooMany ? emptied(look, now) : look;
    return { traffic, compared, tooMany: look.tooMany, stalled, changed: moved || changed || !compared };
  }

  /** Writes what is known to the disk. A record that cannot be written stops no look: it is told, and a restart begins anew. */
  async save(more: unknown): Promise<void> {
    if (!this.#before) return;
    const { waiting, partial, tooMany } = this.#before;
    const saved: Saved = {
      seed: waiting.seed,
      partners: this.#partners,
      waiting: waiting.encode(),
      partial: partial.encode(),
      more,
    };
    try {
      await this.#record.write(tooMany ? { more } : saved);
      this.#warning = undefined;
    } catch (error) {
      this.#warning = `arrivals and departures would be counted anew after a restart: ${reason(error)}`;
    }
  }

  async #read(now: number): Promise<unknown> {
    try {
      const saved = await this.#record.read();
      if (!isRecord(saved)) return undefined;
      if (isSaved(saved)) this.#before = this.#load(saved, now);
      return saved['more'];
    } catch (error) {
      this.#warning = `files that came or went while the exporter did not run are not counted: ${reason(error)}`;
      return undefined;
    }
  }

  #load({ seed, partners, waiting, partial }: Saved, now: number): Look {
    const look = new Look(undefined, now);
    const tags = partners.map((partner) => this.#partners.indexOf(partner) + 1);
    const known = new FileTable(seed);
    for (const entry of FileTable.decode(seed, waiting)) {
      const tag = tags[entry.tag - 1] ?? 0;
      if (tag > 0) known.put({ ...entry, tag });
    }
    return Object.assign(look, { waiting: known, partial: FileTable.decode(seed, partial) });
  }

  /** Entries are replaced while they are gone through, which moves none. Those that grew are stamped with now, others keep the stamp of the look before. */
  #stalled(before: FileTable | undefined, partial: FileTable, now: number): { stalled: number; changed: boolean } {
    let stalled = 0;
    let changed = before?.size !== partial.size;
    for (const entry of partial) {
      const last = before?.get(entry.hash);
      if (!last) {
        changed = true;
        continue;
      }
      const grew = entry.size !== last.size;
      const stamp = grew ? Math.floor(now) : last.stamp;
      partial.put({ ...entry, stamp });
      if (grew) changed = true;
      else if (entry.size !== undefined && now - stamp >= this.#stalledAfter) stalled++;
    }
    return { stalled, changed };
  }
}

/** @returns whether anything differs */
function compare(before: FileTable, after: FileTable, traffic: readonly Traffic[]): boolean {
  let changed = false;
  for (const entry of after) {
    const last = before.get(entry.hash);
    const of = traffic[entry.tag - 1];
    if (last && last.size === entry.size) continue;
    changed = true;
    if (!of) continue;
    if (!last) {
      of.arrived++;
      of.arrivedBytes += entry.size ?? 0;
    } else if (last.size !== undefined && entry.size !== undefined) of.growing++;
  }
  for (const { size, tag } of departed(before, after)) {
    changed = true;
    const of = traffic[tag - 1];
    if (!of) continue;
    of.departed++;
    of.departedBytes += size ?? 0;
  }
  return changed;
}

function* departed(before: FileTable, after: FileTable): Generator<Entry> {
  for (const entry of before) if (!after.has(entry.hash)) yield entry;
}

function emptied(look: Look, now: number): Look {
  const empty = new Look(undefined, now);
  empty.tooMany = true;
  return Object.assign(empty, { partial: look.partial });
}

function reason(error: unknown): string {
  return error instanceof SourceError ? error.message : 'the record cannot be read';
}

function isSaved(value: object): value is Saved {
  return (
    'seed' in value &&
    typeof value.seed === 'number' &&
    'partners' in value &&
    Array.isArray(value.partners) &&
    'waiting' in value &&
    typeof value.waiting === 'string' &&
    'partial' in value &&
    typeof value.partial === 'string'
  );
}
