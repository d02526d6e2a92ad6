// What the commands share: reading options, and saying what is wrong with them.

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { suggest } from '../domain/suggest.js';
import { NAME_PATTERN } from '../sources/schema.js';

export interface Command {
  /** One line for `vigie help`. */
  readonly summary: string;
  /** Printed by `--help` and after a wrong option. */
  readonly usage: string;
  /** @returns the exit code, once the command is done (or stopped, for those that run until then). */
  run(args: readonly string[]): Promise<number>;
}

/** A wrong use of the command line: the message is printed with the usage, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads options strictly. @throws UsageError for an unknown option or a missing value */
export function readOptions<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '(?<option>[^']+)'/.exec(message)?.groups?.['option'];
    if (unknown === undefined) throw new UsageError(message);
    throw new UsageError(
      `unknown option ${unknown}${suggest(
        unknown,
        Object.keys(options).map((name) => `--${name}`),
      )}`,
    );
  }
}

/**
 * The place that `--site` names, else the one in VIGIE_SITE.
 * @returns undefined where nobody names one. @throws UsageError for a text that is no name
 */
export function readSite(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const [from, site] = option === undefined ? ['VIGIE_SITE=', environment['VIGIE_SITE']] : ['--site ', option];
  if (site === undefined || (site === '' && option === undefined)) return undefined;
  if (new RegExp(NAME_PATTERN).test(site)) return site;
  throw new UsageError(`${from}${site}: must be a name of letters, digits, dots, dashes and underscores, e.g. geneva`);
}

/** `127.0.0.1:9701`, `[::1]:9701`, `:9701` (all interfaces). @throws UsageError */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (!match || port > 65535) throw new UsageError(`--listen ${text}: must be host:port, e.g. 127.0.0.1:9701`);
  return { host: match.groups?.['v6'] ?? (match.groups?.['host'] || '0.0.0.0'), port };
}
