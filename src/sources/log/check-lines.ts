// What `vigie check` says of how a log source reads: files, records, formats, times, levels.

import { parseDuration } from '../../domain/duration.js';
import { suggest } from '../../domain/suggest.js';
import type { Problem } from '../kind.js';
import { timezoneProblem } from '../names-in-data.js';
import { patternProblems, type Fields } from './check-fields.js';
import { LEVELS } from './formats/level.js';
import { timeFormatProblem, timezoneUse } from './formats/time.js';
import { groupNames } from './patterns/pattern.js';
import { encodingProblem } from './reading/encodings.js';
import type { LogOptions } from './schema.js';

export function readingProblems({ files, follow, encoding, multiline, file_name: fileName }: LogOptions): Problem[] {
  const problem = encoding === undefined ? undefined : encodingProblem(encoding);
  const timeout = multiline?.timeout === undefined ? undefined : parseDuration(multiline.timeout);
  return [
    ...(follow === 'path' ? pathProblems(files) : []),
    ...(problem === undefined ? [] : [{ path: ['encoding'], message: problem }]),
    ...(multiline ? patternProblems(multiline.start, ['multiline', 'start']) : []),
    ...(timeout === 0
      ? [{ path: ['multiline', 'timeout'], message: `${multiline?.timeout} leaves no time for the next line, e.g. 5s` }]
      : []),
    ...(fileName === undefined ? [] : patternProblems(fileName, ['file_name'])),
  ];
}

/** By path only a file that has a name can be followed. */
function pathProblems(files: readonly string[]): Problem[] {
  return files
    .map((file, index) => ({ file, index }))
    .filter(({ file }) => /[*?[\]{}!]/.test(file))
    .map(({ file, index }) => ({
      path: ['files', index],
      message: `"${file}" is a glob: follow: path follows files by their names, e.g. /var/run/exchange.pipe`,
    }));
}

export function formatProblems({ format }: LogOptions): Problem[] {
  if (typeof format !== 'object' || !('regex' in format) || typeof format.regex !== 'string') return [];
  const problems = patternProblems(format.regex, ['format', 'regex']);
  if (problems.length > 0) return problems;
  const groups = groupNames(format.regex);
  return Object.keys(format)
    .filter((key) => key !== 'regex' && !groups.includes(key))
    .map((key) => ({
      path: ['format', key],
      message: `the regular expression has no group "${key}" that could be read further${suggest(key, groups)}`,
    }));
}

export function timeProblems({ time }: LogOptions, fields: Fields): Problem[] {
  if (!time) return [];
  const { field, format = 'iso', timezone } = time;
  const problems = fields.problems(field, ['time', 'field']);
  const wrong = timeFormatProblem(format);
  if (wrong !== undefined) return [...problems, { path: ['time', 'format'], message: wrong }];
  const zone = timezoneUse(format);
  if (timezone === undefined) {
    if (zone === 'needed')
      problems.push({ path: ['time'], message: `times as ${format} name no offset: add timezone, e.g. timezone: Europe/Zurich` });
    return problems;
  }
  const message = zone === 'useless' ? 'a Unix time is the same everywhere: leave the time zone out' : timezoneProblem(timezone);
  if (message !== undefined) problems.push({ path: ['time', 'timezone'], message });
  return problems;
}

export function levelProblems({ level }: LogOptions, fields: Fields): Problem[] {
  if (level === undefined) return [];
  if (typeof level === 'string') return fields.problems(level, ['level']);
  const names: readonly string[] = LEVELS;
  const wrong = Object.entries(level.map ?? {}).filter(([, name]) => !names.includes(name));
  return [
    ...fields.problems(level.from, ['level', 'from']),
    ...wrong.map(([value, name]) => ({
      path: ['level', 'map', value],
      message: `no level "${name}": it must be one of ${LEVELS.join(', ')}${suggest(name, LEVELS)}`,
    })),
  ];
}
