// Runs promtool on single tests, of rules of which one may be another.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../servers/describe.js';
import { groupsSeen, type Case } from './cases.js';
import type { Group, Mutant } from './rule-mutants.js';

/** `invalid`: Prometheus does not read the rule. */
export type Verdict = 'passed' | 'failed' | 'invalid';

/** What takes so long hangs, or as good as. */
const TIMEOUT_MS = 600_000;

/** All the tests at once, in one process: starting it takes longer than most of them. */
export async function runCases(cases: readonly Case[], mutant?: Mutant): Promise<{ verdict: Verdict; output: string }> {
  const seen = cases.flatMap((each) => {
    const groups = groupsSeen(each, mutant);
    return groups ? [{ each, groups }] : [];
  });
  if (seen.length === 0) return { verdict: 'passed', output: '' };
  const folder = mkdtempSync(join(tmpdir(), 'vigie-mutant-'));
  try {
    const files = seen.map(({ each, groups }, index) => write(folder, index, each, groups));
    return await run(['test', 'rules', ...files]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, index: number, { evaluationInterval, test }: Case, groups: readonly Group[]): string {
  const rules = join(folder, `rules-${index}.yml`);
  // JSON is YAML.
  writeFileSync(rules, JSON.stringify({ groups }));
  const file = join(folder, `test-${index}.yml`);
  const content = {
    rule_files: [rules],
    ...(evaluationInterval !== undefined && { evaluation_interval: evaluationInterval }),
    group_eval_order: groups.map(({ name }) => name),
    tests: [test],
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function run(args: readonly string[]): Promise<{ verdict: Verdict; output: string }> {
  return new Promise((resolve) => {
    execFile(program('promtool'), [...args], { timeout: TIMEOUT_MS, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const output = stdout + stderr;
      if (!error) resolve({ verdict: 'passed', output });
      else resolve({ verdict: /could not parse expression|parse error/.test(output) ? 'invalid' : 'failed', output });
    });
  });
}
