// The zones of columns whose times have none of their own. Temporal is only loaded where there are some.

import type { ZoneReader } from '../zone.js';
import type { SqlQuery } from './schema.js';
import type { Reading } from './table.js';

/** @returns the zone of a column, by its name in lower case */
export async function zonesOf({ timezone }: SqlQuery): Promise<Reading['zoneOf']> {
  if (timezone === undefined) return () => undefined;
  const { createZoneReader } = await import('../zone.js');
  // The first of two hours that are called the same: nothing is taken for younger than it is.
  const reader = (zone: string) => createZoneReader(zone, 'first');
  if (typeof timezone === 'string') {
    const all = reader(timezone);
    return () => all;
  }
  const zones = new Map<string, ZoneReader>(Object.entries(timezone).map(([column, zone]) => [column.toLowerCase(), reader(zone)]));
  return (column) => zones.get(column);
}
