// The options of `npm start` and of the exchange alone.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_PORT_BASE } from '../src/conventions.js';
import { suggest } from '../src/domain/suggest.js';
import { DESCRIPTIONS, SCENARIOS, type Scenario } from './scenario.js';
import { PARTS, type PartName } from './switches.js';

export const DEFAULT_DATA = '.vigie/demo';
/** The demo's own servers listen below the fleet. */
const SFTP_OFFSET = -10;
const HTTPS_OFFSET = -9;
/** The ports that exporters.yaml names. */
export const SFTP_PORT = DEFAULT_PORT_BASE + SFTP_OFFSET;
export const HTTPS_PORT = DEFAULT_PORT_BASE + HTTPS_OFFSET;
const LOWEST_PORT = 1024;
const HIGHEST_PORT = 65_535;
const EXPORTERS = 20;

export interface DemoOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly portBase: number;
  readonly sftpPort: number;
  readonly httpsPort: number;
  readonly without: readonly PartName[];
}

/** Something the user can mend; the message says how. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

const OPTIONS = {
  scenario: { type: 'string', default: 'normal' },
  seed: { type: 'string', default: '1' },
  data: { type: 'string', default: DEFAULT_DATA },
  'port-base': { type: 'string', default: String(DEFAULT_PORT_BASE) },
  'sftp-port': { type: 'string' },
  'https-port': { type: 'string' },
  without: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const USAGE = `usage: npm start -- [options]

  --scenario NAME    what goes wrong (default normal):
${SCENARIOS.map((name) => `                       ${name.padEnd(13)} ${DESCRIPTIONS[name]}`).join('\n')}
  --seed N           repeats the same messages (default 1)
  --without PART     starts without a part of the exchange: ${PARTS.join(', ')}
  --port-base PORT   moves everything: the fleet to PORT, its exporters after it, the demo's own servers to PORT-10 and PORT-9
  --sftp-port PORT, --https-port PORT
                     moves only these (default ${SFTP_PORT} and ${HTTPS_PORT})
  --data DIR         where the demo keeps its files (default ${DEFAULT_DATA})
`;

/** @returns undefined where help is asked for. @throws DemoError */
export function readDemoOptions(args: readonly string[]): DemoOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const portBase = readNumber('--port-base', values['port-base'], LOWEST_PORT - SFTP_OFFSET, HIGHEST_PORT - EXPORTERS);
  const port = (option: 'sftp-port' | 'https-port', offset: number) =>
    readNumber(`--${option}`, values[option] ?? String(portBase + offset), 1, HIGHEST_PORT);
  return {
    scenario: readWord('--scenario', values.scenario, SCENARIOS),
    seed: readNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    dataDir: resolve(values.data),
    portBase,
    sftpPort: port('sftp-port', SFTP_OFFSET),
    httpsPort: port('https-port', HTTPS_OFFSET),
    without: (values.without ?? []).map((part) => readWord('--without', part, PARTS)),
  };
}

/** The same options for a child process. */
export function writeDemoOptions({ scenario, seed, dataDir, portBase, sftpPort, httpsPort, without }: DemoOptions): string[] {
  const ports = ['--port-base', portBase, '--sftp-port', sftpPort, '--https-port', httpsPort].map(String);
  return ['--scenario', scenario, '--seed', String(seed), '--data', dataDir, ...ports, ...without.flatMap((part) => ['--without', part])];
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function readNumber(option: string, text: string, low: number, high: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= low && number <= high) return number;
  throw new DemoError(`${option} ${text}: must be a whole number from ${low} to ${high}`);
}

function readWord<T extends string>(option: string, text: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new DemoError(`${option} ${text}: there is no such thing${suggest(text, words)}`);
  return word;
}
