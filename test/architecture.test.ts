// The conventions of the code, held by a test: one-way imports, a sentence at the head of each file, the IDs that are due.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { trafficLevels } from '../src/conventions.js';
import { kinds } from '../src/sources/all-kinds.js';
import { loadKind } from '../src/sources/registry.js';

const root = join(import.meta.dirname, '..', '..');
const sources = globSync('src/**/*.ts', { cwd: root });

/** What each folder of src/ may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: ['conventions'],
  conventions: ['domain'],
  log: [],
  version: [],
  memory: [],
  web: [],
  sources: ['domain', 'conventions', 'memory'],
  config: ['sources', 'domain', 'conventions'],
  exporter: ['config', 'sources', 'domain', 'conventions', 'web', 'log', 'version', 'memory'],
  prometheus: ['config', 'domain'],
  explain: ['prometheus', 'rules', 'catalog', 'config', 'sources', 'domain', 'conventions'],
  report: ['prometheus', 'domain', 'conventions'],
  catalog: ['exporter', 'config', 'sources', 'domain', 'conventions'],
  fleet: ['exporter', 'config', 'sources', 'domain', 'conventions', 'web', 'log', 'version', 'memory'],
  rules: ['config', 'domain', 'conventions'],
  routes: ['config', 'domain', 'conventions', 'rules'],
  dashboards: ['config', 'domain', 'conventions', 'rules'],
  render: ['rules', 'routes', 'dashboards', 'config', 'domain', 'conventions'],
};

/** Rows of the acceptance table that are done. */
const DUE =
  'GM1 GM2 GM3 GM4 GM5 GM6 GM7 GM8 GM10 GM11 GM12 IR1 IR4 IR6 IR7 IR8 NE3 NE5 NE6 NE7 NE8 NE9 NE10 NE11 NE13 NE14 NE15 NE-T1 NE-T2 NE-T3 NE-T4 NE-T5 NE-T6 NE-T7 NE-T8 NE-T9 NE-T10 NE-T11 NE-T12 NE-T13 NE-T14 NE-T15 NE-T16 NE-T17 NE-T18 NE-T19 NE-T20 NE-T21 CE5 CE7 CE9 CE10 CE12 CE13 EN1 EN2 EN3 EN4 EN5 EN7 EN8 EN9 EN12 EN13'.split(
    ' ',
  );

function layer(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

function imports(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(?<target>\.[^']+)'/g)].map((match) =>
    join(path, '..', match.groups?.['target'] ?? '').replace(/\.js$/, '.ts'),
  );
}

describe('the code', () => {
  test('imports one way: cli → fleet, exporter, catalogue → config → sources → domain', () => {
    const wrong = sources
      .filter((path) => !['cli', 'main'].includes(layer(path)))
      .flatMap((path) => imports(path).map((target) => ({ path, target })))
      .filter(({ path, target }) => layer(target) !== layer(path) && !MAY_IMPORT[layer(path)]?.includes(layer(target)))
      .map(({ path, target }) => `${path} → ${target}`);

    expect(wrong).toEqual([]);
  });

  test('keeps kinds of sources apart: none imports another', () => {
    const wrong = sources
      .filter((path) => /^src\/sources\/\w+\//.test(path))
      .flatMap((path) => imports(path).map((target) => ({ path, target })))
      .filter(({ path, target }) => {
        const kind = path.split('/')[2];
        const other = /^src\/sources\/(?<kind>\w+)\//.exec(target)?.groups?.['kind'];
        return other !== undefined && other !== kind && Object.hasOwn(kinds, other);
      });

    expect(wrong).toEqual([]);
  });

  test('has each kind of source in the registry under its own name', async () => {
    for (const [name, kind] of Object.entries(kinds)) {
      expect(kind.kind).toBe(name);
      expect(await loadKind(name)).toBe(kind);
    }
  });

  test('does no I/O and reads no clock in the domain', () => {
    const io = /from 'node:(?:fs|net|http|https|child_process|dns|tls|worker_threads)|Date\.now\(|new Date\(\)|process\.env/;

    const wrong = sources
      .filter((path) => path.startsWith('src/domain/') && path !== 'src/domain/clock.ts')
      .filter((path) => io.test(readFileSync(join(root, path), 'utf8')));

    expect(wrong).toEqual([]);
  });

  test('says at the head of each file what the file does', () => {
    const silent = globSync(['src/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts'], { cwd: root }).filter(
      (path) => !/^(?:\/\/|\/\*\*)/.test(readFileSync(join(root, path), 'utf8')),
    );

    expect(silent).toEqual([]);
  });

  test('names metrics in src/conventions.ts only', () => {
    const literal = /'(?<name>(?:flow|vigie|endpoint)_[a-z_]+)'/g;
    // What traffic is recorded by is named like the labels it keeps.
    const levels: readonly string[] = trafficLevels;

    const wrong = sources
      .filter((path) => path !== 'src/conventions.ts')
      .filter((path) =>
        [...readFileSync(join(root, path), 'utf8').matchAll(literal)].some(({ groups }) => !levels.includes(groups?.['name'] ?? '')),
      );

    expect(wrong).toEqual([]);
  });

  test('describes every property of every kind: the descriptions are the reference', () => {
    const silent = Object.entries(kinds).flatMap(([kind, { schema }]) => undescribed(schema, kind));

    expect(silent).toEqual([]);
  });

  test('cites each acceptance ID that is due in the title of a test', () => {
    const titles = globSync('test/**/*.test.ts', { cwd: root })
      .map((path) => readFileSync(join(root, path), 'utf8'))
      .flatMap((text) => [
        ...text.matchAll(/(?:test|describe|describeWith|it)(?:\.each\([^]*?\))?\([^'"`]*(?<title>['"`].*)/g),
        // In tables that tests take their titles from.
        ...text.matchAll(/(?<title>'(?:[A-Z]{2}(?:-T)?\d+(?:, )?)+: [^']*')/g),
      ])
      .map((match) => match.groups?.['title'] ?? '')
      .join('\n');

    const missing = DUE.filter((id) => !new RegExp(`\\b${id}(?![\\w-])`).test(titles));

    expect(missing).toEqual([]);
  });
});

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function undescribed(schema: unknown, path: string): string[] {
  if (!isObject(schema)) return [];
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const own = properties
    .filter(([, property]) => isObject(property) && typeof property['description'] !== 'string')
    .map(([name]) => `${path}.${name}`);
  return [
    ...own,
    ...properties.flatMap(([name, property]) => undescribed(property, `${path}.${name}`)),
    ...undescribed(schema['additionalProperties'], `${path}.*`),
  ];
}
