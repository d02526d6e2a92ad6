// `npm run torture -- <name>`: what was done and how it ended for people on standard error, one line of JSON for machines on standard
// output. Ends with 1 where anything differs.

type Torture = (args: readonly string[]) => Promise<{ readonly ok: boolean }>;

const tortures: Readonly<Record<string, () => Promise<Torture>>> = {
  faults: async () => (await import('./faults.js')).tortureFaults,
  log: async () => (await import('./log.js')).tortureLog,
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  const load = name === undefined ? undefined : tortures[name];
  if (name === undefined || !load) {
    process.stderr.write(`usage: npm run torture -- <name> [options]\n  names: ${Object.keys(tortures).join(', ')}\n`);
    return 2;
  }
  const torture = await load();
  const result = await torture(args);
  process.stdout.write(`${JSON.stringify({ torture: name, ...result })}\n`);
  return result.ok ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
