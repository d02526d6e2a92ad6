// Which fields lines can have, as far as the YAML tells, and whether a rule names one that they cannot have.

import { suggest } from '../../domain/suggest.js';
import type { ConfigPath, Problem } from '../kind.js';
import { regexProblem } from '../regex.js';
import { groupNames } from './patterns/pattern.js';
import type { FormatOptions, LogOptions, Meant } from './schema.js';

/** The fields that a rule sees, and what is wrong with the patterns and fields of its conditions. */
export interface Scoped {
  readonly fields: Fields;
  readonly found: Problem[];
}

export class Fields {
  private constructor(
    /** Undefined where lines may have any. */
    private readonly names: readonly string[] | undefined,
    /** The patterns that could have a group more, for people. */
    readonly patterns: string,
  ) {}

  static of({ format, file_name: fileName }: LogOptions): Fields {
    const ofPath = fileName === undefined ? [] : groupsOf(fileName);
    const patterns = typeof format === 'object' && 'regex' in format ? 'the regular expression of `format`' : '`match`';
    return new Fields(namesOfFormat(format), patterns).#and(ofPath);
  }

  has(field: string): boolean {
    return this.names?.includes(field) ?? true;
  }

  problems(field: string | undefined, path: ConfigPath): Problem[] {
    if (field === undefined || this.names === undefined || this.names.includes(field)) return [];
    const { names, patterns } = this;
    const known = names.length === 0 ? `: ${patterns} has no named groups` : suggest(field, names);
    return [{ path, message: `no field "${field}"${known}` }];
  }

  /** What the rule sees: the groups of its own patterns too. */
  within({ match, when = {} }: Meant): Scoped {
    const found = match === undefined ? [] : patternProblems(match, ['match']);
    const own = match === undefined ? [] : groupsOf(match);
    const atWhen = this.#and(own);
    let captured: readonly string[] | undefined = [];
    for (const [field, wanted] of Object.entries(when)) {
      found.push(...atWhen.problems(field, ['when', field]));
      if (typeof wanted !== 'object' || Array.isArray(wanted)) continue;
      found.push(...patternProblems(wanted.matches, ['when', field, 'matches']));
      captured = joined(captured, groupsOf(wanted.matches));
    }
    return { fields: atWhen.#and(captured), found };
  }

  #and(more: readonly string[] | undefined): Fields {
    return new Fields(joined(this.names, more), this.patterns);
  }
}

/** Undefined where one of them may be anything. */
function joined(names: readonly string[] | undefined, more: readonly string[] | undefined): readonly string[] | undefined {
  return names && more && [...names, ...more];
}

export function patternProblems(pattern: string, path: ConfigPath): Problem[] {
  const problem = regexProblem(() => groupNames(pattern));
  return problem === undefined ? [] : [{ path, message: problem }];
}

function namesOfFormat(format: FormatOptions): readonly string[] | undefined {
  if (format === 'text') return [];
  if (typeof format === 'string') return undefined;
  if ('csv' in format && Array.isArray(format.csv)) return format.csv;
  if (!('regex' in format)) return [];
  const { regex, ...further } = format;
  if (Object.keys(further).length > 0) return undefined;
  return typeof regex === 'string' ? groupsOf(regex) : undefined;
}

/** Undefined where the pattern is wrong: that is told once, and not again for each field that a group might have been meant for. */
function groupsOf(pattern: string): readonly string[] | undefined {
  try {
    return groupNames(pattern);
  } catch {
    return undefined;
  }
}
