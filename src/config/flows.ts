// Flows from the YAML to the domain: defaults, and bounds as numbers.

import type { Bound, Criticality, Direction, Flow } from '../domain/flow.js';
import { readDependsOn } from './dependencies.js';
import type { Declared } from './declarations.js';
import { readExpectations } from './expectations.js';
import { within, type Report } from './report.js';
import type { RawFlow } from './schema.js';
import { asArray, asObject } from './words.js';

const CRITICALITIES: readonly Criticality[] = ['low', 'medium', 'high', 'critical'];
const DIRECTIONS: readonly Direction[] = ['inbound', 'outbound', 'internal'];
const DEFAULT_WINDOW = '5m';

/**
 * Reads a flow, as far as it can be read: one with a mistake is still needed to check the sources that observe it.
 * @returns undefined where its stages, partners or environments cannot be told
 */
export function readFlow({ name, raw }: Declared<RawFlow>, environment: string): Flow | undefined {
  const flow = asObject(raw);
  const stages = names(flow['stages']);
  const partners = names(flow['partners']);
  const environments = flow['environments'] === undefined ? [environment] : names(flow['environments']);
  if (!stages || !partners || !environments) return undefined;
  return {
    name,
    title: text(flow['title']) ?? name,
    team: text(flow['team']) ?? '',
    criticality: CRITICALITIES.find((word) => word === flow['criticality']) ?? 'medium',
    direction: DIRECTIONS.find((word) => word === flow['direction']) ?? 'internal',
    partners,
    stages,
    environments,
    calendar: text(flow['calendar']),
    runbook: text(flow['runbook']),
    bounds: readBounds(raw),
    dependsOn: readDependsOn(raw),
    expectations: readExpectations(raw, partners),
  };
}

/** A critical bound that is crossed before the warning, or on the other side. */
export function checkBounds({ spot, raw }: Declared<RawFlow>, report: Report): void {
  const bounds = readBounds(raw);
  for (const critical of bounds.filter(({ severity }) => severity === 'critical')) {
    const warning = bounds.find((bound) => bound.indicator === critical.indicator && bound.severity === 'warning');
    if (!warning) continue;
    const place = within(spot, 'bounds', critical.indicator, 'critical');
    const written = asObject(asObject(asObject(raw)['bounds'])[critical.indicator]);
    const both = `critical is "${String(written['critical'])}", warning is "${String(written['warning'])}"`;
    if (critical.side !== warning.side) report.error(place, `${both}: both must lie on the same side, > or <`);
    else if (critical.side === 'above' ? critical.value < warning.value : critical.value > warning.value) {
      report.error(place, `${both}: critical must be the worse of the two`);
    }
  }
}

function readBounds(raw: unknown): Bound[] {
  return Object.entries(asObject(asObject(raw)['bounds'])).flatMap(([indicator, written]) => {
    const { warning, critical, over } = asObject(written);
    const window = text(over) ?? DEFAULT_WINDOW;
    return [
      ...readBound(warning).map((bound) => ({ indicator, statistic: 'held' as const, severity: 'warning' as const, window, ...bound })),
      ...readBound(critical).map((bound) => ({ indicator, statistic: 'held' as const, severity: 'critical' as const, window, ...bound })),
    ];
  });
}

/** `> 1000`; nothing where the text is no bound, which the schema tells. */
function readBound(written: unknown): Pick<Bound, 'side' | 'value'>[] {
  const match = /^(?<sign>[<>]) ?(?<value>-?\d+(?:\.\d+)?)$/.exec(text(written) ?? '');
  if (!match) return [];
  return [{ side: match.groups?.['sign'] === '>' ? 'above' : 'below', value: Number(match.groups?.['value']) }];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function names(value: unknown): string[] | undefined {
  const list = asArray(value).filter((name) => typeof name === 'string');
  return list.length > 0 && list.length === asArray(value).length ? list : undefined;
}
