// The files source: directories of this machine, over the frame of file exchanges.

import { hostname } from 'node:os';
import { createExchange } from '../exchanges/source.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { Gate, slotsFor } from './gate.js';
import { LocalStore } from './local-store.js';
import type { FilesOptions } from './schema.js';

export function createFiles(source: SourceConfig<FilesOptions>, context: SourceContext): Promise<Source> {
  const gate = new Gate(slotsFor(process.env['UV_THREADPOOL_SIZE']));
  const store = new LocalStore(gate, (path) => context.resolvePath(path));
  return createExchange(source, context, {
    use: (_signal, work) => work(store),
    close: () => Promise.resolve(),
    address: hostname(),
  });
}
