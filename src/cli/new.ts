// `vigie new`: a block of YAML for a new flow, ready to paste or written into the file.

import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatDiagnostic, type Diagnostic } from '../config/diagnostics.js';
import type { Config } from '../config/model.js';
import type { FlowDraft } from '../config/new-flow.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import { suggest } from '../domain/suggest.js';
import { NAME_PATTERN } from '../sources/schema.js';
import { readOptions, UsageError, type Command } from './command.js';

const DIRECTIONS = ['inbound', 'outbound', 'internal'];

export const command: Command = {
  summary: 'Print the YAML of a new flow, or write it into a file.',
  usage: [
    'usage: vigie new <flow> [options]',
    '',
    'Prints a commented block to paste under flows:, with teams, partners and calendars from the configuration.',
    '',
    '  --title <text>            a name for people (default: made from the name)',
    '  --team <name>             the team that owns it (default: defaults.team, else the first team)',
    '  --direction <word>        inbound, outbound or internal (default inbound)',
    '  --partners <a,b>          who it is exchanged with (default: the first two partners)',
    '  --stages <x,y>            the stages a message passes, in order (default received,processed)',
    '  --calendar <name>         its opening hours (default: the first calendar)',
    `  --config <file>           where those are declared (default ${DEFAULT_CONFIG_FILE})`,
    '  --write <file>            insert the block under flows: in this file, which keeps its comments and layout',
  ].join('\n'),
  async run(args) {
    const { values, positionals } = readOptions(args, {
      title: { type: 'string' },
      team: { type: 'string' },
      direction: { type: 'string', default: 'inbound' },
      partners: { type: 'string' },
      stages: { type: 'string', default: 'received,processed' },
      calendar: { type: 'string' },
      config: { type: 'string', default: DEFAULT_CONFIG_FILE },
      write: { type: 'string' },
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new UsageError('name one flow, e.g. vigie new attestations');
    try {
      const draft = draftOf(await load(values.config), name, values);
      process.stdout.write(values.write === undefined ? await block(draft) : await write(values.config, values.write, draft));
      return 0;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      process.stderr.write(`vigie new: ${error.message}\n`);
      return 1;
    }
  },
};

/** The command line is right, but what it asks for cannot be done: the usage would not help. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** What a file without flows needs before the first one. */
const FIRST = `
teams:
  data-flows: { email: data-flows@example.org }
partners:
  hospital-a: { title: Hospital A }`;

interface Wishes {
  readonly title?: string | undefined;
  readonly team?: string | undefined;
  readonly direction: string;
  readonly partners?: string | undefined;
  readonly stages: string;
  readonly calendar?: string | undefined;
}

/** @throws Refusal with the errors of the configuration */
async function load(file: string): Promise<Config> {
  const { loadConfig } = await import('../config/load.js');
  const { config, diagnostics } = await loadConfig(file);
  return config ?? fail(`mend ${file} first:\n${errorLines(diagnostics)}`);
}

async function block(draft: FlowDraft): Promise<string> {
  const { renderFlow } = await import('../config/new-flow.js');
  return `${renderFlow(draft).join('\n')}\n`;
}

function errorLines(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(formatDiagnostic)
    .join('\n');
}

/** What is wished for, completed from what there is. @throws UsageError for a name that is taken or unknown, Refusal where something is to be declared first */
function draftOf(config: Config, name: string, wishes: Wishes): FlowDraft {
  if (!new RegExp(NAME_PATTERN).test(name)) {
    throw new UsageError(`"${name}" is no name: letters, digits, dots, dashes and underscores, with a letter or digit in front`);
  }
  if (config.flows.some((flow) => flow.name === name)) throw new UsageError(`there is a flow "${name}" already`);
  const teams = config.teams.map((team) => team.name);
  const partners = config.partners.map((partner) => partner.name);
  const calendars = Object.keys(config.calendars);
  const team = wishes.team ?? config.defaultTeam ?? teams[0];
  const wanted = wishes.partners === undefined ? partners.slice(0, 2) : words('--partners', wishes.partners);
  if (team === undefined || wanted.length === 0) throw new Refusal(`a flow needs a team and a partner: declare them first, e.g.\n${FIRST}`);
  mustBe('--team', team, teams);
  mustBe('--direction', wishes.direction, DIRECTIONS);
  for (const partner of wanted) mustBe('--partners', partner, partners);
  if (wishes.calendar !== undefined) mustBe('--calendar', wishes.calendar, calendars);
  return {
    name,
    title: oneLine(wishes.title) ?? titleOf(name),
    team,
    direction: wishes.direction,
    partners: wanted,
    stages: words('--stages', wishes.stages),
    calendar: wishes.calendar ?? calendars[0],
    choices: { teams, partners, calendars },
  };
}

/** Checks the result before the file is touched. @returns what was done */
async function write(configFile: string, file: string, draft: FlowDraft): Promise<string> {
  const { insertFlow } = await import('../config/new-flow.js');
  const { loadConfig } = await import('../config/load.js');
  const target = resolve(file);
  const inserted = insertFlow(await readFile(target, 'utf8').catch(() => fail(`--write ${file}: the file cannot be read`)), draft);
  if ('problem' in inserted) fail(`--write ${file}: ${inserted.problem}`);
  const { config, diagnostics } = await loadConfig(configFile, {
    readFile: (path) => (path === target ? Promise.resolve(Buffer.from(inserted.text)) : readFile(path)),
  });
  if (!config) fail(`--write ${file} would break it, so nothing is written:\n${errorLines(diagnostics)}`);
  if (!config.files.includes(target)) fail(`--write ${file}: ${configFile} does not include this file; add it under include: first`);
  await writeFile(target, inserted.text);
  return `${file}: flow ${draft.name} added\n`;
}

function fail(message: string): never {
  throw new Refusal(message);
}

function mustBe(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new UsageError(`${option} ${value}: there is no "${value}"${suggest(value, known)}`);
}

function words(option: string, text: string): string[] {
  const list = text.split(',').map((word) => word.trim());
  if (list.some((word) => !new RegExp(NAME_PATTERN).test(word)))
    throw new UsageError(`${option} ${text}: must be names with commas between them, e.g. a,b`);
  const twice = list.find((word, index) => list.indexOf(word) < index);
  if (twice !== undefined) throw new UsageError(`${option} ${text}: "${twice}" stands twice`);
  return list;
}

/** @throws UsageError where nothing is left */
function oneLine(title: string | undefined): string | undefined {
  const line = title?.replaceAll(/\s+/g, ' ').trim();
  if (line === '') throw new UsageError('--title: must not be empty; without it, the title is made from the name');
  return line;
}

/** `factures-tge` → `Factures tge` */
function titleOf(name: string): string {
  const spaced = name.replaceAll(/[-_.]+/g, ' ').trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
