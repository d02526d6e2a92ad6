// Makes the rules of a source from its YAML. All series that are known from the YAML exist afterwards, at 0.

import { logs } from '../../../conventions.js';
import type { SourceConfig, SourceContext } from '../../kind.js';
import { keptText } from '../formats/fields.js';
import type { Demotion, PatternGuard } from '../patterns/guard.js';
import type { LogOptions } from '../schema.js';
import { Condition } from './condition.js';
import { Correlating } from './correlating.js';
import { EventRule } from './events.js';
import { createFormat, type FormatReader } from './format.js';
import { IndicatorRule } from './indicators.js';
import { Levels } from './levels.js';
import { Matchers } from './matcher.js';
import { MetricRule } from './metrics.js';
import { Rules, type RuleSet } from './rules.js';
import type { TellUndeclared } from './rule.js';
import { Scope } from './scope.js';
import type { SeriesSet } from './series.js';
import { Sink } from './sink.js';
import { Timing } from './timing.js';
import type { Workshop } from './workshop.js';

export interface Built {
  readonly sink: Sink;
  /** Tells the first line of a record, where there are records of several lines. */
  readonly isStart: ((line: string) => boolean) | undefined;
  readonly correlations: readonly Correlating[];
}

/** Looks over the shoulder of a source that somebody tries. What it returns does the same as what it was given. */
export interface Onlooker {
  format(format: FormatReader): FormatReader;
  rules(rules: RuleSet): RuleSet;
  /** A line names something that the YAML does not declare. */
  readonly undeclared: TellUndeclared;
}

export async function buildRules(
  config: SourceConfig<LogOptions>,
  context: SourceContext,
  series: SeriesSet,
  guard: PatternGuard,
  onlooker?: Onlooker,
): Promise<Built> {
  const { options, name: source, kind } = config;
  const labels = { source, kind };
  const matchers = new Matchers(guard);
  const keys = new Set<string>();
  const made = await createFormat(options.format, matchers, keys);
  const format = onlooker?.format(made) ?? made;
  const fileName = options.file_name === undefined ? undefined : matchers.create(options.file_name, 'file_name');
  const scope = new Scope(format.matchers, fileName ? [fileName] : [], keys, onlooker && new Map());
  const timing = await Timing.create(options.time, scope, series, labels);
  const undeclared: TellUndeclared = (label, value) => {
    onlooker?.undeclared(label, value);
    series.pending.whenKept(() => context.undeclared(label, keptText(value)));
  };
  const ids = { id: options.id, traceId: options.trace_id };
  const workshop: Workshop = { config, context, series, scope, matchers, timing, undeclared, ids };
  const correlations = (options.correlations ?? []).map((one, index) => new Correlating(`correlations.${index}`, one, workshop));
  const ruleSet: RuleSet = {
    ignore: (options.ignore ?? []).map((one, index) => new Condition(one, scope, `ignore.${index}`, matchers)),
    events: (options.events ?? []).map((event, index) => new EventRule(`events.${index}`, event, workshop)),
    others: [
      ...correlations.flatMap(({ rules: own }) => own),
      ...(options.metrics ?? []).map((metric, index) => new MetricRule(`metrics.${index}`, metric, workshop)),
      ...(options.indicators ?? []).map((one, index) => new IndicatorRule(`indicators.${index}`, one, workshop)),
    ],
    levels: options.level === undefined ? undefined : new Levels(options.level, scope, series, labels),
  };
  const rules = new Rules(onlooker?.rules(ruleSet) ?? ruleSet);
  const start = options.multiline && matchers.create(options.multiline.start, 'multiline.start');
  const demoted = declareDemotions(matchers, series, labels);
  return {
    isStart: start && ((line) => start.match(line)),
    sink: new Sink({ format, fileName, rules, matchers, demoted }, config, series, context.clock),
    correlations,
  };
}

/** Each pattern may run away: its counters are there before it does. */
function declareDemotions(matchers: Matchers, series: SeriesSet, labels: { readonly source: string; readonly kind: string }) {
  const counters = new Map(
    matchers.names.flatMap((pattern) =>
      (['linear', 'off'] as const).map((engine) => [
        `${pattern} ${engine}`,
        series.counter(logs.patternsDemoted, { ...labels, pattern, engine }),
      ]),
    ),
  );
  return ({ name, engine }: Demotion) => counters.get(`${name} ${engine}`)?.add(1);
}
