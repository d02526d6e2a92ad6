// A sample of the mutants of the rendered rules: `npm run mutate -- rules` judges all of them.

import { join } from 'node:path';
import { describeWith } from '../servers/describe.js';
import { equivalents } from './equivalents.js';
import { mutantsOf, readRuleFiles } from './rule-mutants.js';
import { mutateRules } from './rules.js';

const root = join(import.meta.dirname, '..', '..', '..');
/** Chance gives a sample a few percent less than all; the whole run asks for 0.95. */
const FLOOR = 0.85;
/** Tests over hours and days take long: only the whole run has them. */
const MOST = 3_000;
/** As many at least of the sample are rules that Prometheus reads. */
const LEAST = 50;
/** Their tests are quick: none takes hours of the clock that it sets. */
const FAMILIES = ['endpoints', 'watchers', 'acknowledgements', 'objectives', 'volume'];

describe('the mutation run', () => {
  const files = readRuleFiles(root);

  test('lists as equivalent only what is a mutant, once, with a reason', () => {
    const mutants = new Set(files.flatMap(mutantsOf).map(({ name, mutation }) => `${name}: ${mutation}`));
    const listed = equivalents(root).map(({ rule, mutation }) => `${rule}: ${mutation}`);

    expect(listed.filter((each) => !mutants.has(each))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
    expect(equivalents(root).filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});

describeWith(['promtool'], 'the tests of the rules', () => {
  test('NE13: notice that a rule is wrong: a matcher dropped, a comparison flipped, a bound changed', async () => {
    const { mutants, ratio, survivors } = await mutateRules(root, { families: FAMILIES, sample: 60, seed: 6, most: MOST }, () => {});

    process.stderr.write(`${JSON.stringify({ mutation: 'rules', sample: mutants, ratio })}\n`);
    expect(mutants).toBeGreaterThanOrEqual(LEAST);
    const left = survivors.map(({ name, mutation }) => `${name}: ${mutation}`);
    expect({ enough: ratio >= FLOOR, left }).toMatchObject({ enough: true });
  }, 300_000);
});
