// Wiring only: the first word names the command, each command is one file in cli/.

import './threads.js';
import { UsageError, type Command } from './cli/command.js';

const commands: ReadonlyMap<string, () => Promise<{ command: Command }>> = new Map([
  ['exporter', () => import('./cli/exporter.js')],
  ['catalog', () => import('./cli/catalog.js')],
  ['fleet', () => import('./cli/fleet.js')],
  ['check', () => import('./cli/check.js')],
  ['try', () => import('./cli/try.js')],
  ['explain', () => import('./cli/explain.js')],
  ['render', () => import('./cli/render.js')],
  ['new', () => import('./cli/new.js')],
  ['report', () => import('./cli/report.js')],
  ['gate', () => import('./cli/gate.js')],
]);

/** They reload on SIGHUP, whose default action would end the process while it still loads its code. */
const RELOADING: ReadonlySet<string> = new Set(['exporter', 'catalog', 'fleet']);

async function help(): Promise<string> {
  const lines = [];
  for (const [name, load] of commands) lines.push(`  ${name.padEnd(10)}${(await load()).command.summary}`);
  return `usage: vigie <command> [options]\n\n${lines.join('\n')}\n\n'vigie <command> --help' tells more; 'vigie --version' tells which one this is.\n`;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(await help());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    const { VERSION } = await import('./version.js');
    process.stdout.write(`vigie ${VERSION}\n`);
    return 0;
  }
  if (RELOADING.has(name)) process.on('SIGHUP', () => {});
  const load = commands.get(name);
  if (!load) {
    const { suggest } = await import('./domain/suggest.js');
    process.stderr.write(`vigie: no command "${name}"${suggest(name, [...commands.keys()])}\n`);
    return 2;
  }
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`vigie ${name}: ${error.message}\n${command.usage}\n`);
    return 2;
  }
}

// Who reads may have enough before the end (head): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2));
