// What the HTTP API of Prometheus answers, checked where it comes in. https://prometheus.io/docs/prometheus/latest/querying/api/

import type { FromSchema } from 'json-schema-to-ts';
import { Shape } from '../config/shape.js';
import type { Labels } from '../domain/observation.js';

const labels = { type: 'object', additionalProperties: { type: 'string' } } as const;
/** Seconds, and the number as a text, so that NaN and Inf fit into JSON. */
const point = { type: 'array', items: [{ type: 'number' }, { type: 'string' }], minItems: 2, maxItems: 2, additionalItems: false } as const;

const envelopeSchema = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { enum: ['success', 'error'] },
    data: {},
    errorType: { type: 'string' },
    error: { type: 'string' },
    warnings: { type: 'array', items: { type: 'string' } },
  },
} as const;

const vectorSchema = {
  type: 'object',
  required: ['resultType', 'result'],
  properties: {
    resultType: { const: 'vector' },
    result: { type: 'array', items: { type: 'object', required: ['metric'], properties: { metric: labels, value: point } } },
  },
} as const;

const scalarSchema = {
  type: 'object',
  required: ['resultType', 'result'],
  properties: { resultType: { const: 'scalar' }, result: point },
} as const;

const matrixSchema = {
  type: 'object',
  required: ['resultType', 'result'],
  properties: {
    resultType: { const: 'matrix' },
    result: {
      type: 'array',
      items: { type: 'object', required: ['metric'], properties: { metric: labels, values: { type: 'array', items: point } } },
    },
  },
} as const;

const rulesSchema = {
  type: 'object',
  required: ['groups'],
  properties: {
    groups: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'rules'],
        properties: {
          name: { type: 'string' },
          rules: {
            type: 'array',
            items: {
              type: 'object',
              required: ['name', 'type', 'health'],
              properties: { name: { type: 'string' }, type: { enum: ['alerting', 'recording'] }, health: { type: 'string' } },
            },
          },
        },
      },
    },
  },
} as const;

export const envelope = new Shape<FromSchema<typeof envelopeSchema>>(envelopeSchema);
const vector = new Shape<FromSchema<typeof vectorSchema>>(vectorSchema);
const scalar = new Shape<FromSchema<typeof scalarSchema>>(scalarSchema);
const matrix = new Shape<FromSchema<typeof matrixSchema>>(matrixSchema);
const rules = new Shape<FromSchema<typeof rulesSchema>>(rulesSchema);

/** A series at one moment. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A series over time. */
export interface Samples {
  readonly labels: Labels;
  readonly points: readonly { readonly epochMs: number; readonly value: number }[];
}

/** A rule as Prometheus has loaded it. */
export interface LoadedRule {
  readonly group: string;
  /** Of the alert, or of the series that is recorded. */
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  /** `ok`, `err` or `unknown`, which is not evaluated yet. */
  readonly health: string;
}

/** Native histograms are left out. @returns undefined where it is no answer to an instant query that gives numbers */
export function readSamples(data: unknown): Sample[] | undefined {
  if (scalar.fits(data)) return [{ labels: {}, value: readValue(data.result[1]) }];
  if (!vector.fits(data)) return undefined;
  return data.result.flatMap(({ metric, value }) => (value ? [{ labels: metric, value: readValue(value[1]) }] : []));
}

/** @returns undefined where it is no answer to a query over a range */
export function readMatrix(data: unknown): Samples[] | undefined {
  if (!matrix.fits(data)) return undefined;
  return data.result.map(({ metric, values = [] }) => ({
    labels: metric,
    points: values.map(([seconds, value]) => ({ epochMs: Math.round(seconds * 1000), value: readValue(value) })),
  }));
}

/** @returns undefined where it is no list of rules */
export function readRules(data: unknown): LoadedRule[] | undefined {
  if (!rules.fits(data)) return undefined;
  return data.groups.flatMap((group) => group.rules.map(({ name, type, health }) => ({ group: group.name, name, type, health })));
}

function readValue(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}
