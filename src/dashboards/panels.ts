// The panels that dashboards are built of: each has a title, a description that says what to make of it, and a unit.

import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  ReduceDataOptionsBuilder,
  TableSortByFieldStateBuilder,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  TooltipDisplayMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { dedent } from '../rules/text.js';

interface Text {
  readonly title: string;
  /** What it shows and what to make of it; shown on the panel's "i". */
  readonly description: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
}

interface Line {
  readonly expr: string;
  /** Name of the series, with labels: `{{flow}} {{stage}}`. */
  readonly legend: string;
  /** Single messages as dots, each with links to its lines and its trace: of histograms only. */
  readonly exemplars?: boolean;
}

export interface Column {
  /** Name of the field: a label, or `Value #A` for the first query, `Value #B` for the second. */
  readonly field: string;
  /** Heading. */
  readonly title: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly thresholds?: readonly Threshold[];
  /** Texts for values, with their colours. */
  readonly texts?: Readonly<Record<string, { text: string; color: string }>>;
  /** Where a click leads, with `${__data.fields.x}` and `${__value.raw}`. */
  readonly link?: { readonly title: string; readonly url: string };
  readonly width?: number;
}

const GREEN = 'green';
const RED = 'red';

/** Texts for values that are 0 or 1. */
export const UP = { '0': { text: 'down', color: RED }, '1': { text: 'up', color: GREEN } };

/** The same for states. */
export const STATE = { '0': { text: 'disturbed', color: RED }, '1': { text: 'in order', color: GREEN } };

/** A credential that was refused. */
export const PAUSED = { '0': { text: 'no', color: GREEN }, '1': { text: 'paused', color: RED } };

export const goodAtZero: readonly Threshold[] = [
  { value: null, color: GREEN },
  { value: 1, color: RED },
];

/** One value on a coloured ground. */
export function light({
  expr,
  unit,
  thresholds,
  ...text
}: Text & { expr: string; unit: string; thresholds: readonly Threshold[] }): StatBuilder {
  return new StatBuilder()
    .title(text.title)
    .description(text.description)
    .span(text.width)
    .height(text.height)
    .unit(unit)
    .thresholds(absolute(thresholds))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .withTarget(new DataqueryBuilder().expr(dedent(expr)).instant());
}

export function lines({ queries, unit, ...text }: Text & { queries: readonly Line[]; unit: string }): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(text.title)
    .description(text.description)
    .span(text.width)
    .height(text.height)
    .unit(unit)
    .min(0)
    .fillOpacity(8)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.Table).showLegend(true).calcs(['lastNotNull', 'max']))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  for (const { expr, legend, exemplars } of queries) {
    const query = new DataqueryBuilder().expr(dedent(expr)).range().legendFormat(legend);
    panel.withTarget(exemplars ? query.exemplar(true) : query);
  }
  return panel;
}

/** The queries' rows side by side, joined by the labels that all of them have. Fields without a column are left out. */
export function table({
  queries,
  columns,
  sortBy,
  ...text
}: Text & {
  queries: readonly string[];
  columns: readonly Column[];
  /** Headings; those that are equal by the first are sorted by the next. */ sortBy: readonly string[];
}): TableBuilder {
  const panel = new TableBuilder()
    .title(text.title)
    .description(text.description)
    .span(text.width)
    .height(text.height)
    .noValue('–')
    .filterable(true)
    .sortBy(sortBy.map((title) => new TableSortByFieldStateBuilder().displayName(title)));
  for (const expr of queries) panel.withTarget(new DataqueryBuilder().expr(dedent(expr)).instant().format(PromQueryFormat.Table));
  if (queries.length > 1) panel.withTransformation({ id: 'merge', options: {} });
  panel.withTransformation({ id: 'filterFieldsByName', options: { include: { names: columns.map(({ field }) => field) } } });
  panel.withTransformation({
    id: 'organize',
    options: {
      indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
      renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
      excludeByName: {},
    },
  });
  for (const column of columns) {
    const properties = overrides(column);
    if (properties.length > 0) panel.overrideByName(column.title, properties);
  }
  return panel;
}

/** A table of one value by two labels. */
export function matrix({
  expr,
  row,
  column,
  unit,
  ...text
}: Text & { expr: string; row: string; column: string; unit: string }): TableBuilder {
  return new TableBuilder()
    .title(text.title)
    .description(text.description)
    .span(text.width)
    .height(text.height)
    .unit(unit)
    .decimals(0)
    .noValue('–')
    .withTarget(new DataqueryBuilder().expr(dedent(expr)).instant().format(PromQueryFormat.Table))
    .withTransformation({
      id: 'groupingToMatrix',
      options: { rowField: row, columnField: column, valueField: 'Value', emptyValue: 'null' },
    });
}

function absolute(steps: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps]);
}

function overrides({ unit, decimals, thresholds, texts, link, width }: Column): DynamicConfigValue[] {
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(thresholds === undefined
      ? []
      : [
          { id: 'thresholds', value: { mode: ThresholdsMode.Absolute, steps: thresholds } },
          { id: 'custom.cellOptions', value: { type: 'color-text' } },
        ]),
    ...(texts === undefined
      ? []
      : [
          { id: 'mappings', value: [{ type: 'value', options: texts }] },
          { id: 'custom.cellOptions', value: { type: 'color-text' } },
        ]),
    ...(link === undefined ? [] : [{ id: 'links', value: [{ ...link, targetBlank: true }] }]),
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
  ];
}
