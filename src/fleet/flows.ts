// The flows of the YAML with what is seen of them now, stage by stage; and where nothing is seen, who should have seen it.

import type { Config } from '../config/model.js';
import { CATALOG, intended, observed, type Signal } from '../conventions.js';
import type { Bound, Criticality, Direction, Flow } from '../domain/flow.js';
import type { ExporterStatus } from '../exporter/status.js';
import { failureInShort, type ExporterView } from './exporters.js';
import { combine, takeReadings, type PerMinute, type Place, type Reading, type Readings } from './readings.js';
import type { Watcher, Watchers } from './watchers.js';

/** A source that should speak of the stage and does not. */
export interface Gap {
  readonly source: string;
  /** What is missing, for people; all that is watched at the stage where it is empty. */
  readonly missing: readonly string[];
  readonly because: string;
  /** It has only just started: that is nothing to worry about yet. */
  readonly starting: boolean;
}

export type Severity = 'warning' | 'critical';

export interface PartnerView {
  readonly partner: string;
  readonly reading: Reading;
  /** The bound on the backlog that is crossed now. */
  readonly crossed: Bound | undefined;
}

export interface StageView {
  readonly name: string;
  /** No source is declared to watch it. */
  readonly unwatched: boolean;
  /** Some source is declared to count its messages. */
  readonly counted: boolean;
  /** Over all partners. */
  readonly total: Reading;
  readonly partners: readonly PartnerView[];
  readonly gaps: readonly Gap[];
  /** The gravest bound crossed by any partner. */
  readonly crossed: Bound | undefined;
}

export interface FlowView {
  readonly name: string;
  readonly title: string;
  readonly env: string;
  readonly team: string;
  readonly criticality: Criticality;
  readonly direction: Direction;
  readonly partners: readonly string[];
  readonly runbook: string | undefined;
  /** Within its opening hours; undefined while the catalogue does not say. */
  readonly open: boolean | undefined;
  /** When it opens or closes next, in milliseconds since the Unix epoch; undefined where no change is in sight. */
  readonly nextChangeAt: number | undefined;
  readonly stages: readonly StageView[];
  readonly trouble: Severity | undefined;
}

interface FlowsContext {
  readonly readings: Readings;
  readonly watchers: Watchers;
  readonly exporters: ReadonlyMap<string, ExporterView>;
}

/** All flows, in the order of the YAML, one view for each environment they run in. */
export function viewFlows(config: Config, watchers: Watchers, exporters: readonly ExporterView[], perMinute: PerMinute): FlowView[] {
  const context = {
    watchers,
    readings: takeReadings(exporters, perMinute),
    exporters: new Map(exporters.map((exporter) => [exporter.source, exporter])),
  };
  const windows = windowsOf(context.exporters.get(CATALOG));
  return config.flows.flatMap((flow) => flow.environments.map((env) => viewFlow(flow, env, context, windows.get(`${flow.name}\n${env}`))));
}

function viewFlow(flow: Flow, env: string, context: FlowsContext, window: Window | undefined): FlowView {
  const stages = flow.stages.map((stage) => viewStage(flow, env, stage, context));
  const { name, title, team, criticality, direction, partners, runbook } = flow;
  return {
    name,
    title,
    env,
    team,
    criticality,
    direction,
    partners,
    runbook,
    stages,
    open: window?.open,
    nextChangeAt: window?.nextChangeAt,
    trouble: gravest(stages.map(troubleOf)),
  };
}

function viewStage(flow: Flow, env: string, stage: string, context: FlowsContext): StageView {
  const watching = context.watchers(flow.name, env, stage);
  const silent = watching.flatMap((watcher) => silenceOf(watcher, { flow: flow.name, env, stage }, context));
  const ratesHold = !silent.some(({ signal }) => signal === 'messages');
  const partners = flow.partners.map((partner) => {
    const reading = context.readings.at(flow.name, env, stage, partner);
    return {
      partner,
      reading: ratesHold ? reading : { ...reading, perMinute: undefined, errorsPerMinute: undefined, rejectedPerMinute: undefined },
      crossed: crossedBound(flow.bounds, reading.backlog),
    };
  });
  const severity = gravest(partners.map(({ crossed }) => crossed?.severity));
  return {
    name: stage,
    unwatched: watching.length === 0,
    counted: watching.some(({ signal }) => signal === 'messages'),
    total: combine(partners.map(({ reading }) => reading)),
    partners,
    gaps: gapsOf(silent, watching),
    crossed: partners.find(({ crossed }) => crossed?.severity === severity)?.crossed,
  };
}

interface Silence {
  readonly source: string;
  readonly signal: Signal;
  readonly because: string;
  readonly starting: boolean;
}

/** Why the watcher says nothing now; empty where it speaks. */
function silenceOf({ source, signal, part }: Watcher, place: Place, { exporters, readings }: FlowsContext): Silence[] {
  const exporter = exporters.get(source);
  if (!exporter) return [{ source, signal, because: 'it has no exporter', starting: false }];
  const because = exporter.status?.ready
    ? reasonToDoubt(exporter.status, signal, part, readings.isSeen(source, signal, place))
    : exporter.problem;
  return because === undefined ? [] : [{ source, signal, because, starting: exporter.state === 'starting' }];
}

/** A gauge that a source can no longer vouch for is withdrawn; a counter stays, and then it says nothing of now. */
function reasonToDoubt({ collectors }: ExporterStatus, signal: Signal, part: string, isSeen: boolean): string | undefined {
  const named = collectors.find(({ name }) => name === part);
  const failing = (named ? [named] : collectors).find(({ up }) => !up);
  if (!failing || (isSeen && observed[signal].type === 'gauge')) return undefined;
  return failureInShort(failing);
}

/** What is missing when a signal is, as the page calls it. */
const SIGNAL_NAMES: Readonly<Record<Signal, string>> = {
  messages: 'messages',
  bytes: 'messages',
  last_message: 'messages',
  duration: 'messages',
  backlog: 'backlog',
  backlog_oldest: 'backlog',
};

/** One for each source. */
function gapsOf(silent: readonly Silence[], watching: readonly Watcher[]): Gap[] {
  const sources = [...new Set(silent.map(({ source }) => source))];
  const isAll = silent.length === watching.length;
  return sources.flatMap((source) => {
    const own = silent.filter((silence) => silence.source === source);
    const missing = isAll ? [] : [...new Set(own.map(({ signal }) => SIGNAL_NAMES[signal]))];
    return own.slice(0, 1).map(({ because, starting }) => ({ source, missing, because, starting }));
  });
}

function crossedBound(bounds: readonly Bound[], backlog: number | undefined): Bound | undefined {
  if (backlog === undefined) return undefined;
  const crossed = bounds.filter(
    ({ indicator, side, value }) => indicator === 'backlog' && (side === 'above' ? backlog > value : backlog < value),
  );
  return crossed.find(({ severity }) => severity === 'critical') ?? crossed[0];
}

function troubleOf({ gaps, crossed, total }: StageView): Severity | undefined {
  if (gaps.some(({ starting }) => !starting)) return 'critical';
  return crossed?.severity ?? ((total.errorsPerMinute ?? 0) > 0 ? 'warning' : undefined);
}

function gravest(severities: readonly (Severity | undefined)[]): Severity | undefined {
  if (severities.includes('critical')) return 'critical';
  return severities.includes('warning') ? 'warning' : undefined;
}

interface Window {
  open?: boolean;
  nextChangeAt?: number;
}

/** Opening hours as the catalogue sees them now, by flow and environment. */
function windowsOf(catalog: ExporterView | undefined): Map<string, Window> {
  const windows = new Map<string, Window>();
  for (const { metric, labels, value } of catalog?.status?.samples ?? []) {
    const key = `${labels['flow']}\n${labels['env']}`;
    const window = windows.get(key) ?? {};
    if (metric === intended.windowOpen.name) window.open = value === 1;
    else if (metric === intended.windowNextChange.name) Object.assign(window, nextChange(value));
    else continue;
    windows.set(key, window);
  }
  return windows;
}

/** No change in sight is +Inf, which JSON writes as null. */
function nextChange(value: number | null): Window {
  return value === null || !Number.isFinite(value) ? {} : { nextChangeAt: value * 1000 };
}
