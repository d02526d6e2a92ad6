// Flows from the YAML to the domain, with defaults.

import type { Criticality, Direction, Flow } from '../domain/flow.js';
import { checkBounds, readBounds } from './bounds.js';
import { checkComparisons, readAnomalies, readConservation, readParity } from './comparisons.js';
import type { Declared } from './declarations.js';
import { readDependsOn } from './dependencies.js';
import { readExpectations } from './expectations.js';
import { checkIndicators, readIndicators } from './indicators.js';
import { checkObjectives, readObjectives } from './objectives.js';
import type { Report } from './report.js';
import type { RawFlow } from './schema.js';
import { asArray, asObject } from './words.js';

const CRITICALITIES: readonly Criticality[] = ['low', 'medium', 'high', 'critical'];
const DIRECTIONS: readonly Direction[] = ['inbound', 'outbound', 'internal'];

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
    indicators: readIndicators(raw),
    objectives: readObjectives(raw),
    conservation: readConservation(raw),
    parity: readParity(raw),
    anomalies: readAnomalies(raw),
  };
}

/** What of a flow can be checked by itself. */
export function checkFlow(flow: Declared<RawFlow>, report: Report): void {
  checkBounds(flow, report);
  checkIndicators(flow, report);
  checkObjectives(flow, report);
  checkComparisons(flow, report);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function names(value: unknown): string[] | undefined {
  const list = asArray(value).filter((name) => typeof name === 'string');
  return list.length > 0 && list.length === asArray(value).length ? list : undefined;
}
