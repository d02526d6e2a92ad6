// `vigie new`: a block of YAML for a new flow, ready to paste or written into the file.

import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatDiagnostic } from '../config/diagnostics.js';
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
    const config = await load(values.config);
    if (!config) return 1;
    const draft = draftOf(config, name, values);
    const { renderFlow } = await import('../config/new-flow.js');
    if (values.write === undefined) {
      process.stdout.write(`${renderFlow(draft).join('\n')}\n`);
      return 0;
    }
    return await write(values.config, values.write, draft);
  },
};

interface Wishes {
  readonly title?: string | undefined;
  readonly team?: string | undefined;
  readonly direction: string;
  readonly partners?: string | undefined;
  readonly stages: string;
  readonly calendar?: string | undefined;
}

/** Undefined where the configuration has errors, which are printed. */
async function load(file: string): Promise<Config | undefined> {
  const { loadConfig } = await import('../config/load.js');
  const { config, diagnostics } = await loadConfig(file);
  if (config) return config;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic);
  process.stderr.write(`${errors.join('\n')}\nvigie new: mend ${file} first\n`);
  return undefined;
}

/** What is wished for, completed from what there is. @throws UsageError for a name that is taken or unknown */
function draftOf(config: Config, name: string, wishes: Wishes): FlowDraft {
  if (!new RegExp(NAME_PATTERN).test(name)) {
    throw new UsageError(`"${name}" is no name: letters, digits, dots, dashes and underscores, with a letter or digit in front`);
  }
  if (config.flows.some((flow) => flow.name === name)) throw new UsageError(`there is a flow "${name}" already`);
  const teams = config.teams.map((team) => team.name);
  const partners = config.partners.map((partner) => partner.name);
  const calendars = Object.keys(config.calendars);
  const team = wishes.team ?? config.defaultTeam ?? teams[0];
  if (team === undefined) throw new UsageError(`no team owns flows yet: declare one under teams: first`);
  const wanted = wishes.partners === undefined ? partners.slice(0, 2) : words('--partners', wishes.partners);
  if (wanted.length === 0) throw new UsageError('nobody to exchange with yet: declare one under partners: first');
  mustBe('--team', team, teams);
  mustBe('--direction', wishes.direction, DIRECTIONS);
  for (const partner of wanted) mustBe('--partners', partner, partners);
  if (wishes.calendar !== undefined) mustBe('--calendar', wishes.calendar, calendars);
  return {
    name,
    title: wishes.title ?? titleOf(name),
    team,
    direction: wishes.direction,
    partners: wanted,
    stages: words('--stages', wishes.stages),
    calendar: wishes.calendar ?? calendars[0],
    choices: { teams, partners, calendars },
  };
}

/** Checks the result before the file is touched. */
async function write(configFile: string, file: string, draft: FlowDraft): Promise<number> {
  const { insertFlow } = await import('../config/new-flow.js');
  const { loadConfig } = await import('../config/load.js');
  const target = resolve(file);
  const inserted = insertFlow(await readFile(target, 'utf8').catch(() => fail(`--write ${file}: the file cannot be read`)), draft);
  if ('problem' in inserted) fail(`--write ${file}: ${inserted.problem}`);
  const { config, diagnostics } = await loadConfig(configFile, {
    readFile: (path) => (path === target ? Promise.resolve(Buffer.from(inserted.text)) : readFile(path)),
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic);
  if (errors.length > 0) fail(`--write ${file} would break it, so nothing is written:\n${errors.join('\n')}`);
  if (!config?.files.includes(target)) fail(`--write ${file}: ${configFile} does not include this file; add it under include: first`);
  await writeFile(target, inserted.text);
  process.stdout.write(`${file}: flow ${draft.name} added\n`);
  return 0;
}

function fail(message: string): never {
  throw new UsageError(message);
}

function mustBe(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new UsageError(`${option} ${value}: there is no "${value}"${suggest(value, known)}`);
}

function words(option: string, text: string): string[] {
  const list = text.split(',').map((word) => word.trim());
  if (list.some((word) => !new RegExp(NAME_PATTERN).test(word)))
    throw new UsageError(`${option} ${text}: must be names with commas between them, e.g. a,b`);
  return list;
}

/** `factures-tge` → `Factures tge` */
function titleOf(name: string): string {
  const spaced = name.replaceAll(/[-_.]+/g, ' ').trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
