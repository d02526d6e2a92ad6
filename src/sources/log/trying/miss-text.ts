// A miss in one sentence, for a person in a terminal.

import type { PatternMiss } from './nearest-miss.js';
import { nearestRule, type ConditionMiss, type RuleMiss } from './rule-miss.js';

/** Below this, of several rules none is worth naming. */
const NEAR = 0.1;
const LITTLE = 0.3;
const LONGEST_BEFORE = 40;

/** `event 3, 62 % of the pattern: after "partner=chuv " expected (?<size>\d+), found "n/a in 12 ms"` */
export function nearestText(misses: readonly RuleMiss[]): string {
  const miss = nearOne(misses);
  if (!miss) return misses.length === 0 ? 'there is no rule' : 'no rule comes near';
  const { rule, pattern, condition } = miss;
  if (pattern) return `${rule}, ${percent(pattern.share)} of the pattern: ${patternText(pattern)}`;
  return condition ? `${rule}, ${condition.held} of ${plural(condition.of, 'condition')}: ${conditionText(condition)}` : rule;
}

/** `event 3 (62 %)` */
export function nearestName(misses: readonly RuleMiss[]): string {
  const miss = nearOne(misses);
  return miss ? `${miss.rule} (${percent(miss.pattern?.share ?? miss.nearness)})` : 'none';
}

/** `12 lines` */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Below 100 % as long as something is missing. */
function percent(share: number): string {
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100} %`;
}

function nearOne(misses: readonly RuleMiss[]): RuleMiss | undefined {
  const miss = nearestRule(misses);
  return miss && (misses.length === 1 || isNear(miss)) ? miss : undefined;
}

/** A letter that a pattern happens to begin with says nothing, unless much of its end is there, or its conditions hold. */
function isNear({ nearness, pattern }: RuleMiss): boolean {
  const isChance = pattern !== undefined && pattern.share < NEAR && pattern.resumes === undefined && nearness < LITTLE;
  return nearness >= NEAR && !isChance;
}

function patternText(miss: PatternMiss): string {
  const { expected, within, resumes, gaveUp } = miss;
  const wanted = `${expected === '$' ? 'the end ($)' : expected}${within === undefined ? '' : ` of ${within}`}`;
  const again = resumes === undefined ? '' : `; its end matches again: "${resumes}"`;
  return `${placeText(miss, wanted)}${again}${gaveUp ? ' (it took too long to tell more)' : ''}`;
}

function placeText({ nowhere, matchedText, found }: PatternMiss, wanted: string): string {
  if (nowhere) return `${wanted} is nowhere in the line`;
  const before = matchedText === '' ? 'at the beginning' : `after "${lastOf(matchedText)}"`;
  return `${before} expected ${wanted}, found ${found === '' ? 'the end of the line' : `"${found}"`}`;
}

function conditionText({ field, wanted, found, hint }: ConditionMiss): string {
  const what = found === undefined ? 'but the field is not there' : `found ${found}`;
  return `expected ${field} ${wanted}, ${what}${hint === undefined ? '' : ` (${hint})`}`;
}

function lastOf(text: string): string {
  return text.length <= LONGEST_BEFORE ? text : `…${text.slice(1 - LONGEST_BEFORE).toWellFormed()}`;
}
