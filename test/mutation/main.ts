// `npm run mutate -- <name>`: survivors for people on standard error, one line of JSON for machines on standard output. Ends with 1 where
// the tests notice too few of the mutants.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutateRules } from './rules.js';

const FLOOR = 0.95;
const root = join(import.meta.dirname, '..', '..', '..');

async function main(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rule: { type: 'string' },
      family: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
      sample: { type: 'string' },
      most: { type: 'string' },
    },
  });
  const sample = values.sample === undefined ? undefined : Number(values.sample);
  const most = values.most === undefined ? undefined : Number(values.most);
  const seed = Number(values.seed);
  const sound = [sample, most].every((number) => number === undefined || number > 0);
  if (positionals.join() !== 'rules' || !Number.isSafeInteger(seed) || !sound) {
    process.stderr.write(
      'usage: npm run mutate -- rules [--family NAME]... [--rule NAME] [--sample N] [--seed N] [--most EVALUATIONS]\n' +
        '  --most leaves out tests that take more evaluations of a rule: what then survives may be noticed by those\n',
    );
    return 2;
  }
  const options = { families: values.family, rule: values.rule, sample, seed, most };
  const { survivors: _, ...figures } = await mutateRules(root, options, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify({ mutation: 'rules', ...figures })}\n`);
  return figures.ratio >= FLOOR ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
