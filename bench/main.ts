// `npm run bench -- <name>`: tables for people on standard error, one line of JSON for machines on standard output.

type Bench = () => Promise<Record<string, unknown>>;

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  process: async () => (await import('./process.js')).benchProcess,
  log: async () => (await import('./log.js')).benchLog,
  sql: async () => (await import('./sql.js')).benchSql,
  sftp: async () => (await import('./sftp.js')).benchSftp,
  probe: async () => (await import('./probe.js')).benchProbe,
  rules: async () => (await import('./rules.js')).benchRules,
};

async function main([name]: readonly string[]): Promise<number> {
  const load = name === undefined ? undefined : benches[name];
  if (name === undefined || !load) {
    process.stderr.write(`usage: npm run bench -- <name>\n  names: ${Object.keys(benches).join(', ')}\n`);
    return 2;
  }
  const bench = await load();
  const result = await bench();
  process.stdout.write(`${JSON.stringify({ bench: name, ...result })}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
