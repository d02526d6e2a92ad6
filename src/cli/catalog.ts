// `vigie catalog`: the exporter of the intentions of all flows.

import { catalogSubject } from '../catalog/subject.js';
import { CATALOG } from '../conventions.js';
import { readOptions, UsageError, type Command } from './command.js';
import { serve, serveOptions, SERVE_USAGE } from './serve.js';

export const command: Command = {
  summary: 'Run the exporter of what should be so: flows, opening hours, bounds, expected sources.',
  usage: `usage: vigie catalog [--config FILE] [--listen HOST:PORT] [--state-dir DIR]

${SERVE_USAGE}

SIGHUP, or a POST to /-/reload, takes over a changed YAML; SIGTERM stops.`,

  async run(args) {
    const { values, positionals } = readOptions(args, serveOptions);
    if (positionals.length > 0) throw new UsageError(`the catalogue takes no name, but got "${positionals.join(' ')}"`);
    return serve(
      { name: CATALOG, find: async (config) => catalogSubject(config), missing: () => 'every configuration has a catalogue' },
      values,
    );
  },
};
