// What `vigie check` says of every kind of file exchange beyond its schema, and which signals it feeds. No I/O.

import { isDate } from '../../domain/calendar-declaration.js';
import { coveredStages, type Coverage } from '../../domain/coverage.js';
import type { CheckContext, Claim, ClaimedSignal, ConfigPath, Problem, SourceConfig } from '../kind.js';
import { scheduleProblems } from '../schedule.js';
import { acknowledgementProblems } from './acknowledgements/check.js';
import { deliveryProblems } from './deliveries/check.js';
import { directoryProblems } from './check-directory.js';
import type { DirectoryOptions, ExchangeOptions } from './schema.js';

/** Names of the collectors that are there once. */
export const CANARY_COLLECTOR = 'canary';
export const CREDENTIALS_COLLECTOR = 'credentials';

export function checkExchange(source: SourceConfig<ExchangeOptions>, context: CheckContext): Problem[] {
  const { options } = source;
  const { directories = [], acknowledgements = {}, deliveries = {}, canary } = options;
  const problems: Problem[] = [];
  const lookers = directories.length + Object.keys(acknowledgements).length + Object.keys(deliveries).length;
  if (lookers === 0 && canary === undefined) {
    const mend = 'directories: [{ path: /in, flow: factures, stage: received }]';
    problems.push({ path: [], message: `nothing to look at: name directories, acknowledgements, deliveries or a canary, e.g. ${mend}` });
  }
  problems.push(...nameProblems(options), ...expiryProblems(options));
  for (const [index, directory] of directories.entries()) {
    problems.push(...at(['directories', index], directoryProblems(source, directory, context)));
  }
  problems.push(...expectationNameProblems(directories));
  for (const [name, acknowledgement] of Object.entries(acknowledgements)) {
    problems.push(...at(['acknowledgements', name], acknowledgementProblems(source, acknowledgement, context)));
  }
  for (const [name, delivery] of Object.entries(deliveries)) {
    problems.push(...at(['deliveries', name], deliveryProblems(source, delivery, context)));
  }
  if (canary) problems.push(...at(['canary'], scheduleProblems(source, canary, 'round trips')));
  return problems;
}

/** Its name in metrics and on pages. */
export function directoryName({ name, path }: DirectoryOptions): string {
  return name ?? path;
}

/** What is said of a flow, in directories and elsewhere. */
export interface Subject {
  readonly flow: string;
  readonly stage: string;
  readonly partner?: string;
}

/** The places that files may belong to. */
export function coverageOf({ flow, stage, partner }: Subject): Coverage {
  return partner === undefined ? { flow, stage } : { flow, stage, partner };
}

export function claimsOfExchange({ options }: SourceConfig<ExchangeOptions>, { flows }: CheckContext): Claim[] {
  const claimsOf = (subject: Subject, signals: readonly ClaimedSignal[], path: ConfigPath): Claim[] =>
    coveredStages(flows, coverageOf(subject)).flatMap(({ flow, stage }) =>
      signals.map((signal) => ({
        signal,
        flow: flow.name,
        stage,
        ...(subject.partner === undefined ? {} : { partner: subject.partner }),
        at: path,
      })),
    );
  const passing = ['messages', 'bytes', 'last_message'] as const;
  return [
    ...(options.directories ?? []).flatMap((directory, index) => {
      const signals = ['backlog', 'backlog_oldest', ...(directory.messages === undefined ? [] : passing)] as const;
      return claimsOf(directory, signals, ['directories', index]);
    }),
    ...Object.entries(options.acknowledgements ?? {}).flatMap(([name, one]) => claimsOf(one, ['responses'], ['acknowledgements', name])),
    ...Object.entries(options.deliveries ?? {}).flatMap(([name, one]) => claimsOf(one, ['deliveries'], ['deliveries', name])),
  ];
}

/** Each part of the source is a collector, and collectors are told apart by their names. */
function nameProblems({ directories = [], acknowledgements = {}, deliveries = {} }: ExchangeOptions): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>([
    [CANARY_COLLECTOR, 'the canary'],
    [CREDENTIALS_COLLECTOR, 'what is said of credentials'],
  ]);
  const look = (name: string, what: string, path: ConfigPath) => {
    const twin = seen.get(name);
    if (twin !== undefined) problems.push({ path, message: `${twin} is called "${name}" too; give each a \`name\` of its own` });
    else seen.set(name, what);
  };
  for (const [index, directory] of directories.entries()) {
    look(directoryName(directory), `directory ${index + 1}`, ['directories', index, directory.name === undefined ? 'path' : 'name']);
  }
  for (const name of Object.keys(acknowledgements)) look(name, 'a ledger of acknowledgements', ['acknowledgements', name]);
  for (const name of Object.keys(deliveries)) look(name, 'a part of `deliveries`', ['deliveries', name]);
  return problems;
}

function expiryProblems({ credential_expires: dates }: ExchangeOptions): Problem[] {
  const written =
    typeof dates === 'string' ? [{ path: [], date: dates }] : Object.entries(dates ?? {}).map(([key, date]) => ({ path: [key], date }));
  return written
    .filter(({ date }) => !isDate(date))
    .map(({ path, date }) => ({ path: ['credential_expires', ...path], message: `"${date}" is no date: must be like 2027-03-01` }));
}

/** They become labels of the stage. */
function expectationNameProblems(directories: readonly DirectoryOptions[]): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, { flow, stage, partner = '', expect = [] }] of directories.entries()) {
    for (const [place, { name, file }] of expect.entries()) {
      const key = JSON.stringify([flow, stage, partner, name ?? file]);
      if (seen.has(key)) {
        const path = ['directories', index, 'expect', place, name === undefined ? 'file' : 'name'];
        problems.push({ path, message: `"${name ?? file}" is expected at ${flow}/${stage} already; give each a \`name\` of its own` });
      }
      seen.add(key);
    }
  }
  return problems;
}

function at(path: ConfigPath, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}
