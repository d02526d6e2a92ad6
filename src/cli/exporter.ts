// `vigie exporter <source>`: one source, one process, one port.

import type { Config } from '../config/model.js';
import { suggest } from '../domain/suggest.js';
import type { Subject } from '../exporter/subject.js';
import { readOptions, UsageError, type Command } from './command.js';
import { serve, SERVE_USAGE, serveOptions } from './serve.js';

export const command: Command = {
  summary: 'Run the exporter of one source.',
  usage: `usage: vigie exporter <source> [--config FILE] [--listen HOST:PORT] [--state-dir DIR] [--site NAME]

${SERVE_USAGE}

SIGHUP, or a POST to /-/reload, takes over a changed YAML; SIGTERM stops.`,

  async run(args) {
    const { values, positionals } = readOptions(args, serveOptions);
    const [name] = positionals;
    if (name === undefined || positionals.length > 1) throw new UsageError('name one source');
    return serve(
      {
        name,
        find: (config) => find(config, name),
        missing: (config) => missingSource(config, name),
        preload: (configFile) => preload(configFile, name),
      },
      values,
    );
  },
};

/** Imported when it is needed: until then the configuration loads. */
async function find(config: Config, name: string): Promise<Subject | undefined> {
  const { findSource } = await import('../exporter/source-subject.js');
  return findSource(config, name);
}

async function preload(configFile: string, name: string): Promise<void> {
  const [{ preloadKind }] = await Promise.all([import('./preload.js'), import('../exporter/source-subject.js')]);
  return preloadKind(configFile, name);
}

/** What to say where the configuration has no such source. */
export function missingSource({ file, sources }: Config, name: string): string {
  const known = sources.map((source) => source.name);
  return `${file}: no source "${name}"${suggest(name, known)}`;
}
