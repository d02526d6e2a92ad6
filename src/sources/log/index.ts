// Log files, followed as they are written: what they say of flows, and metrics of the user's own naming.

import type { SourceKind } from '../kind.js';
import { checkLog } from './check.js';
import { logClaims, ownMetricDefinitions } from './definitions.js';
import { loadParser } from './patterns/syntax.js';
import { sampleOf } from './trying/sample.js';
import { logSchema, type LogOptions } from './schema.js';

export const log: SourceKind<LogOptions> = {
  kind: 'log',
  summary: 'Lines of log files (JSON, logfmt, CSV, text), followed as they are written: what they say of flows, and metrics of your own.',
  schema: logSchema,
  errors: { read: ['not_found', 'permission', 'internal'], state: ['state'] },
  check: (source, context) => checkLog(source.options, context),
  async advise(source) {
    const { adviseOnPatterns } = await import('./advise.js');
    return adviseOnPatterns(source.options);
  },
  sample: sampleOf,
  claims: (source, context) => logClaims(source.options, context),
  metrics: (source) => ownMetricDefinitions(source.options),
  async preload() {
    const { makeRoom } = await import('./source.js');
    loadParser();
    makeRoom();
  },
  async create(source, context) {
    if (context.inspect) {
      const { createTriedSource } = await import('./trying/tried-source.js');
      return createTriedSource(source, context);
    }
    const { createLogSource } = await import('./source.js');
    return createLogSource(source, context);
  },
};
