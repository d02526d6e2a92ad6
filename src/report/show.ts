// A report as it is given out: CSV and JSON for programs, Markdown for people.

import { csv } from './csv.js';
import { showMoment, type Period } from './period.js';
import type { Recurrent, Report, Row } from './report.js';

export const FORMATS = ['md', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** What people need to know of what they read: which part of the time it is of. */
export function notes({ covered, before }: Report, timezone: string): string[] {
  const of = ({ from, to }: Period) => `${showMoment(from, timezone)} to ${showMoment(to, timezone)}`;
  return [
    ...(covered.ratio < 1
      ? [`Prometheus has data of ${wholePercent(covered.ratio)} of the period only, from ${of(covered)}: what is counted is of that.`]
      : []),
    ...(before
      ? before.covered.ratio < 1
        ? [
            `Of the period before (${of(before.period)}) Prometheus has data of ${wholePercent(before.covered.ratio)} only, from ${of(before.covered)}: compare with care.`,
          ]
        : []
      : ['Prometheus has nothing of the period before: there is nothing to compare with.']),
    ...(covered.origin === 'raw'
      ? ['The recorded sums of Vigie are not there for all of the period, so raw counters were read: they are exact to a few percent.']
      : []),
  ];
}

export function show(report: Report, format: Format, timezone: string): string {
  if (format === 'json') return `${JSON.stringify(asJson(report, timezone), null, 2)}\n`;
  return format === 'csv' ? rowsAsCsv(report, timezone) : markdown(report, timezone);
}

/** The recurrent alerts alone. */
export function showAlerts({ recurrent, by }: Report): string {
  return csv(
    ['alert', 'severity', by === 'env' ? 'name' : by, 'env', 'times', 'seconds'],
    recurrent.map(({ alert, severity, name, env, times, seconds }) => [alert, severity, name, env, times, seconds]),
  );
}

function iso({ from, to }: Period) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function asJson(report: Report, timezone: string): unknown {
  const { by, period, covered, before, rows, recurrent } = report;
  return {
    by,
    timezone,
    period: iso(period),
    covered: { ...iso(covered), ratio: covered.ratio, origin: covered.origin },
    before: before && { period: iso(before.period), covered: { ...iso(before.covered), ratio: before.covered.ratio } },
    notes: notes(report, timezone),
    rows,
    recurrent,
  };
}

const COLUMNS: readonly (readonly [string, (row: Row) => string | number | undefined])[] = [
  ['messages', ({ messages }) => whole(messages)],
  ['messages_before', ({ messagesBefore }) => whole(messagesBefore)],
  ['errors', ({ errors }) => whole(errors)],
  ['error_ratio', ({ errorRatio }) => rounded(errorRatio)],
  ['rejected', ({ rejected }) => whole(rejected)],
  ['reject_ratio', ({ rejectRatio }) => rounded(rejectRatio)],
  ['bytes', (row) => whole(row.bytes)],
  ['p50_seconds', ({ p50 }) => rounded(p50)],
  ['p95_seconds', ({ p95 }) => rounded(p95)],
  ['p99_seconds', ({ p99 }) => rounded(p99)],
  ['slowest_stage', ({ slowest }) => slowest],
  ['missed_deadlines', ({ missedDeadlines }) => missedDeadlines],
  ['out_of_bounds_seconds', ({ outOfBoundsSeconds }) => outOfBoundsSeconds],
  ['alerts', ({ alerts }) => alerts],
  ['alerts_before', ({ alertsBefore }) => alertsBefore],
  ['availability', ({ availability }) => rounded(availability)],
  ['in_order', ({ inOrder }) => rounded(inOrder)],
];

function rowsAsCsv({ by, rows, period, covered }: Report, timezone: string): string {
  const name = by === 'env' ? [] : [by];
  return csv(
    ['from', 'to', 'covered', ...name, 'env', ...(by === 'flow' ? ['title'] : []), ...COLUMNS.map(([title]) => title)],
    rows.map((row) => [
      showMoment(period.from, timezone),
      showMoment(period.to, timezone),
      rounded(covered.ratio),
      ...(by === 'env' ? [] : [row.name]),
      row.env,
      ...(by === 'flow' ? [row.title] : []),
      ...COLUMNS.map(([, value]) => value(row)),
    ]),
  );
}

function markdown(report: Report, timezone: string): string {
  const { by, period, rows, recurrent } = report;
  const title = by === 'env' ? [] : [by];
  const header = [...title, 'env', 'messages', 'before', 'errors', 'rejected', 'bytes', 'p50', 'p95', 'p99', 'slowest stage'];
  const lines = rows.map((row) => [
    ...(by === 'env' ? [] : [row.name]),
    row.env,
    shown(whole(row.messages)),
    change(row),
    withShare(row.errors, row.errorRatio),
    withShare(row.rejected, row.rejectRatio),
    volume(row.bytes),
    time(row.p50),
    time(row.p95),
    time(row.p99),
    row.slowest ?? '–',
  ]);
  const judged = rows.map((row) => [
    ...(by === 'env' ? [] : [row.name]),
    row.env,
    String(row.missedDeadlines),
    time(row.outOfBoundsSeconds),
    `${row.alerts}${row.alertsBefore === undefined ? '' : ` (${row.alertsBefore})`}`,
    percent(row.availability),
    percent(row.inOrder),
  ]);
  return [
    `# Flows, ${showMoment(period.from, timezone)} to ${showMoment(period.to, timezone)} (${timezone})`,
    ...notes(report, timezone).map((note) => `> ${note}`),
    '## What passed',
    table(header, lines, title.length + 1),
    '## How it went',
    table([...title, 'env', 'missed deadlines', 'out of bounds', 'alerts (before)', 'available', 'in order'], judged, title.length + 1),
    '## The most recurrent alerts',
    recurrent.length === 0 ? 'None.' : alertTable(recurrent, by === 'env' ? undefined : by),
    '',
  ].join('\n\n');
}

function alertTable(recurrent: readonly Recurrent[], by: string | undefined): string {
  const rows = recurrent.map(({ alert, severity, name, env, times, seconds }) => [
    alert,
    severity,
    ...(by === undefined ? [] : [name || '–']),
    env || '–',
    String(times),
    time(seconds),
  ]);
  return table(['alert', 'severity', ...(by === undefined ? [] : [by]), 'env', 'times', 'in all'], rows, by === undefined ? 3 : 4);
}

/** Aligned, so that it is read as it is; columns from `numbers` on to the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[], numbers: number): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (column < numbers ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column < numbers ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), rule, ...rest.map(line)].join('\n');
}

function whole(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(6));
}

function shown(value: number | undefined): string {
  return value === undefined ? '–' : value.toLocaleString('en').replaceAll(',', ' ');
}

function change({ messages, messagesBefore }: Row): string {
  if (messagesBefore === undefined) return '–';
  const before = shown(whole(messagesBefore));
  if (messages === undefined || messagesBefore === 0) return before;
  const percents = Math.round((messages / messagesBefore - 1) * 100);
  return `${before} (${percents > 0 ? '+' : ''}${percents} %)`;
}

function withShare(value: number | undefined, share: number | undefined): string {
  return share === undefined || share === 0 ? shown(whole(value)) : `${shown(whole(value))} (${percent(share)})`;
}

/** Rounded down: what is not whole does not look whole. */
function wholePercent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${Number((share * 100).toPrecision(share > 0.99 && share < 1 ? 5 : 3))} %`;
}

function volume(value: number | undefined): string {
  if (value === undefined) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function time(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  if (seconds < 60) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toPrecision(3))} h`;
}
