// A page on an engine of sql sources, taken apart: its tables, its login, its YAML, and what Vigie makes of that.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { formatDiagnostic } from '../../src/config/diagnostics.js';
import type { Config } from '../../src/config/model.js';
import type { SourceConfig } from '../../src/sources/kind.js';
import type { SqlOptions, SqlQuery } from '../../src/sources/sql/schema.js';
import { examples } from './examples.js';

const root = join(import.meta.dirname, '..', '..', '..');

export interface SqlPage {
  /** The statements that make the tables. */
  readonly tables: string;
  /** The statements that make the login; empty where the engine has none. */
  readonly login: string;
  readonly config: Config;
  readonly source: SourceConfig<SqlOptions>;
  /** All that `vigie check` says of the YAML. */
  readonly diagnostics: readonly string[];
}

/** @param engine the name of the driver, and of the page */
export async function sqlPage(engine: string): Promise<SqlPage> {
  const blocks = examples(root).filter(({ file }) => file === `docs/sources/sql/${engine}.md`);
  const statements = blocks.filter(({ language }) => language === 'sql').map(({ text }) => text);
  const { config, diagnostics } = await load(blocks.find(({ language }) => language === 'yaml')?.text ?? '');
  const [source] = config?.sources ?? [];
  if (!config || !source || !isSql(source)) throw new Error(`no source of kind sql on the page of ${engine}: ${diagnostics.join('\n')}`);
  return {
    tables: statements.find((text) => text.includes('CREATE TABLE')) ?? '',
    login: statements.find((text) => !text.includes('CREATE TABLE')) ?? '',
    config,
    source,
    diagnostics,
  };
}

/** A query of the page. */
export function queryOf({ source }: SqlPage, name: string): SqlQuery {
  const query = source.options.queries[name];
  if (!query) throw new Error(`the page has no query ${name}`);
  return query;
}

/** All that the page has Vigie send, by the name of the query; where an incremental query begins as `<query> start`. */
export function statementsOf({ source }: SqlPage): Record<string, string> {
  const statements: Record<string, string> = {};
  for (const [name, { sql, incremental }] of Object.entries(source.options.queries)) {
    statements[name] = sql;
    const start = typeof incremental === 'object' ? incremental.start : undefined;
    if (typeof start === 'object') statements[`${name} start`] = start.sql;
  }
  return statements;
}

async function load(yaml: string): Promise<{ readonly config: Config | undefined; readonly diagnostics: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-docs-'));
  try {
    const file = join(folder, 'exporters.yaml');
    await writeFile(file, yaml);
    const { config, diagnostics } = await loadConfig(file);
    return { config, diagnostics: diagnostics.map(formatDiagnostic) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isSql(source: SourceConfig): source is SourceConfig<SqlOptions> {
  return source.kind === 'sql';
}
