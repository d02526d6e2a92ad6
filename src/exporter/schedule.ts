// When a collector looks: slots that are spread over a fleet, and longer pauses after failures. Pure; all times are monotonic.

import type { Clock, Timer } from '../domain/clock.js';

const LONGEST_BACK_OFF_MS = 60_000;
/** What was mended should be seen soon: the back-off spares a failing server, it does not forget it. */
const MOST_INTERVALS = 4;

/**
 * Where within its interval a collector looks, in milliseconds: the same after every start, different from others, so that a fleet
 * does not hit everything in one instant. FNV-1a, 32 bits.
 */
export function jitter(source: string, collector: string, interval: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${source}/${collector}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % interval;
}

/** How many intervals to wait after so many failures in a row: 1, 2, then 4, as far as that is at most a minute; at least one. */
export function backOff(failures: number, interval: number): number {
  const most = Math.max(1, Math.floor(LONGEST_BACK_OFF_MS / interval));
  return Math.min(2 ** Math.max(0, failures - 1), MOST_INTERVALS, most);
}

/**
 * The slot (k · interval + offset) nearest to `steps` intervals after the start of a run, later than now. A run that did not start on
 * a slot (the first one, a late one) is so followed by one on a slot, half an interval later at the earliest.
 */
export function nextSlot(startedAt: number, now: number, steps: number, interval: number, offset: number): number {
  const slot = Math.round((startedAt - offset) / interval + steps) * interval + offset;
  if (slot > now) return slot;
  return (Math.floor((now - offset) / interval) + 1) * interval + offset;
}

/** Calls back once `due` has come by the monotonic clock: timers may fire a little early, and have a longest delay. */
export function at(clock: Clock, due: number, callback: () => void): Timer {
  let timer: Timer;
  const look = () => {
    const left = due - clock.monotonic();
    if (left <= 0) callback();
    else timer = clock.after(left, look);
  };
  timer = clock.after(due - clock.monotonic(), look);
  return { cancel: () => timer.cancel() };
}
