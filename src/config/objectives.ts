// Objectives of flows from the YAML: which share of messages is to pass in time, or without error, over some weeks.

import { DURATION_BUCKETS } from '../conventions.js';
import { formatDuration, parseDuration } from '../domain/duration.js';
import { OBJECTIVE_DAYS, type Objective } from '../domain/flow.js';
import { suggest } from '../domain/suggest.js';
import { duration, NAME_PATTERN } from '../sources/schema.js';
import type { Declared } from './declarations.js';
import { within, type Report } from './report.js';
import type { RawFlow } from './schema.js';
import { parseShare, SHARE_PATTERN } from './share.js';
import { asArray, asObject } from './words.js';

const DEFAULT_DAYS = 30;

export const objectivesSchema = {
  type: 'object',
  propertyNames: { pattern: NAME_PATTERN },
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    required: ['of', 'for'],
    properties: {
      of: { type: 'string', description: 'The stage, as its messages pass it.' },
      within: {
        ...duration,
        description: `Within which time: one of ${DURATION_BUCKETS.map(written).join(', ')}. Default: without error.`,
        examples: ['4h'],
      },
      for: { type: 'string', pattern: SHARE_PATTERN, description: 'For which share of the messages, below 100 %.', examples: ['98 %'] },
      over: { enum: OBJECTIVE_DAYS.map((days) => `${days}d`), description: `Over how many days. Default ${DEFAULT_DAYS}d.` },
    },
    description: 'An objective, by its name.',
    examples: [{ of: 'answered', within: '4h', for: '98 %' }],
  },
  description: 'What the flow is to reach over weeks. It is told how fast the share that may fail is being used up.',
  examples: [{ answered: { of: 'answered', within: '4h', for: '98 %', over: '30d' } }],
} as const;

export function readObjectives(raw: unknown): Objective[] {
  return Object.entries(asObject(asObject(raw)['objectives'])).flatMap(([name, entry]) => {
    const { of: stage, within: limit, for: share, over } = asObject(entry);
    const ratio = parseShare(share);
    if (typeof stage !== 'string' || ratio === undefined) return [];
    const ms = typeof limit === 'string' ? parseDuration(limit) : undefined;
    const days = Number.parseInt(typeof over === 'string' ? over : '', 10) || DEFAULT_DAYS;
    return [{ name, stage, threshold: ms === undefined ? undefined : ms / 1000, ratio, days }];
  });
}

export function checkObjectives({ spot, raw }: Declared<RawFlow>, report: Report): void {
  const flow = asObject(raw);
  const stages = asArray(flow['stages']).map(String);
  for (const { name, stage, threshold, ratio } of readObjectives(raw)) {
    const place = within(spot, 'objectives', name);
    if (!stages.includes(stage)) report.error(within(place, 'of'), `no stage "${stage}"${suggest(stage, stages)}`);
    if (ratio <= 0 || ratio >= 1)
      report.error(within(place, 'for'), 'must be above 0 % and below 100 %, so that some may fail, e.g. 99.9 %');
    if (threshold !== undefined && !DURATION_BUCKETS.some((bucket) => bucket === threshold)) {
      report.error(within(place, 'within'), bucketMessage(threshold));
    }
  }
}

/** Durations are counted in buckets, so that only their bounds can be told exactly. */
function bucketMessage(threshold: number): string {
  const text = `"${written(threshold)}" is not one of the times by which messages are counted`;
  const below = DURATION_BUCKETS.findLast((bucket) => bucket < threshold);
  const above = DURATION_BUCKETS.find((bucket) => bucket > threshold);
  return `${text}: take ${[below, above].flatMap((bucket) => (bucket === undefined ? [] : [written(bucket)])).join(' or ')}`;
}

function written(seconds: number): string {
  return formatDuration(seconds * 1000);
}
