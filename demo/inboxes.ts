// The files in the inboxes that the SFTP server shows.

import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExchangeEvent, FileEvent, Sink } from './events.js';
import { FLOWS } from './flows.js';

/** What partners add to the name of a file while they write it. */
const WRITING = '.filepart';

export class Inboxes implements Sink {
  readonly #root: string;

  /** @param root folder that the SFTP server shows as / */
  constructor(root: string) {
    this.#root = root;
    for (const { inbox } of FLOWS) if (inbox) mkdirSync(join(root, inbox.directory), { recursive: true });
  }

  /** Only what is last in the batch is done: a file that came and went within it never exists. */
  apply(events: readonly ExchangeEvent[]): void {
    const last = new Map<string, FileEvent>();
    for (const event of events) {
      if (event.type === 'writing' || event.type === 'complete' || event.type === 'taken')
        last.set(join(event.directory, event.name), event);
    }
    for (const [name, event] of last) this.#do(join(this.#root, name), event);
  }

  #do(path: string, { type, at, bytes }: FileEvent): void {
    const partial = `${path}${WRITING}`;
    if (type === 'taken') {
      rmSync(partial, { force: true });
      rmSync(path, { force: true });
      return;
    }
    writeFileSync(partial, Buffer.alloc(type === 'writing' ? Math.ceil(bytes / 2) : bytes, ' '));
    utimesSync(partial, at / 1000, at / 1000);
    if (type === 'complete') renameSync(partial, path);
  }
}
