// The queries of docs/tasks/gate-alerts.md, run on its tables in SQLite.

import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { parse } from 'yaml';
import { examples, isRules } from './examples.js';

interface Page {
  readonly sources: Readonly<Record<string, { readonly queries: Readonly<Record<string, { readonly sql: string }>> }>>;
}

const root = join(import.meta.dirname, '..', '..', '..');
const blocks = examples(root).filter(({ file }) => file === 'docs/tasks/gate-alerts.md');
const tables = blocks.find(({ language }) => language === 'sql')?.text ?? '';
const page: Page = parse(blocks.find((block) => block.language === 'yaml' && !isRules(block))?.text ?? '');
const HOUR = 3600;

describe('the register of gates, patches and loads', () => {
  let database: DatabaseSync;
  const now = Math.floor(Date.now() / 1000);

  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    database.exec(tables);
    for (const name of ['qualif', 'prod']) database.prepare('INSERT INTO environments VALUES (?)').run(name);
  });

  afterEach(() => database.close());

  function insert(table: string, ...row: (string | number | null)[]): void {
    database.prepare(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(', ')})`).run(...row);
  }

  function rows(query: string): unknown[][] {
    const { sql = '' } = page.sources['release-register']?.queries[query] ?? {};
    return database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row));
  }

  test('EN4: tells of each gate what was decided, also where nobody has', () => {
    insert('gates', 'P12', 'prod', now - HOUR, null, null);
    insert('gates', 'P13', 'prod', now + HOUR, 'declined', now);
    insert('gates', 'old', 'prod', now - 25 * HOUR, null, null);

    expect(rows('gates')).toEqual([
      ['releases', 'prod', 'P12', 'undecided', now - HOUR, 1],
      ['releases', 'prod', 'P13', 'declined', now + HOUR, 1],
    ]);
  });

  test('EN5: counts the patches that came without a gate, before it was opened, or although it was declined; none is 0', () => {
    insert('gates', 'opened', 'prod', now, 'opened', now - 3 * HOUR);
    insert('gates', 'declined', 'prod', now, 'declined', now - 3 * HOUR);
    insert('gates', 'late', 'prod', now, 'opened', now - HOUR);
    for (const patch of ['opened', 'declined', 'late', 'unknown']) insert('patches', patch, 'prod', 'daily', now - 2 * HOUR);
    insert('patches', 'unknown', 'prod', 'exceptional', now - HOUR);
    insert('patches', 'opened', 'qualif', 'daily', now - HOUR);
    insert('patches', 'old', 'prod', 'daily', now - 25 * HOUR);

    expect(rows('ungated')).toEqual([
      ['prod', 'daily', 3],
      ['prod', 'exceptional', 1],
      ['qualif', 'daily', 1],
      ['qualif', 'exceptional', 0],
    ]);
  });

  test('EN8: counts the loads whose extraction was not anonymised before; none is 0', () => {
    for (const extraction of ['done', 'late', 'never']) insert('steps', extraction, 'extracted', now - 4 * HOUR);
    insert('steps', 'done', 'anonymised', now - 3 * HOUR);
    insert('steps', 'late', 'anonymised', now - HOUR);
    for (const extraction of ['done', 'late', 'never']) insert('loads', extraction, 'qualif', now - 2 * HOUR);
    insert('loads', 'never', 'qualif', now - 25 * HOUR);

    expect(rows('not_anonymised')).toEqual([
      ['prod', 0],
      ['qualif', 2],
    ]);
  });
});
