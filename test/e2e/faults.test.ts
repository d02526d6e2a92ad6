// `npm run torture -- faults`, each fault met once; the longer ones are for whoever changes a kind of endpoint.

import { faults } from '../../torture/faults.js';
import { kinds } from '../../torture/faults/kinds.js';

const LIMIT_MS = 60_000;

describe('partners that fail', () => {
  test.each(Object.keys(kinds))(
    'IR7: %s: each fault is told by its own reason, within its time, and disturbs no neighbour',
    async (kind) => {
      const told: string[] = [];

      const {
        wrong,
        neighbours_disturbed: disturbed,
        faults: met,
      } = await faults({ rounds: 1, only: [kind], tell: (text) => told.push(text) });

      expect(met).toBeGreaterThan(0);
      expect(wrong + disturbed > 0 ? told.filter((line) => line.startsWith('WRONG')) : []).toEqual([]);
    },
    LIMIT_MS,
  );
});
