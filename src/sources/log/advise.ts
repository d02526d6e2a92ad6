// Patterns of a log source that could run away, for `vigie check`.

import type { ConfigPath, Problem } from '../kind.js';
import { runawayProblem } from './patterns/runaway.js';
import type { LogOptions, Meant } from './schema.js';

interface Written {
  readonly path: ConfigPath;
  readonly pattern: string;
}

export function adviseOnPatterns(options: LogOptions): Problem[] {
  const problems: Problem[] = [];
  for (const { path, pattern } of patternsOf(options)) {
    const problem = runawayProblem(pattern);
    if (problem) problems.push({ path, message: problem.message, severity: 'warning' });
  }
  return problems;
}

function patternsOf({
  format,
  multiline,
  file_name: fileName,
  ignore = [],
  events = [],
  correlations = [],
  metrics = [],
}: LogOptions): Written[] {
  return [
    ...(typeof format === 'object' && 'regex' in format ? of(['format', 'regex'], format.regex) : []),
    ...of(['multiline', 'start'], multiline?.start),
    ...of(['file_name'], fileName),
    ...ignore.flatMap((one, index) => ofRule(['ignore', index], one)),
    ...events.flatMap((one, index) => ofRule(['events', index], one)),
    ...correlations.flatMap(({ start, end }, index) => [
      ...ofRule(['correlations', index, 'start'], start),
      ...ofRule(['correlations', index, 'end'], end),
    ]),
    ...metrics.flatMap((one, index) => ofRule(['metrics', index], one)),
  ];
}

function of(path: ConfigPath, pattern: unknown): Written[] {
  return typeof pattern === 'string' ? [{ path, pattern }] : [];
}

function ofRule(path: ConfigPath, { match, when = {} }: Meant): Written[] {
  const conditions = Object.entries(when).flatMap(([field, wanted]) =>
    typeof wanted === 'object' && !Array.isArray(wanted) ? [{ path: [...path, 'when', field, 'matches'], pattern: wanted.matches }] : [],
  );
  return match === undefined ? conditions : [{ path: [...path, 'match'], pattern: match }, ...conditions];
}
