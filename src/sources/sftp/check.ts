// What `vigie check` says of an sftp source beyond its schema, and which signals it feeds. No I/O.

import { coverageProblems, coveredStages, type Coverage } from '../../domain/coverage.js';
import type { CheckContext, Claim, ConfigPath, Problem, SourceConfig } from '../kind.js';
import { regexProblem } from '../regex.js';
import { scheduleProblems } from '../schedule.js';
import { hostKeyProblems } from '../ssh-trust/check.js';
import { namesPartner } from './pattern.js';
import type { DirectoryOptions, SftpOptions } from './schema.js';

export function checkSftp(source: SourceConfig<SftpOptions>, context: CheckContext): Problem[] {
  const { options } = source;
  const problems = [...credentialProblems(options), ...hostKeyProblems(options.host_key)];
  const seen = new Map<string, number>();
  for (const [index, directory] of options.directories.entries()) {
    const at: ConfigPath = ['directories', index];
    const name = directoryName(directory);
    const twin = seen.get(name);
    if (twin !== undefined) {
      const path = [...at, directory.name === undefined ? 'path' : 'name'];
      problems.push({ path, message: `directory ${twin + 1} is called "${name}" too; give each a \`name\` of its own` });
    }
    seen.set(name, index);
    problems.push(...directoryProblems(source, directory, context).map((problem) => ({ ...problem, path: [...at, ...problem.path] })));
  }
  return problems;
}

/** Its name in metrics and on pages. */
export function directoryName({ name, path }: DirectoryOptions): string {
  return name ?? path;
}

/** The places its files may wait at. */
export function coverageOf({ flow, stage, partner }: DirectoryOptions): Coverage {
  return partner === undefined ? { flow, stage } : { flow, stage, partner };
}

export function claimsOfSftp({ options }: SourceConfig<SftpOptions>, { flows }: CheckContext): Claim[] {
  return options.directories.flatMap((directory, index) =>
    coveredStages(flows, coverageOf(directory)).flatMap(({ flow, stage }) =>
      (['backlog', 'backlog_oldest'] as const).map((signal) => ({
        signal,
        flow: flow.name,
        stage,
        ...(directory.partner === undefined ? {} : { partner: directory.partner }),
        at: ['directories', index],
      })),
    ),
  );
}

function credentialProblems({ key, password, passphrase }: SftpOptions): Problem[] {
  if (key === undefined && password === undefined) {
    return [{ path: [], message: 'neither `key` nor `password`: say how to log in, e.g. key: { file: /run/secrets/sftp_key }' }];
  }
  if (passphrase !== undefined && key === undefined) {
    return [{ path: ['passphrase'], message: 'a passphrase opens a `key`, and there is none; did you mean `password`?' }];
  }
  return [];
}

function directoryProblems(source: SourceConfig<SftpOptions>, directory: DirectoryOptions, { flows, partners }: CheckContext): Problem[] {
  const problems: Problem[] = [
    ...coverageProblems(flows, partners, coverageOf(directory)),
    ...scheduleProblems(source, directory, 'listings'),
  ];
  const { files } = directory;
  const invalid = files === undefined ? undefined : regexProblem(() => namesPartner(files));
  if (invalid !== undefined) return [...problems, { path: ['files'], message: invalid }];
  const group = files !== undefined && namesPartner(files);
  if (group && directory.partner !== undefined) {
    problems.push({ path: ['partner'], message: 'the group (?<partner>…) of `files` names the partner already; keep one of the two' });
  }
  const flow = flows.find(({ name }) => name === directory.flow);
  if (!group && directory.partner === undefined && flow && flow.partners.length > 1) {
    const message = `${flow.name} has several partners (${flow.partners.join(', ')}): name one with \`partner\`, or take it from the names with (?<partner>[a-z]+) in \`files\``;
    problems.push({ path: [], message });
  }
  return problems;
}
