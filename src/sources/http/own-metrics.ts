// Metrics of the user's own naming, and whether the internal fallback is active: both read from an answer.

import { httpAnswers, measured } from '../../conventions.js';
import type { Labels } from '../../domain/observation.js';
import type { ProbeRun } from '../endpoints/prober.js';
import type { Answer } from './answer.js';
import { isEqual, numberOf, textOf } from './condition.js';
import { JsonPath, type JsonValue } from './json-path.js';
import { ownDefinition } from './own-definition.js';
import { placeOf, type Place } from './place.js';
import type { WrittenFallback, WrittenIndicatorValue, WrittenOwnMetric } from './schema-values.js';

/** Of one metric: what is beyond is left out, and said in the transcript. */
const MOST_SERIES = 1_000;
const LONGEST_LABEL = 200;

/** Reads something from an answer and observes it. Never throws: what is not there is not exported. */
export type Reader = (answer: Answer, run: ProbeRun) => void;

/** @throws SyntaxError where a path or pattern is none */
export function metricReader(written: WrittenOwnMetric): Reader {
  const metric = ownDefinition(written);
  const { map, otherwise } = written.value;
  const place = placeOf(written.value);
  const each = written.each === undefined ? undefined : new JsonPath(written.each);
  const labels = (written.labels ?? []).map(({ label, value = '', ...at }) => ({ label, value, place: placeOf(at) }));
  return (answer, run) => {
    const parts = each ? partsOf(each, answer) : [undefined];
    let missing = Math.max(0, parts.length - MOST_SERIES);
    for (const part of parts.slice(0, MOST_SERIES)) {
      const number = place && mapped(place.read(answer, part), map, otherwise);
      if (number === undefined) missing++;
      else run.observe(metric, number, labelsOf(labels, answer, part));
    }
    if (missing > 0) run.say(`${metric.name}: ${missing} of ${parts.length} values are no number, or not there`);
  };
}

/** @param path of the source @throws SyntaxError where a path or pattern is none */
export function indicatorReader({ indicator, stage, value }: WrittenIndicatorValue, path: string | undefined): Reader {
  const place = placeOf(value);
  const labels = { ...(stage !== undefined && { stage }), ...(path !== undefined && { path }), indicator };
  return (answer, run) => {
    const number = place && mapped(place.read(answer), value.map, value.otherwise);
    if (number === undefined) run.say(`indicator ${indicator}: ${place?.name ?? ''} leads to no number`);
    else run.observe(measured.indicator, number, labels);
  };
}

export function fallbackReader({ equals = true, ...at }: WrittenFallback): Reader {
  const place = placeOf(at);
  return (answer, run) => {
    const value = place?.read(answer);
    if (value === undefined) run.say(`fallback: ${place?.name ?? ''} leads to no value`);
    else run.observe(httpAnswers.fallback, isEqual(value, equals) ? 1 : 0);
  };
}

function partsOf(each: JsonPath, { json }: Answer): readonly JsonValue[] {
  return json === undefined ? [] : each.find(json);
}

function mapped(value: JsonValue | undefined, map: Readonly<Record<string, number>> = {}, otherwise?: number): number | undefined {
  const text = textOf(value);
  if (value === undefined || text === undefined) return undefined;
  if (Object.hasOwn(map, text)) return map[text];
  if (otherwise !== undefined) return otherwise;
  const number = typeof value === 'boolean' ? Number(value) : numberOf(value);
  return Number.isFinite(number) ? number : undefined;
}

interface OwnLabel {
  readonly label: string;
  readonly value: string;
  readonly place: Place | undefined;
}

function labelsOf(labels: readonly OwnLabel[], answer: Answer, part: JsonValue | undefined): Labels {
  const found: Record<string, string> = {};
  for (const { label, value, place } of labels) {
    found[label] = place ? (textOf(place.read(answer, part)) ?? '').slice(0, LONGEST_LABEL) : value;
  }
  return found;
}
