// Where the log goes, and what happens when it cannot.

import { existsSync } from 'node:fs';
import { createLogger, logDestination } from '../src/log.js';

const FULL = '/dev/full';

(existsSync(FULL) ? test : test.skip)('a full disk does not end the process, however much there is to tell', () => {
  const logger = createLogger({}, 'info', logDestination(FULL));

  const tell = () => {
    for (let line = 0; line < 2_000; line++) logger.info({ text: 'x'.repeat(1_000) }, 'told');
  };

  expect(tell).not.toThrow();
});
