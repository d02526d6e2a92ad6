#!/usr/bin/env node
// The command `vigie`: runs on the pinned Node.js whatever the machine has, and builds first where that was left out.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { become, ensureBuilt, pinnedNode, root } from '../scripts/toolchain.js';

const PINNED_MAJOR = 24;
/** The same as NODE_OPTIONS in src/conventions.ts, which is not built yet when this is read. */
const NODE_OPTIONS = ['--single-threaded-gc'];

try {
  if (!existsSync(join(root, 'build', '.complete'))) await ensureBuilt();
  if (Number(process.versions.node.split('.')[0]) >= PINNED_MAJOR) await import('../build/src/main.js');
  else if (existsSync(pinnedNode)) await become('build/src/main.js', process.argv.slice(2), NODE_OPTIONS, process.cwd());
  else throw new Error(`Node.js ${process.versions.node} is too old and the pinned one is not installed: run \`npm install\``);
} catch (error) {
  process.stderr.write(`vigie: ${error.message}\n`);
  process.exitCode = 1;
}
