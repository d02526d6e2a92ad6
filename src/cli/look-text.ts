// A look as text that a person reads and promtool accepts: all that is not exposition is a comment.

import { seriesWarning, undeclaredWarning, type CollectorLook, type Look } from './look.js';
import { tableLines } from './text-table.js';
import { visible, visibleLines } from './visible.js';

/** How many pieces of a report are shown where nobody says. */
export const DEFAULT_PIECES = 20;

/** Ends with a newline where there is an exposition. @param pieces how many pieces of what was read are shown where a source reports them */
export function lookText(look: Look, pieces = DEFAULT_PIECES): string {
  const blocks = [...look.collectors.map((collector) => collectorBlock(collector, pieces)), sourceBlock(look)];
  return [...blocks.flatMap((block, index) => (index === 0 ? block : ['#', ...block])), visibleLines(look.exposition)].join('\n');
}

function collectorBlock({ name, durationMs, series, error, findings }: CollectorLook, pieces: number): string[] {
  const { server, phases, table, report, warnings = [] } = findings;
  const took = duration(durationMs);
  const outcome = error
    ? `${name}: failed after ${took} (${error.phase}, ${error.class}): ${error.message}`
    : `${name}: ok, ${took}, ${series} series`;
  const steps = Object.entries(phases ?? {}).map(([phase, ms]) => `${phase} ${duration(ms)}`);
  return [
    ...comment(outcome),
    ...(server === undefined ? [] : comment(`server: ${server}`)),
    ...(steps.length === 0 ? [] : comment(`phases: ${steps.join(', ')}`)),
    ...(table ? tableLines(table).flatMap(comment) : []),
    ...(report?.(pieces) ?? []).flatMap(barred),
    ...warnings.flatMap(warningComment),
  ];
}

function sourceBlock(look: Look): string[] {
  const { collectors, collectorsInAll, series, maxSeries, warnings, undeclared } = look;
  const part = collectors.length < collectorsInAll ? ` (of ${collectors.length} of ${collectorsInAll} collectors)` : '';
  const full = seriesWarning(look);
  return [
    ...comment(`series: ${series} of at most ${maxSeries}${part}`),
    ...[...warnings, ...undeclared.map(undeclaredWarning), ...(full === undefined ? [] : [full])].flatMap(warningComment),
  ];
}

function warningComment(text: string): string[] {
  return comment(`warning: ${text}`);
}

/**
 * Lines after the first begin with a bar, as those of tables do: a comment whose first word is HELP or TYPE is none.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information
 */
function comment(text: string): string[] {
  return text.split('\n').map((line, index) => `# ${index === 0 ? '' : '| '}${visible(line)}`);
}

/** Lines that may begin with any word. */
function barred(text: string): string[] {
  return text.split('\n').map((line) => `# | ${visible(line)}`);
}

/** `0.4 ms`, `12 ms` */
function duration(ms: number): string {
  return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
}
