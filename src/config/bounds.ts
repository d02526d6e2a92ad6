// Bounds of flows from the YAML: of which signal or indicator, by which statistic, in base units.

import {
  INDICATOR_STATISTICS,
  FORECAST_SIGNALS,
  isBoundSignal,
  needsTraffic,
  SIGNAL_STATISTICS,
  SIGNAL_UNITS,
  stagesOf,
  type Unit,
} from '../domain/bound.js';
import { guessDuration, parseDuration } from '../domain/duration.js';
import { BOUND_SIGNALS, BOUND_WINDOWS, STATISTICS, type Bound, type Statistic } from '../domain/flow.js';
import { suggest } from '../domain/suggest.js';
import { duration, NAME_PATTERN } from '../sources/schema.js';
import type { Declared } from './declarations.js';
import { atKey, formatPath, within, type Report, type Spot } from './report.js';
import type { RawFlow } from './schema.js';
import { percent } from './share.js';
import { asArray, asObject, either, show } from './words.js';

const DEFAULT_WINDOW = '5m';
const DEFAULT_FROM = 20;

/** What does not fit it is told here, for the schema does not know the signal. */
export const BOUND_PATTERN = '^[<>] ?(?:-?[0-9]+(?:[.][0-9]+)?(?: ?%)?|(?:[0-9]+(?:y|w|d|h|m|s|ms))+)$';

const boundValue = {
  type: 'string',
  pattern: BOUND_PATTERN,
  description:
    'What must not be crossed: "> 1000" is crossed above 1000, "< 98 %" below that share, "> 30s" above that time. Shares for errors, rejects, failures and success, times for duration, backlog_age and answer_time, any of them for indicators, else numbers.',
  examples: ['> 1000', '> 30s', '< 98 %'],
} as const;

const boundSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'A bound: what is beyond it is told.',
  properties: {
    warning: boundValue,
    critical: boundValue,
    signal: {
      type: 'string',
      description: `What it is on, where the key is a name of your own: ${either(BOUND_SIGNALS)}, or an indicator of the flow.`,
    },
    of: { type: 'string', description: 'The stage it is on. Default: each stage of the flow; for an indicator the flow as a whole.' },
    statistic: {
      enum: STATISTICS,
      description:
        'held: the value itself, without a break for as long as `over`; the others are computed over that time. Default: held for what waits, p95 for times, ratio for shares, sum for messages, avg for indicators.',
    },
    over: {
      enum: BOUND_WINDOWS,
      description: `How long it must be crossed, or over which time the statistic is. Default ${DEFAULT_WINDOW}.`,
    },
    from: {
      type: ['integer', 'string'],
      minimum: 1,
      pattern: '^[1-9][0-9]* messages?$',
      description: `Judged only where so many messages passed within \`over\`. Default ${DEFAULT_FROM} messages for shares and quantiles.`,
      examples: ['20 messages'],
    },
    forecast: {
      ...duration,
      description: 'Tell so long before it will be crossed, as things go; for what waits and for indicators. Default: not at all.',
    },
    hours: {
      enum: ['open', 'always'],
      description: 'open: not judged outside the opening hours of the flow (the default). always: around the clock.',
    },
  },
  examples: [{ warning: '> 100', critical: '> 1000', over: '5m' }],
} as const;

export const boundsSchema = {
  type: 'object',
  propertyNames: { pattern: NAME_PATTERN },
  additionalProperties: boundSchema,
  description: `Bounds beyond which somebody is told, by signal (${BOUND_SIGNALS.join(', ')}), indicator of the flow, or name of your own with \`signal\`; for each partner.`,
  examples: [
    {
      backlog: { warning: '> 1000', critical: '> 5000', over: '1m' },
      duration: { of: 'processed', statistic: 'p95', warning: '> 30s', critical: '> 2m' },
      rejects: { warning: '> 2 %', critical: '> 5 %', over: '15m', from: '20 messages' },
    },
  ],
} as const;

const SEVERITIES = ['warning', 'critical'] as const;

/** One entry, as far as it can be read. */
interface Entry {
  readonly name: string;
  readonly written: Readonly<Record<string, unknown>>;
  /** One of `BOUND_SIGNALS`, or an indicator of the flow; undefined where it is neither. */
  readonly signal: string | undefined;
  readonly statistic: Statistic;
  readonly bounds: readonly Bound[];
}

export function readBounds(raw: unknown): Bound[] {
  return entriesOf(raw).flatMap(({ bounds }) => bounds);
}

/** What bounds are on, entry by entry; those on nothing that is known are left out. */
export function readBoundEntries(raw: unknown): { readonly name: string; readonly signal: string; readonly stage: string | undefined }[] {
  return entriesOf(raw).flatMap(({ name, signal, written }) =>
    signal === undefined ? [] : [{ name, signal, stage: text(written['of']) }],
  );
}

function entriesOf(raw: unknown): Entry[] {
  const flow = asObject(raw);
  const indicators = Object.keys(asObject(flow['indicators']));
  return Object.entries(asObject(flow['bounds'])).map(([name, entry]) => readEntry(name, asObject(entry), indicators));
}

function readEntry(name: string, written: Entry['written'], indicators: readonly string[]): Entry {
  const meant = text(written['signal']) ?? name;
  const signal = isBoundSignal(meant) || indicators.includes(meant) ? meant : undefined;
  const allowed = statisticsOf(signal ?? '');
  const statistic = STATISTICS.find((one) => one === written['statistic']) ?? allowed[0] ?? 'held';
  const entry = { name, written, signal, statistic };
  if (signal === undefined) return { ...entry, bounds: [] };
  const common = {
    indicator: signal,
    ...(typeof written['of'] === 'string' && { stage: written['of'] }),
    statistic,
    window: text(written['over']) ?? DEFAULT_WINDOW,
    ...trafficOf(signal, statistic, written['from']),
    ...forecastOf(written['forecast']),
    ...(written['hours'] === 'always' && { always: true }),
  };
  const bounds = SEVERITIES.flatMap((severity) => {
    const value = readValue(written[severity]);
    return value ? [{ ...common, severity, side: value.side, value: value.value }] : [];
  });
  return { ...entry, bounds };
}

function trafficOf(signal: string, statistic: Statistic, from: unknown): Pick<Bound, 'minMessages'> {
  const least = Number.parseInt(String(from), 10);
  if (Number.isInteger(least)) return { minMessages: least };
  const byDefault = needsTraffic(signal) && statistic !== 'avg';
  return byDefault ? { minMessages: DEFAULT_FROM } : {};
}

function forecastOf(written: unknown): Pick<Bound, 'forecast'> {
  const ms = typeof written === 'string' ? parseDuration(written) : undefined;
  return ms === undefined ? {} : { forecast: ms / 1000 };
}

function statisticsOf(signal: string): readonly Statistic[] {
  return isBoundSignal(signal) ? SIGNAL_STATISTICS[signal] : INDICATOR_STATISTICS;
}

interface Value {
  readonly side: Bound['side'];
  readonly value: number;
  readonly unit: Unit;
}

/** `> 1000`, `> 2 %`, `> 1m30s`; undefined where the text is no bound, which the schema tells. */
function readValue(written: unknown): Value | undefined {
  const {
    sign,
    number,
    share,
    time = '',
  } = /^(?<sign>[<>]) ?(?:(?<number>-?\d+(?:\.\d+)?)(?<share> ?%)?|(?<time>\d[0-9a-z]*))$/.exec(text(written) ?? '')?.groups ?? {};
  if (sign === undefined) return undefined;
  const side = sign === '>' ? 'above' : 'below';
  if (number === undefined) {
    const ms = parseDuration(time);
    return ms === undefined ? undefined : { side, value: ms / 1000, unit: 'seconds' };
  }
  return share === undefined ? { side, value: Number(number), unit: 'number' } : { side, value: percent(number), unit: 'ratio' };
}

/** What a schema cannot say of the bounds of a flow. */
export function checkBounds({ spot, raw }: Declared<RawFlow>, report: Report): void {
  const flow = asObject(raw);
  const entries = entriesOf(raw);
  for (const entry of entries) {
    const place = within(spot, 'bounds', entry.name);
    if (entry.signal === undefined) reportUnknown(entry, Object.keys(asObject(flow['indicators'])), place, report);
    else checkEntry(entry, entry.signal, asArray(flow['stages']).map(String), place, report);
  }
  checkTwice(entries, spot, report);
  checkAcross(entries, spot, report);
  checkReplaced(entries, asArray(flow['stages']).map(String), spot, report);
}

function reportUnknown({ name, written }: Entry, indicators: readonly string[], place: Spot, report: Report): void {
  const known = [...BOUND_SIGNALS, ...indicators];
  const signal = text(written['signal']);
  if (signal !== undefined) report.error(within(place, 'signal'), `no signal or indicator "${signal}"${suggest(signal, known)}`);
  else
    report.error(
      atKey(place),
      `no signal or indicator "${name}"${suggest(name, known)}; a name of your own needs a signal, e.g. signal: duration`,
    );
}

function checkEntry(entry: Entry, signal: string, stages: readonly string[], place: Spot, report: Report): void {
  const { written, statistic } = entry;
  const [stage, named] = [text(written['of']), text(written['signal'])];
  if (stage !== undefined && !stages.includes(stage)) report.error(within(place, 'of'), `no stage "${stage}"${suggest(stage, stages)}`);
  if (named !== undefined && named !== entry.name && isBoundSignal(entry.name)) {
    report.error(within(place, 'signal'), `the name "${entry.name}" is a signal itself: choose another name for a bound on ${named}`);
  }
  if (!statisticsOf(signal).includes(statistic)) {
    report.error(within(place, 'statistic'), `${signal} has no ${statistic}: must be ${either(statisticsOf(signal))}`);
  }
  if (written['warning'] === undefined && written['critical'] === undefined) {
    report.error(place, `says no bound: add warning or critical, e.g. warning: '${exampleOf(signal)}'`);
  }
  if (written['from'] !== undefined && !needsTraffic(signal)) {
    report.error(within(place, 'from'), `${signal} is no share or time of messages: leave it out`);
  }
  const least = Number.parseInt(String(written['from']), 10);
  if (least > Number.MAX_SAFE_INTEGER) {
    report.error(within(place, 'from'), `"${String(written['from'])}" ${TOO_MANY}, e.g. 20 messages`);
  }
  if (entry.bounds.some(({ forecast }) => forecast === 0)) {
    report.error(within(place, 'forecast'), `"${String(written['forecast'])}" leaves no time: e.g. 4h`);
  }
  if (written['forecast'] !== undefined && isBoundSignal(signal) && !FORECAST_SIGNALS.includes(signal)) {
    report.error(
      within(place, 'forecast'),
      `is for what waits (${FORECAST_SIGNALS.join(', ')}) and for indicators, not for ${signal}: leave it out`,
    );
  }
  for (const severity of SEVERITIES) checkValue(signal, written[severity], within(place, severity), report);
  checkOrder(entry, place, report);
}

const TOO_MANY = `is more than can be counted: at most ${Number.MAX_SAFE_INTEGER}`;

/** Whether it is a bound, and in the unit of the signal; indicators have any. */
function checkValue(signal: string, written: unknown, place: Spot, report: Report): void {
  const read = readValue(written);
  const shown = show(written, place.path);
  if (!read) {
    if (written === null) report.error(place, `is empty: must be text, e.g. '${exampleOf(signal)}'`);
    if (typeof written === 'string' || typeof written === 'number') report.error(place, `${shown} ${mendBound(`${written}`, signal)}`);
    return;
  }
  if (read.unit === 'number' && Math.abs(read.value) > Number.MAX_SAFE_INTEGER) report.error(place, `${shown} ${TOO_MANY}`);
  if (read.unit === 'ratio' && (read.value < 0 || read.value > 1)) report.error(place, `${shown} is no share: from 0 to 100 %`);
  if (!isBoundSignal(signal)) return;
  const unit = SIGNAL_UNITS[signal];
  const words = { seconds: 'a time', ratio: 'a share', number: 'a number' } as const;
  if (unit !== read.unit) report.error(place, `${shown}: ${signal} is ${words[unit]}, e.g. '${exampleOf(signal)}'`);
  else {
    const sense = senseOf(read, unit);
    if (sense !== undefined) report.error(place, `${shown} is ${sense}, e.g. '${exampleOf(signal)}'`);
  }
}

/** The same bound in the right form where it can be recognised (`> 200 ms`, `>= 1'000`, `> 2,5 %`), else an example. */
function mendBound(written: string, signal: string): string {
  const { sign = '', value = '' } = /^\s*(?<sign>[<>])=?\s*(?<value>\S.*?)\s*$/.exec(written)?.groups ?? {};
  const ways = [value, guessDuration(value), value.replaceAll(' ', ''), value.replaceAll(/['_](?=\d{3})/g, ''), value.replace(',', '.')];
  const fits = (bound: string) => {
    const unit = readValue(bound)?.unit;
    return unit !== undefined && (!isBoundSignal(signal) || SIGNAL_UNITS[signal] === unit);
  };
  const mended = ways.map((way) => `${sign} ${way ?? ''}`).find(fits);
  return mended === undefined ? `has not the right form, e.g. '${exampleOf(signal)}'` : `has not the right form: write '${mended}'`;
}

/** Why a bound tells nothing: signals are never negative, and no share is more than the whole. Shares that are none are told as such. */
function senseOf({ side, value }: Value, unit: Unit): string | undefined {
  if (side === 'below' && value <= 0 && (unit !== 'ratio' || value === 0)) return `never crossed: nothing is below ${ZEROS[unit]}`;
  if (side === 'above' && value < 0 && unit !== 'ratio') return `always crossed: nothing is below ${ZEROS[unit]}`;
  return side === 'above' && value === 1 && unit === 'ratio' ? 'never crossed: no share is above 100 %' : undefined;
}

const ZEROS: Readonly<Record<Unit, string>> = { seconds: '0s', ratio: '0 %', number: '0' };

function exampleOf(signal: string): string {
  if (!isBoundSignal(signal)) return '> 90 %';
  if (signal === 'success') return '< 98 %';
  return { seconds: '> 30s', ratio: '> 2 %', number: '> 1000' }[SIGNAL_UNITS[signal]];
}

/** A critical bound that is crossed before the warning, or on the other side. */
function checkOrder({ written, bounds }: Entry, place: Spot, report: Report): void {
  const [warning, critical] = SEVERITIES.map((severity) => bounds.find((one) => one.severity === severity));
  if (!warning || !critical) return;
  const both = `critical is "${String(written['critical'])}", warning is "${String(written['warning'])}"`;
  const units = SEVERITIES.map((severity) => readValue(written[severity])?.unit);
  if (units[0] !== units[1]) {
    // That of a signal is told already.
    if (!isBoundSignal(warning.indicator))
      report.error(within(place, 'critical'), `${both}: both must be of one kind, times, shares or numbers`);
  } else if (critical.side !== warning.side) report.error(within(place, 'critical'), `${both}: both must lie on the same side, > or <`);
  else if (critical.side === 'above' ? critical.value < warning.value : critical.value > warning.value) {
    report.error(within(place, 'critical'), `${both}: critical must be the worse of the two`);
  }
}

/** Two entries on the same: only one of them could be heard. */
function checkTwice(entries: readonly Entry[], spot: Spot, report: Report): void {
  const seen = new Map<string, { readonly entry: Entry; readonly bound: Bound }>();
  const refused = new Set<string>();
  const clash = (
    key: readonly unknown[],
    entry: Entry,
    bound: Bound,
    differs: (other: Bound) => boolean,
    message: (other: string) => string,
  ) => {
    const id = JSON.stringify(key);
    const other = seen.get(id);
    if (!other) seen.set(id, { entry, bound });
    else if (other.entry !== entry && differs(other.bound) && !refused.has(entry.name)) {
      refused.add(entry.name);
      report.error(atKey(within(spot, 'bounds', entry.name)), message(formatPath(['bounds', other.entry.name])));
    }
  };
  for (const entry of entries) {
    for (const bound of entry.bounds) {
      const { indicator, stage, statistic, severity, side, window, minMessages, forecast } = bound;
      const what = [indicator, stage, statistic];
      clash(
        ['bound', ...what, severity, side, window],
        entry,
        bound,
        () => true,
        (other) => `is on the same as ${other}: make them one`,
      );
      clash(
        ['from', ...what, window],
        entry,
        bound,
        (other) => other.minMessages !== minMessages,
        (other) => `has another \`from\` than ${other}, which is on the same over the same time: make them the same`,
      );
      if (forecast === undefined) continue;
      clash(
        ['forecast', indicator, stage, severity, side],
        entry,
        bound,
        () => true,
        (other) => `${other} has a forecast on the same: keep one of the two`,
      );
    }
  }
}

/** A critical bound that is crossed before the warning on the same, which another entry has. */
function checkAcross(entries: readonly Entry[], spot: Spot, report: Report): void {
  const placed = entries.flatMap((entry) => entry.bounds.map((bound) => ({ entry, bound })));
  // One that holds around the clock says something at night that the other does not.
  const alike = Map.groupBy(placed, ({ bound: { indicator, stage, statistic, side, window, always } }) =>
    JSON.stringify([indicator, stage, statistic, side, window, always]),
  );
  for (const group of alike.values()) {
    const [warning, critical] = SEVERITIES.map((severity) => group.find(({ bound }) => bound.severity === severity));
    if (!warning || !critical || warning.entry === critical.entry) continue;
    const [mild, grave] = [warning, critical].map(({ entry, bound }) => readValue(entry.written[bound.severity]));
    if (!mild || !grave || mild.unit !== grave.unit) continue;
    if (grave.side === 'above' ? grave.value >= mild.value : grave.value <= mild.value) continue;
    const [first, second] = [critical, warning].map(
      ({ entry, bound }) => `${formatPath(['bounds', entry.name, bound.severity])} is "${String(entry.written[bound.severity])}"`,
    );
    const later = entries.indexOf(warning.entry) > entries.indexOf(critical.entry) ? warning : critical;
    report.error(
      within(spot, 'bounds', later.entry.name, later.bound.severity),
      `${first}, ${second}, on the same: critical must be the worse of the two`,
    );
  }
}

/** What bounds of single stages take the place of, so that it is heard nowhere, or no longer as critical. */
function checkReplaced(entries: readonly Entry[], stages: readonly string[], spot: Spot, report: Report): void {
  const flow = { bounds: entries.flatMap(({ bounds }) => bounds), stages };
  for (const entry of entries) {
    const [bound] = entry.bounds;
    if (!bound || bound.stage !== undefined || stages.length === 0) continue;
    const left = stagesOf(bound, flow);
    const own = entries.filter(
      ({ signal, statistic, bounds }) =>
        bounds.some(({ stage }) => stage !== undefined && stages.includes(stage)) &&
        signal === entry.signal &&
        statistic === entry.statistic,
    );
    if (left.length === 0) {
      const names = own.map(({ name }) => formatPath(['bounds', name]));
      report.warning(
        atKey(within(spot, 'bounds', entry.name)),
        `holds at no stage: ${names.join(' and ')} ${names.length === 1 ? 'takes' : 'take'} its place: leave it out, or make them one`,
      );
    }
    const critical = entry.bounds.find(({ severity }) => severity === 'critical');
    if (critical && isBoundSignal(critical.indicator)) tellLost(entry, critical, own, spot, report);
  }
}

/** @param own those that take the place of the entry at single stages */
function tellLost(entry: Entry, { side, severity }: Bound, own: readonly Entry[], spot: Spot, report: Report): void {
  const ofStages = Map.groupBy(own, ({ written }) => text(written['of']) ?? '');
  for (const [stage, ofStage] of ofStages) {
    const isKept = ofStage.some(({ bounds }) => bounds.some((bound) => bound.severity === severity && bound.side === side));
    const [first] = ofStage;
    if (isKept || !first) continue;
    report.warning(
      atKey(within(spot, 'bounds', first.name)),
      `takes the place of ${formatPath(['bounds', entry.name])} at ${stage}, whose critical bound holds there no longer: add e.g. critical: '${String(entry.written[severity])}'`,
    );
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
