// A process of its own that loads the configuration and ends: what reads and checks the YAML takes 20 MB that an exporter need not keep.
// Started by load-apart.ts: `node load-process.js exporters.yaml`; writes what it loaded to standard output, for its parent alone.

import { closeSync, writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { loadConfig } from '../config/load.js';

const STDOUT = 1;

const [file = ''] = process.argv.slice(2);
// Serialized as JSON cannot, with what is undefined or infinite. A channel between processes would do it too, and take 15 ms to set up.
const answer = serialize(await loadConfig(file));
try {
  writeFileSync(STDOUT, answer);
  // What this process has to tidy up is nothing to wait for.
  closeSync(STDOUT);
} catch (error) {
  // A parent that was killed meanwhile reads no more.
  if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
}
