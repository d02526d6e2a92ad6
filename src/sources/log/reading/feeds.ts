// What delivers the bytes of a path: the package `tail` for files, a stream of our own for named pipes, in which tail sees nothing.

import { constants, open as openCallback, unwatchFile, watchFile, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import type { Tail } from 'tail';

const open = promisify(openCallback);

/** Delivers until it is closed, or has told of an error. */
export interface Feed {
  /** There is no room for more; where the other side can be kept waiting, it is. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface FeedOptions {
  readonly path: string;
  readonly onBytes: (bytes: Buffer) => void;
  /** What comes now does not go on what came before. */
  readonly onBegin: () => void;
  /** Nothing comes any more. */
  readonly onEnd: (error: unknown) => void;
}

/**
 * A named pipe. It is opened for writing too, so that it does not end when the last writer goes; whoever writes waits when it is full.
 * @throws a system error
 */
export async function followPipe({ path, onBytes, onBegin, onEnd }: FeedOptions): Promise<Feed> {
  onBegin();
  const fd = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on('data', onBytes);
  socket.on('error', onEnd);
  socket.on('end', () => onEnd(undefined));
  socket.unref();
  return { pause: () => socket.pause(), resume: () => socket.resume(), close: () => socket.destroy() };
}

export interface TailOptions extends FeedOptions {
  /** Whether to begin at its start; else only what is written from now on is read. */
  readonly fromStart: boolean;
  /** Milliseconds between two looks at its size. */
  readonly pollMs: number;
}

/**
 * A file by its path. tail hands over raw bytes (as Latin-1, and without splitting), for it breaks characters that are split between two
 * reads. It goes on in a new file with the place of the old one, so that this is watched beside it, and tail begins anew in a new file.
 * @throws a system error
 */
export async function followFile({ path, fromStart, pollMs, onBytes, onBegin, onEnd }: TailOptions): Promise<Feed> {
  const { Tail } = await import('tail');
  let tail: Tail | undefined;

  function start(fromBeginning: boolean): void {
    onBegin();
    // Polling by stat, since shares tell nobody that something was written on another machine.
    const options = { interval: pollMs, persistent: false };
    watchFile(path, options, onStats);
    const begun = new Tail(path, {
      separator: null,
      encoding: 'latin1',
      fromBeginning,
      useWatchFile: true,
      fsWatchOptions: options,
    });
    begun.on('line', (text: string) => {
      if (tail === begun) onBytes(Buffer.from(text, 'latin1'));
    });
    begun.on('error', (error) => {
      if (tail === begun) end(error);
    });
    tail = begun;
  }

  function onStats(now: Stats, before: Stats): void {
    // It vanished: whoever looks for it finds what comes in its place.
    if (now.ino === 0) return end(undefined);
    if (now.ino === before.ino && now.size >= before.size) return;
    stop();
    try {
      start(true);
    } catch (error) {
      end(error);
    }
  }

  function stop(): void {
    tail?.unwatch();
    tail = undefined;
    unwatchFile(path);
  }

  function end(error: unknown): void {
    stop();
    onEnd(error);
  }

  start(fromStart);
  return { pause() {}, resume() {}, close: stop };
}
