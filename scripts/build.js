// `npm run build`, and what npm runs after an install (the script `prepare`).

import { ensureBuilt } from './toolchain.js';

try {
  await ensureBuilt();
} catch (error) {
  process.stderr.write(`vigie: ${error.message}\n`);
  process.exitCode = 1;
}
