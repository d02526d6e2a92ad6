// A short run of `npm run torture -- log`, with everything in it at least once. The longer ones are for whoever changes the reading of logs.

import { torture } from '../../../torture/log.js';

const SEED = 4;
const FORMS = ['json-utf8', 'logfmt-utf16', 'multiline-8859'];
const LIMIT_MS = 180_000;

describe('exporters of logs under torture', () => {
  test(
    `count every line once, whatever is done to them and to their logs, seed ${SEED}`,
    async () => {
      const told: string[] = [];

      const { ok, deeds } = await torture({ seed: SEED, seconds: 4, only: FORMS, dealt: true, tell: (text) => told.push(text) });

      const report = told.join('\n');
      expect(ok ? 'equal' : report).toBe('equal');
      // Where nothing can fill a disk, the report says so.
      const left = Object.entries(deeds).filter(([deed, count]) => count === 0 && !(deed === 'full_disks' && report.includes('NOT DONE')));
      expect(left).toEqual([]);
    },
    LIMIT_MS,
  );
});
