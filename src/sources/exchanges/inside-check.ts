// What `vigie check` says of where a value stands inside a file. No I/O.

import type { Problem } from '../kind.js';
import { regexProblem } from '../regex.js';
import { hasGroup } from './pattern.js';
import { jsonPathProblem, xmlPathProblem } from './inside-path.js';

/** Where a value stands: one of these. */
export interface Inside {
  readonly json?: string;
  readonly xml?: string;
  readonly regex?: string;
}

const WAYS = ['json', 'xml', 'regex'] as const;

/** @param ways names of the properties of which one must be there, in all */
export function oneOf(written: object, ways: readonly string[], isOptional = false): Problem[] {
  const named = ways.filter((way) => way in written);
  if (named.length === 1 || (named.length === 0 && isOptional)) return [];
  if (named.length === 0) return [{ path: [], message: `says nowhere where it stands: name one of ${ways.join(', ')}` }];
  return [{ path: [named[1] ?? ''], message: `beside \`${named[0]}\`: it stands in one place only; keep one of the two` }];
}

/** @param group of the regular expression that is the value */
export function insideProblems(inside: Inside, group: string): Problem[] {
  const problems: Problem[] = [];
  const { json, xml, regex } = inside;
  const jsonProblem = json === undefined ? undefined : jsonPathProblem(json);
  if (jsonProblem !== undefined) problems.push({ path: ['json'], message: jsonProblem });
  const xmlProblem = xml === undefined ? undefined : xmlPathProblem(xml);
  if (xmlProblem !== undefined) problems.push({ path: ['xml'], message: xmlProblem });
  if (regex !== undefined) {
    const problem = regexProblem(() => new RegExp(regex));
    if (problem !== undefined) problems.push({ path: ['regex'], message: problem });
    else if (namesGroups(regex) && !hasGroup(regex, group)) {
      problems.push({ path: ['regex'], message: `its groups have other names than "${group}": say (?<${group}>…), or leave names out` });
    }
  }
  return problems;
}

function namesGroups(regex: string): boolean {
  return new RegExp(`${regex}|`).exec('')?.groups !== undefined;
}

export function insideWays(): readonly string[] {
  return WAYS;
}
