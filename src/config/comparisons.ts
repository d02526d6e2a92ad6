// What a flow is compared with from the YAML: what entered it, another path of it, and what is usual at the hour.

import type { Anomaly, Conservation, Parity } from '../domain/flow.js';
import { suggest } from '../domain/suggest.js';
import { NAME_PATTERN } from '../sources/schema.js';
import type { Declared } from './declarations.js';
import { within, type Report, type Spot } from './report.js';
import type { RawFlow } from './schema.js';
import { parseShare, SHARE_PATTERN } from './share.js';
import { asArray, asObject } from './words.js';

const DEFAULT_TOLERANCE = '1 %';
const DEFAULT_BELOW = 0.5;

const tolerance = {
  type: 'string',
  pattern: SHARE_PATTERN,
  description: `By which share the two may differ. Default ${DEFAULT_TOLERANCE}.`,
  examples: [DEFAULT_TOLERANCE],
} as const;

const share = { type: 'string', pattern: SHARE_PATTERN } as const;

export const conservationSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['from', 'to'],
  properties: {
    from: { type: 'string', description: 'The stage at which messages enter.' },
    to: { type: 'string', description: 'The stage at which they leave, a later one.' },
    tolerance,
    over: { enum: ['1h', '1d'], description: 'Over which time they are counted. Default 1h.' },
  },
  description: 'What enters leaves, or is refused on the way: what is missing, or too much, is told.',
  examples: [{ from: 'received', to: 'answered', tolerance: '1 %', over: '1h' }],
} as const;

export const paritySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['of', 'paths'],
  properties: {
    of: { type: 'string', description: 'The stage that both paths pass.' },
    paths: {
      type: 'array',
      items: { type: 'string', pattern: NAME_PATTERN },
      minItems: 2,
      maxItems: 2,
      uniqueItems: true,
      description: 'Two values of `path` of sources.',
      examples: [['batch', 'streaming']],
    },
    tolerance,
    over: { enum: ['1h', '1d'], description: 'Over which time they are counted. Default 1d.' },
  },
  description: 'Two paths that carry the same messages, batch and streaming, say: where one carries fewer is told.',
  examples: [{ of: 'received', paths: ['batch', 'streaming'], tolerance: '1 %', over: '1d' }],
} as const;

export const anomalySchema = {
  anyOf: [
    { const: false, description: 'Nothing is unusual.' },
    {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      properties: {
        of: { type: 'string', description: 'The stage whose messages are counted. Default: the first.' },
        below: { ...share, description: 'Fewer than this share of the usual number is unusual.', examples: ['50 %'] },
        above: { ...share, description: 'More than this share of the usual number is unusual.', examples: ['300 %'] },
      },
      description: 'Shares of the usual number of the hour.',
    },
  ],
  description: 'When the number of messages is unusual for the hour, by the same hour of past weeks. Default: { below: 50 % }.',
  examples: [{ below: '50 %', above: '300 %' }, false],
} as const;

export function readConservation(raw: unknown): Conservation[] {
  const { from, to, tolerance: written = DEFAULT_TOLERANCE, over } = asObject(asObject(raw)['conservation']);
  const ratio = parseShare(written);
  if (typeof from !== 'string' || typeof to !== 'string' || ratio === undefined) return [];
  return [{ from, to, tolerance: ratio, window: over === '1d' ? '1d' : '1h' }];
}

export function readParity(raw: unknown): Parity[] {
  const { of: stage, paths, tolerance: written = DEFAULT_TOLERANCE, over } = asObject(asObject(raw)['parity']);
  const [path, other] = asArray(paths);
  const ratio = parseShare(written);
  if (typeof stage !== 'string' || typeof path !== 'string' || typeof other !== 'string' || ratio === undefined) return [];
  return [{ stage, paths: [path, other], tolerance: ratio, window: over === '1h' ? '1h' : '1d' }];
}

export function readAnomalies(raw: unknown): Anomaly[] {
  const flow = asObject(raw);
  const [first] = asArray(flow['stages']);
  if (flow['anomaly'] === false || typeof first !== 'string') return [];
  if (flow['anomaly'] === undefined) return [{ stage: first, below: DEFAULT_BELOW, above: undefined }];
  const { of: stage = first, below, above } = asObject(flow['anomaly']);
  return typeof stage === 'string' ? [{ stage, below: parseShare(below), above: parseShare(above) }] : [];
}

export function checkComparisons({ spot, raw }: Declared<RawFlow>, report: Report): void {
  const stages = asArray(asObject(raw)['stages']).map(String);
  for (const { from, to } of readConservation(raw)) {
    const place = within(spot, 'conservation');
    const known = [checkStage(within(place, 'from'), from, stages, report), checkStage(within(place, 'to'), to, stages, report)];
    if (known.every(Boolean) && stages.indexOf(from) >= stages.indexOf(to)) {
      report.error(within(place, 'to'), `"${to}" is not after "${from}": messages enter at \`from\` and leave at \`to\``);
    }
  }
  for (const { stage } of readParity(raw)) checkStage(within(spot, 'parity', 'of'), stage, stages, report);
  for (const { stage, below, above } of readAnomalies(raw)) {
    const place = within(spot, 'anomaly');
    checkStage(within(place, 'of'), stage, stages, report);
    if (below !== undefined && (below <= 0 || below >= 1)) {
      report.error(within(place, 'below'), 'must be above 0 % and below 100 %: the usual number is 100 %');
    }
    if (above !== undefined && above <= 1) report.error(within(place, 'above'), 'must be above 100 %: the usual number is 100 %');
  }
}

function checkStage(place: Spot, stage: string, stages: readonly string[], report: Report): boolean {
  const isKnown = stages.includes(stage);
  if (!isKnown) report.error(place, `no stage "${stage}"${suggest(stage, stages)}`);
  return isKnown;
}
