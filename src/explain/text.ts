// All that there is to say of a flow in one environment, as lines.

import { Dependencies, type FlowDependency } from '../catalog/dependencies.js';
import type { Placement } from '../catalog/intentions.js';
import type { Config } from '../config/model.js';
import { gates } from '../conventions.js';
import { dependencyName } from '../domain/dependencies.js';
import { nextDue, type OpeningHours } from '../domain/expectation-periods.js';
import { EFFECTS } from '../domain/maintenance.js';
import { isDone } from '../domain/maintenance-windows.js';
import type { Labels } from '../domain/observation.js';
import { families } from '../rules/index.js';
import type { SourceConfig } from '../sources/kind.js';
import { loadKind } from '../sources/registry.js';
import { describeBounds, describeExpectation, describeOthers } from './declared.js';
import { hoursOf, openingAt, plannedFor, type Planned } from './moments.js';
import { applyingRules, type ApplyingRule } from './rules.js';
import type { Past, Question, ToldNow } from './told.js';
import { and, count, moment, momentAndHow, stretch } from './words.js';

/** A heading, and what stands below it; nothing where that is nothing. */
type Section = readonly [heading: string, lines: readonly string[]];

export interface Explanation {
  readonly lines: readonly string[];
  /** What to ask Prometheus. */
  readonly question: Question;
  /** IANA name of the zone of the flow. */
  readonly zone: string;
}

/** @param now milliseconds since the Unix epoch. @throws SourceError when public holidays cannot be computed */
export async function explainPlacement(config: Config, placement: Placement, now: number): Promise<Explanation> {
  const { flow, env } = placement;
  const hours = await hoursOf(config, placement, now);
  const zone = hours?.declaration.timezone ?? 'UTC';
  const planned = plannedFor(config, placement, now);
  const dependencies = new Dependencies(config, env);
  const needs = dependencies.of(flow);
  const resets = planned.filter(
    ({ maintenance }) => maintenance.kind === 'reset' && maintenance.time.kind === 'dated' && !isDone(maintenance, now),
  );
  const seeing = config.sources.filter((source) => source.env === env && source.observes?.includes(flow.name));
  const rules = applyingRules(families, flow, {
    resets: resets.map(({ maintenance }) => maintenance.name),
    kinds: seeing.map(({ kind }) => kind),
    gatekeepers: await namesOfGatekeepers(config.sources.filter((source) => source.env === env)),
  });
  const title = config.environments.find(({ name }) => name === env)?.title ?? env;
  const sections: Section[] = [
    ['Opening hours', [openingLine(placement, hours, now)]],
    ['Expected', expectationLines(placement, hours, now)],
    ['Bounds', describeBounds(flow)],
    ['Also declared', describeOthers(flow)],
    ['Seen by', [and(seeing.map(({ name }) => name)) || 'no source: nothing is known of it here']],
    ['Depends on', needs.length === 0 ? [] : dependencyLines(needs)],
    ['Needed by', neededBy(config, placement, dependencies)],
    ['Planned work', planned.flatMap((work) => plannedLines(work, now))],
    ['Alerts that may tell of it', rules.flatMap(ruleLines)],
  ];
  return {
    lines: [`In ${env}${title === env ? '' : ` (${title})`}, on ${moment(now, zone)} ${zone}`, ...sectionLines(sections)],
    question: { flow: flow.name, env, endpoints: needs.filter(({ kind }) => kind === 'endpoint').map(({ name }) => name) },
    zone,
  };
}

async function namesOfGatekeepers(sources: readonly SourceConfig[]): Promise<string[]> {
  const loaded = await Promise.all(sources.map(async (source) => ({ source, kind: await loadKind(source.kind) })));
  return loaded
    .filter(({ source, kind }) => kind.metrics(source).some(({ name }) => name === gates.cutOff.name))
    .map(({ source }) => source.name);
}

export function sectionLines(sections: readonly Section[]): string[] {
  return sections.flatMap(([heading, lines]) => (lines.length === 0 ? [] : [`  ${heading}`, ...lines.map((line) => `    ${line}`)]));
}

function openingLine({ calendar }: Placement, hours: OpeningHours | undefined, now: number): string {
  if (!hours) return 'always open: it has no calendar';
  const { open, lastChange, nextChange } = openingAt(hours, now);
  const zone = hours.declaration.timezone;
  const since = lastChange === undefined ? '' : ` since ${momentAndHow(lastChange, now, zone)}`;
  const next =
    nextChange === undefined ? 'no change within 400 days' : `${open ? 'closes' : 'opens'} ${momentAndHow(nextChange, now, zone)}`;
  return `calendar ${calendar}: ${open ? 'open' : 'closed'}${since}; ${next}`;
}

function expectationLines({ flow }: Placement, hours: OpeningHours | undefined, now: number): string[] {
  return (flow.expectations ?? []).flatMap((expectation) => {
    const words = `${expectation.name}: ${describeExpectation(expectation, flow)}`;
    if (!expectation.timing || expectation.timing.kind === 'every') return [words];
    const due = nextDue(expectation.timing, hours, now);
    const zone = hours?.declaration.timezone ?? 'UTC';
    if (!due) return [words, '  nothing is due within 400 days'];
    const { start, deadline } = due.period;
    const counts = due.begun ? `what came since ${moment(start, zone)} counts` : `what comes from ${moment(start, zone)} on counts`;
    return [words, `  next due ${momentAndHow(deadline, now, zone)}; ${counts}`];
  });
}

function dependencyLines(needs: readonly FlowDependency[]): string[] {
  const byName = Map.groupBy(needs, dependencyName);
  return [...byName].map(([name, found]) => {
    const partners = found.map(({ partner }) => partner).filter((partner) => partner !== undefined);
    const through = found.some(({ direct }) => direct) ? '' : ', through another one';
    return `${name}${partners.length === 0 ? '' : `, with ${and(partners)}`}${through}`;
  });
}

function neededBy({ flows }: Config, { flow, env }: Placement, dependencies: Dependencies): string[] {
  const names = flows
    .filter((other) => other.environments.includes(env))
    .filter((other) => dependencies.of(other).some(({ kind, name }) => kind === 'flow' && name === flow.name))
    .map(({ name }) => `flow ${name}`);
  return names;
}

function plannedLines(planned: Planned, now: number): string[] {
  const { name, title, kind } = planned.maintenance;
  const { mutes, relaxes } = EFFECTS[kind];
  const effects = [mutes.length > 0 ? `mutes ${and(mutes)}` : '', relaxes.length > 0 ? `relaxes ${and(relaxes)}` : ''];
  const partners = planned.partners.length === 0 ? '' : ` with ${and(planned.partners)}`;
  return [
    `${name}${title === name ? '' : ` (${title})`}: ${kind}${partners}, ${whenOf(planned, now)}`,
    `  ${and(effects.filter((part) => part !== '')) || 'mutes nothing'}`,
  ];
}

function whenOf({ maintenance, state: { now: isNow, window }, dated }: Planned, now: number): string {
  const { timezone: zone, kind, done, stage } = maintenance;
  if (window && isNow) return `now, until ${momentAndHow(window.end, now, zone)}`;
  if (window) return `from ${momentAndHow(window.start, now, zone)} to ${moment(window.end, zone)}`;
  if (!dated || dated.end > now) return 'not within 400 days';
  const over = `over since ${momentAndHow(dated.end, now, zone)}`;
  if (kind !== 'reset') return over;
  if (done !== undefined) return isDone(maintenance, now) ? `${over}, done on ${done}` : `${over}, not done before ${done}`;
  return `${over}, done ${stage === undefined ? 'once the YAML says so' : `once a message has passed ${stage}`}`;
}

function ruleLines({ alert, by, severities, silencedBy }: ApplyingRule): string[] {
  return [
    `${alert} (${severities.join(', ')})${by.length === 0 ? ': where its sources tell of files' : `: ${by.join('; ')}`}`,
    ...(silencedBy.length === 0 ? [] : [`  ${silencedBy.join('; ')}`]),
  ];
}

export function nowLines(told: readonly ToldNow[], now: number, zone: string): string[] {
  if (told.length === 0) return ['nothing: no alert on it is firing or pending'];
  return told.map(
    ({ labels, state, since }) => `${alertName(labels)}: ${state}${since === undefined ? '' : ` since ${momentAndHow(since, now, zone)}`}`,
  );
}

export function pastLines({ alerts }: Past, zone: string): string[] {
  if (alerts.length === 0) return ['nothing fired'];
  return alerts.map(
    ({ labels, times, duration, last }) =>
      `${alertName(labels)}: ${count(times, 'time')}, ${stretch(duration)} in all, last on ${moment(last, zone)}`,
  );
}

/** `FlowMissed critical, received, chuv`. */
function alertName(labels: Labels): string {
  const { alertname = '', severity = '', stage, partner, endpoint, expectation, indicator } = labels;
  const place = [endpoint, stage, partner, expectation, indicator].filter((part) => part !== undefined);
  return `${alertname} ${severity}${place.length === 0 ? '' : ` (${place.join(', ')})`}`;
}
