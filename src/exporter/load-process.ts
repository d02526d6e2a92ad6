// A process of its own that loads the configuration and ends: what reads and checks the YAML takes 20 MB that an exporter need not keep.
// Started by load-apart.ts: `node load-process.js exporters.yaml`; sends what it loaded over the channel to its parent.

import { loadConfig } from '../config/load.js';

const [file = ''] = process.argv.slice(2);
// A parent that was killed meanwhile has cut the channel.
process.send?.(await loadConfig(file), undefined, undefined, () => process.connected && process.disconnect());
