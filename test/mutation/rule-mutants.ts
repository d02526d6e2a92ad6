// Rules as they are rendered, and mutants of them. Pure but for reading the files.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import * as conventions from '../../src/conventions.js';
import { mutateExpression, otherDurations } from './promql-mutants.js';

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Group {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

export interface RuleFile {
  /** Without its folder: `endpoints.yml`. */
  readonly name: string;
  readonly groups: readonly Group[];
}

export interface Mutant {
  readonly file: string;
  /** The rule that is changed; the very object of the file. */
  readonly original: Rule;
  readonly rule: Rule;
  /** Name of the rule, with the labels that tell it from others of the name. */
  readonly name: string;
  readonly mutation: string;
}

export const RULES = 'alertmanager/rules';

export function readRuleFiles(root: string): RuleFile[] {
  return globSync(`${RULES}/*.yml`, { cwd: root })
    .toSorted()
    .map((path) => {
      const { groups }: { groups: readonly Group[] } = parse(readFileSync(join(root, path), 'utf8'));
      return { name: basename(path), groups };
    });
}

export function nameOf({ alert, record, labels = {} }: Rule): string {
  if (record !== undefined) return record;
  const own = Object.entries(labels).filter(([label, value]) => label !== 'level' && value !== '' && !value.includes('{{'));
  return `${alert}{${own.map(([label, value]) => `${label}="${value}"`).join(', ')}}`;
}

export function mutantsOf({ name: file, groups }: RuleFile): Mutant[] {
  return groups.flatMap(({ rules }) =>
    rules.flatMap((original) =>
      variants(original).map(({ rule, mutation }) => ({ file, original, rule, name: nameOf(original), mutation })),
    ),
  );
}

/** Metrics that are there or not, and have no value but 1: they say so themselves. */
const constant: ReadonlySet<string> = new Set(
  Object.values(conventions)
    .flatMap((group): unknown[] => (typeof group === 'object' ? Object.values(group) : []))
    .flatMap((metric) =>
      typeof metric === 'object' && metric !== null && 'name' in metric && 'help' in metric && /always 1\b/.test(String(metric.help))
        ? [String(metric.name)]
        : [],
    ),
);

function variants(rule: Rule): { rule: Rule; mutation: string }[] {
  const expressions = mutateExpression(rule.expr, constant).map(({ what, text }) => ({
    rule: { ...rule, expr: text },
    mutation: what,
  }));
  const times = (['for', 'keep_firing_for'] as const).flatMap((key) => {
    const { [key]: time, ...rest } = rule;
    if (time === undefined) return [];
    const others = otherDurations(time).map((other) => ({ rule: { ...rule, [key]: other }, mutation: `${key}: ${time} → ${other}` }));
    return [{ rule: rest, mutation: `${key}: dropped` }, ...others];
  });
  const severity = rule.labels?.['severity'];
  if (severity === undefined) return [...expressions, ...times];
  const other = severity === 'critical' ? 'warning' : 'critical';
  const labelled = { rule: { ...rule, labels: { ...rule.labels, severity: other } }, mutation: `severity: ${severity} → ${other}` };
  return [...expressions, ...times, labelled];
}
