// Tells at once that something happened in a folder, where the system can. It is an addition to polling, so that every failure is tolerated.

import { watch, type FSWatcher } from 'node:fs';
import { basename } from 'node:path';

/** Systems limit how many there may be (on Linux fs.inotify.max_user_watches). */
const MAX_FOLDERS = 64;

export interface FolderWatch {
  /** Watches these from now on; those that could not be watched before are tried again. */
  update(folders: readonly string[]): void;
  close(): void;
}

/**
 * The first 64 folders are watched, without those below them.
 * @param onEvent `rename`: something appeared, vanished or got another name; `change`: something was written
 */
export function watchFolders(folders: readonly string[], onEvent: (kind: 'rename' | 'change') => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();

  function forget(folder: string, watcher: FSWatcher | undefined): void {
    watcher?.close();
    if (watchers.get(folder) === watcher) watchers.delete(folder);
  }

  function add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (kind, name) => {
        // The folder itself: what comes in its place is another one.
        if (kind === 'rename' && name === basename(folder)) forget(folder, watcher);
        onEvent(kind);
      });
      watcher.on('error', () => forget(folder, watcher));
      watchers.set(folder, watcher);
    } catch {
      // ENOENT, ENOSPC, EMFILE …: the next look finds what this would have told.
    }
  }

  function update(wanted: readonly string[]): void {
    const kept = new Set(wanted.slice(0, MAX_FOLDERS));
    for (const [folder, watcher] of watchers) if (!kept.has(folder)) forget(folder, watcher);
    for (const folder of kept) if (!watchers.has(folder)) add(folder);
  }

  update(folders);
  return { update, close: () => update([]) };
}
