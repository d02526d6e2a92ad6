// The ids of a line, by which people find it in their log store: they become exemplars, never labels.

import { keptText, textOf } from '../formats/fields.js';
import type { Line } from './line.js';
import type { ExemplarIds, LineIds } from './pending.js';
import type { Scope } from './scope.js';

export type ReadIds = (line: Line) => LineIds | undefined;

/** @returns undefined where the YAML names no ids, so that lines cost nothing more */
export function compileIds(id: string | undefined, traceId: string | undefined, scope: Scope): ReadIds | undefined {
  if (id === undefined && traceId === undefined) return undefined;
  const readId = id === undefined ? undefined : scope.reader(id);
  const readTrace = traceId === undefined ? undefined : scope.reader(traceId);
  return (line) => {
    const ids = { id: readId && textOf(readId(line)), traceId: readTrace && textOf(readTrace(line)) };
    return ids.id === undefined && ids.traceId === undefined ? undefined : ids;
  };
}

/** @param now milliseconds since the Unix epoch */
export function exemplars(now: () => number): ExemplarIds {
  return ({ id, traceId }, value) => ({
    labels: {
      ...(traceId !== undefined && traceId !== '' && { trace_id: keptText(traceId) }),
      ...(id !== undefined && id !== '' && { correlation_id: keptText(id) }),
    },
    value,
    timestamp: now() / 1000,
  });
}
