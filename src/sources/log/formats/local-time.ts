// Local times of a zone, as quick as lines come. A file of its own, since Temporal is only loaded where the YAML names a zone.

import { createZoneReader } from '../../zone.js';

/**
 * From wall time to real time, both in milliseconds: wall time counts from 1970-01-01T00:00 by the clock on the wall, as if that were
 * UTC. undefined: no such time.
 */
export type LocalTimes = (wall: number) => number | undefined;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Of a time that comes twice when the clock goes back, the second is meant, and one that is left out when it goes forward is taken for as
 * long after the change as it seems to be. What would be in the future counts as now, and so a line is never taken for older than it is.
 */
export function createLocalTimes(timezone: string): LocalTimes {
  const zone = createZoneReader(timezone, 'second');
  const offsetAt = (wall: number) => {
    const real = zone(new Date(wall).toISOString().slice(0, 16));
    return real === undefined ? undefined : real - wall;
  };
  let hour = Number.NaN;
  let offsetOfHour: number | undefined;
  return (wall) => {
    const start = Math.floor(wall / HOUR) * HOUR;
    if (start !== hour) {
      const offset = offsetAt(start);
      // Where an hour begins and ends with the same offset there is no change in it: its minutes need not be asked for one by one.
      offsetOfHour = offset === offsetAt(start + HOUR) ? offset : undefined;
      hour = start;
    }
    const offset = offsetOfHour ?? offsetAt(Math.floor(wall / MINUTE) * MINUTE);
    return offset === undefined ? undefined : wall + offset;
  };
}
