// What a log source tells of itself, beside what it counts.

import { logs } from '../../conventions.js';
import type { Observation } from '../../domain/observation.js';
import type { SourceConfig } from '../kind.js';
import type { Demotion } from './patterns/guard.js';
import type { Look } from './reading/reader.js';

/** Patterns that ran away, in a sentence each. */
export function demotionWarnings(demotions: readonly Demotion[]): string[] {
  return demotions.map(({ name, engine, reason }) =>
    engine === 'off'
      ? `pattern ${name} ran away and is switched off (${reason}): its lines are counted as abandoned until it is rewritten`
      : `pattern ${name} ran away and is matched by a slower engine (${reason}): rewrite it`,
  );
}

/** How far it has read. @param now monotonic milliseconds */
export function readingObservations({ name: source, kind }: SourceConfig, { behind, unreadSince, files }: Look, now = 0): Observation[] {
  const labels = { source, kind };
  return [
    { metric: logs.bytesBehind, labels, value: behind },
    { metric: logs.secondsBehind, labels, value: unreadSince === undefined ? 0 : Math.max(0, now - unreadSince) / 1000 },
    { metric: logs.files, labels, value: files },
  ];
}
