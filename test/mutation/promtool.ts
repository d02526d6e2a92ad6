// Runs promtool on single tests and single rules: many in one process, because starting it takes longer than most of them.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../servers/describe.js';
import type { Case } from './cases.js';
import type { Group, Rule } from './rule-mutants.js';

/** What takes so long hangs, or as good as. */
const TIMEOUT_MS = 1_200_000;

/** One test with the rules it runs on. */
export interface Run {
  readonly test: Pick<Case, 'evaluationInterval' | 'test'>;
  readonly groups: readonly Group[];
}

/** @returns of each of the runs whether promtool finds fault with it */
export async function failing(runs: readonly Run[]): Promise<boolean[]> {
  return inFolder(async (folder) => {
    const files = runs.map((each, index) => write(folder, String(index), each));
    const report = join(folder, 'report.xml');
    await promtool(['test', 'rules', `--junit=${report}`, ...files]);
    const counts = new Map(
      [
        ...readFileSync(report, 'utf8').matchAll(
          /<testsuite name="(?<file>[^"]*)" tests="\d+" failures="(?<failures>\d+)" errors="(?<errors>\d+)"/g,
        ),
      ].map(({ groups }) => [groups?.['file'], Number(groups?.['failures']) + Number(groups?.['errors'])]),
    );
    return files.map((file) => {
      const count = counts.get(file);
      if (count === undefined) throw new Error(`promtool reports nothing of ${file}`);
      return count > 0;
    });
  });
}

/**
 * @returns what promtool finds fault with, in its words; empty where the test passes
 * @throws Error where it ends without a word: it was killed
 */
export async function faults(run: Run): Promise<string> {
  return inFolder(async (folder) => {
    const { failed, output } = await promtool(['test', 'rules', write(folder, 'test', run)]);
    if (failed && output.trim() === '') throw new Error('promtool ended before its time');
    return failed ? output : '';
  });
}

/** @returns those that Prometheus does not read */
export async function unreadable(rules: readonly Rule[]): Promise<Set<Rule>> {
  return inFolder(async (folder) => {
    const file = join(folder, 'rules.yml');
    // Each in a group of its own: a group has no rule twice.
    writeFileSync(file, JSON.stringify({ groups: rules.map((rule, index) => ({ name: `group-${index}`, rules: [rule] })) }));
    const { output } = await promtool(['check', 'rules', '--lint=none', file]);
    const found = [...output.matchAll(/group "group-(?<index>\d+)"/g)].map(({ groups }) => rules[Number(groups?.['index'])]);
    return new Set(found.filter((rule) => rule !== undefined));
  });
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-mutants-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, name: string, { test: { evaluationInterval, test }, groups }: Run): string {
  const rules = join(folder, `rules-${name}.yml`);
  // JSON is YAML.
  writeFileSync(rules, JSON.stringify({ groups }));
  const file = join(folder, `test-${name}.yml`);
  const content = {
    rule_files: [rules],
    ...(evaluationInterval !== undefined && { evaluation_interval: evaluationInterval }),
    group_eval_order: groups.map((group) => group.name),
    tests: [test],
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function promtool(args: readonly string[]): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(program('promtool'), [...args], { timeout: TIMEOUT_MS, maxBuffer: 256 << 20 }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, output: stdout + stderr }),
    );
  });
}
