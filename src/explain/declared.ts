// The intentions of a flow as they were read, in words.

import { formatTime, DAYS } from '../domain/calendar-declaration.js';
import { isBoundSignal, SIGNAL_UNITS, stagesOf } from '../domain/bound.js';
import { formatDuration } from '../domain/duration.js';
import type { Days, Expectation, Timing } from '../domain/expectation-declaration.js';
import type { Bound, Flow } from '../domain/flow.js';
import { and } from './words.js';

/** Who and what it is, whatever the environment. */
export function describeFlow(flow: Flow, partnerTitles: ReadonlyMap<string, string>): string[] {
  const partners = flow.partners.map((name) => {
    const title = partnerTitles.get(name) ?? name;
    return title.toLowerCase() === name.toLowerCase() ? name : `${name} (${title})`;
  });
  return [
    `${flow.name}: ${flow.title}`,
    `  ${flow.direction}, with ${and(partners)}, by ${flow.stages.join(' → ')}`,
    `  team ${flow.team}, criticality ${flow.criticality}${flow.runbook === undefined ? ', no runbook' : `, runbook ${flow.runbook}`}`,
  ];
}

/** `received by 08:30: at received, by 08:30 on each working day, at least 100, from chuv`. */
export function describeExpectation(expectation: Expectation, flow: Flow): string {
  const { stage, partners, timing, atLeast, atMost, lasts } = expectation;
  const parts = [
    `at ${stage}`,
    timing ? describeTiming(timing) : '',
    atLeast === undefined ? '' : `at least ${atLeast}`,
    atMost === undefined ? '' : `at most ${atMost}`,
    lasts?.shortest === undefined ? '' : `not less than ${seconds(lasts.shortest)} after ${lasts.since}`,
    lasts?.longest === undefined ? '' : `not more than ${seconds(lasts.longest)} after ${lasts.since}`,
    partners.length === flow.partners.length ? '' : `only ${and(partners)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function describeTiming(timing: Timing): string {
  if (timing.kind === 'every') return `every ${seconds(timing.seconds)} while it is open`;
  if (timing.kind === 'cron') return `within ${seconds(timing.seconds)} of "${timing.expression}" (cron)`;
  const { earliest, from, deadline, days } = timing;
  const between = earliest === undefined ? `by ${formatTime(deadline)}` : `between ${formatTime(earliest)} and ${formatTime(deadline)}`;
  return `${between}${from === undefined ? '' : ` (not before ${formatTime(from)})`} ${describeDays(days)}`;
}

function describeDays(days: Days): string {
  if (days.kind === 'open') return 'on each day on which it opens';
  if (days.kind === 'weekdays') return `on ${days.weekdays.map((day) => DAYS[day] ?? '').join(', ')}`;
  const unit = typeof days.unit === 'number' ? (DAYS[days.unit] ?? '') : days.unit;
  return `on the ${ordinal(days.nth)} ${unit} of the ${days.of}`;
}

function ordinal(nth: number): string {
  if (nth < 0) return nth === -1 ? 'last' : `${ordinal(-nth)} last`;
  const suffix = nth % 100 >= 11 && nth % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][nth % 10] ?? 'th');
  return `${nth}${suffix}`;
}

/** The bounds of a flow that hold somewhere; of those that hold at some of its stages only, at which. */
export function describeBounds(flow: Flow, picks: (bound: Bound) => boolean = () => true): string[] {
  return flow.bounds.filter(picks).flatMap((bound) => {
    const stages = stagesOf(bound, flow).filter((stage) => stage !== undefined);
    if (stages.length === 0) return isBoundSignal(bound.indicator) ? [] : [describeBound(bound)];
    return [describeBound(bound, bound.stage === undefined && stages.length === flow.stages.length ? [] : stages)];
  });
}

/** `backlog: critical above 500 for 1m`. @param stages to be named: those at which alone it holds */
export function describeBound(bound: Bound, stages: readonly string[] = bound.stage === undefined ? [] : [bound.stage]): string {
  const { indicator, statistic, severity, side, value, window, minMessages, forecast, always } = bound;
  const over = statistic === 'held' ? `for ${window}` : `as ${statistic} over ${window}`;
  const more = [
    stages.length === 0 ? '' : `at ${and(stages)}`,
    minMessages === undefined ? '' : `from ${minMessages} messages on`,
    forecast === undefined ? '' : `told ${seconds(forecast)} ahead`,
    always ? 'outside opening hours too' : '',
  ].filter((part) => part !== '');
  return [`${indicator}: ${severity} ${side} ${inUnit(indicator, value)} ${over}`, ...more].join(', ');
}

/** As the YAML has it. What an indicator is in, only its owner knows. */
function inUnit(indicator: string, value: number): string {
  const unit = isBoundSignal(indicator) ? SIGNAL_UNITS[indicator] : 'number';
  if (unit === 'seconds') return seconds(value);
  return unit === 'ratio' ? percent(value) : String(value);
}

/** What is declared beside expectations and bounds, a line each. */
export function describeOthers({ objectives = [], conservation = [], parity = [], anomalies = [], indicators = [] }: Flow): string[] {
  return [
    ...indicators.map(
      ({ name, title, promql }) => `indicator ${name}: ${title}${promql === undefined ? ', from a source' : ', from PromQL'}`,
    ),
    ...objectives.map(({ name, stage, threshold, ratio, days }) => {
      const good = threshold === undefined ? 'end without error' : `pass within ${seconds(threshold)}`;
      return `objective ${name}: ${percent(ratio)} of the messages at ${stage} ${good}, over ${days} d`;
    }),
    ...conservation.map(
      ({ from, to, tolerance, window }) => `what enters at ${from} leaves at ${to}, within ${percent(tolerance)} over ${window}`,
    ),
    ...parity.map(
      ({ stage, paths, tolerance, window }) =>
        `paths ${and(paths)} carry the same at ${stage}, within ${percent(tolerance)} over ${window}`,
    ),
    ...anomalies.map(({ stage, below, above }) => {
      const sides = [below === undefined ? '' : `below ${percent(below)}`, above === undefined ? '' : `above ${percent(above)}`];
      return `unusual at ${stage}: ${sides.filter((part) => part !== '').join(' or ')} of what is usual`;
    }),
  ];
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(4))} %`;
}

function seconds(value: number): string {
  return formatDuration(value * 1000);
}
