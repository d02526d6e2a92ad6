// The dashboards without Grafana: what it would refuse, mend or hide, and whether every query asks for something that exists.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { renderDashboards } from '../../src/dashboards/index.js';
import { renderRules } from '../../src/rules/index.js';
import { portOf } from '../port.js';
import { knownNames, metricNames } from '../rules/promql-names.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus } from '../servers/prometheus.js';
import { until } from '../wait.js';
import { serveExchange } from './exchange.js';
import { queries, substitute, type Dashboard, type Panel } from './model.js';

const files = renderDashboards();
const dashboards = files
  .filter(({ path }) => path.endsWith('.json'))
  .map(({ path, content }) => {
    const dashboard: Dashboard = JSON.parse(content);
    return { path, dashboard };
  });

const ALL: Readonly<Record<string, string>> = { env: '.*', team: '.*', flow: '.*', partner: '.*', __rate_interval: '1m' };
const CHOSEN: Readonly<Record<string, string>> = {
  env: 'prod',
  team: 'flux',
  flow: 'factures-tge',
  partner: 'chuv',
  __rate_interval: '1m',
};

describe.each(dashboards)('$path', ({ dashboard }) => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  test('gives each panel and row an id of its own, and each query of a panel a refId', () => {
    const ids = dashboard.panels.map(({ id }) => id);

    expect(ids.every((id) => id > 0)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { targets = [] } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  test('lays panels out within 24 columns and over each other nowhere', () => {
    const overlaps = dashboard.panels.flatMap((a, index) =>
      dashboard.panels
        .slice(index + 1)
        .filter((b) => overlap(a, b))
        .map((b) => `${a.title} and ${b.title}`),
    );

    expect(overlaps).toEqual([]);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('says of every panel what it shows, and asks the data source that the variable names', () => {
    for (const { title, description = '', targets = [] } of panels) {
      expect({ title, described: description.length > 30 }).toEqual({ title, described: true });
      expect(targets.length).toBeGreaterThan(0);
      for (const { datasource } of targets) expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
    }
  });

  test('gives every value a unit', () => {
    const bare = panels
      .filter(({ fieldConfig }) => fieldConfig?.defaults.unit === undefined)
      .flatMap((panel) =>
        valueColumns(panel)
          .filter((column) => !hasUnit(panel, column))
          .map((column) => `${panel.title}: ${column}`),
      );

    expect(bare).toEqual([]);
  });

  test('asks for metrics that the conventions know', () => {
    const unknown = queries(dashboard)
      .flatMap(({ expr }) => metricNames(expr))
      .filter((name) => !knownNames.has(name));

    expect(unknown).toEqual([]);
  });

  test('names where it is edited', () => {
    expect(dashboard.description).toMatch(/rendered by vigie render; edit src\/dashboards\/\w+\.ts/);
  });
});

describe('Vigie: operations', () => {
  const operations = dashboards.find(({ dashboard }) => dashboard.uid === 'vigie-operations')?.dashboard;

  test('GM1: shows all flows by partner and direction, and links each to its runbook', () => {
    const titles = operations?.panels.map(({ title }) => title);
    const flows = operations?.panels.find(({ title }) => title === 'Flows by stage');

    expect(titles).toContain('Partners by direction');
    expect(flows?.fieldConfig?.overrides.find(({ matcher }) => matcher.options === 'Runbook')?.properties).toContainEqual({
      id: 'links',
      value: [{ title: 'What to do', url: '${__value.raw}', targetBlank: true }],
    });
  });

  test('IR6: shows the technical and the functional state of flows as two stats, and both for each flow', () => {
    const states = operations?.panels.filter(({ title, type }) => type === 'stat' && / state: /.test(title));
    const table = operations?.panels.find(({ title }) => title === 'State of flows');

    expect(states?.map(({ title }) => title)).toEqual(['Technical state: flows disturbed', 'Functional state: flows disturbed']);
    expect(states?.map(({ targets = [] }) => targets.length)).toEqual([1, 1]);
    expect(table?.targets?.map(({ expr }) => /flow_env:flow_(?<state>\w+)_status:min/.exec(expr)?.groups?.['state'])).toEqual([
      'technical',
      'functional',
    ]);
  });

  test('GM2: follows a flow from end to end: rate, errors and duration of each stage', () => {
    const titles = operations?.panels.map(({ title }) => title) ?? [];

    expect(titles.slice(titles.indexOf('From end to end'), titles.indexOf('What waits'))).toEqual([
      'From end to end',
      'Messages per hour, by stage',
      'Errors and rejects per hour, by stage',
      'Time to pass a stage: p50 and p90',
    ]);
  });

  test('GM4, CE5: shows single messages beside the time that stages take', () => {
    const targets = operations?.panels.flatMap(({ targets: all = [] }) => all).filter(({ exemplar }) => exemplar) ?? [];

    expect(targets.map(({ expr }) => /(?<metric>\w+_bucket)/.exec(expr)?.groups?.['metric'])).toEqual([
      'flow_stage_duration_seconds_bucket',
    ]);
  });

  test('has the variables that the links in alerts fill', () => {
    const used = new Set(
      renderRules().flatMap(({ content }) => [...content.matchAll(/var-(?<name>\w+)=/g)].map((match) => match.groups?.['name'])),
    );

    const names = operations?.templating.list.map(({ name }) => name);

    expect(names).toEqual(['datasource', 'env', 'team', 'flow', 'partner']);
    expect(names).toEqual(expect.arrayContaining([...used]));
  });
});

test('provisioning names the data source that the dashboards ask first, and does not let dashboards be edited in the browser', () => {
  const datasources: unknown = parse(contentOf('grafana/provisioning/datasources/prometheus.yml'));
  const providers: unknown = parse(contentOf('grafana/provisioning/dashboards/vigie.yml'));

  expect(datasources).toMatchObject({ apiVersion: 1, datasources: [{ uid: 'prometheus', type: 'prometheus', isDefault: true }] });
  expect(providers).toMatchObject({ apiVersion: 1, providers: [{ type: 'file', allowUiUpdates: false }] });
});

test('GM4, CE5: provisioning leads from the ids of a message to the log store and to its trace', () => {
  const destinations = ['correlation_id', 'trace_id'].map((name) => ({
    name,
    url: expect.stringMatching(/^\$\{VIGIE_\w+_URL\}\$\$\{__value\.raw\}$/),
  }));

  const datasources: unknown = parse(contentOf('grafana/provisioning/datasources/prometheus.yml'));

  expect(datasources).toMatchObject({ datasources: [{ jsonData: { exemplarTraceIdDestinations: destinations } }] });
});

describeWith(['prometheus'], 'queries of dashboards', () => {
  let folder: string;
  let exchange: Server;
  let prometheus: Prometheus;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-dashboards-'));
    exchange = serveExchange();
    await once(exchange, 'listening');
    // The rules as rendered, only evaluated every second.
    for (const [index, { content }] of renderRules().entries()) {
      await writeFile(join(folder, `${index}.yml`), content.replaceAll(/interval: \d+[smh]/g, 'interval: 1s'));
    }
    prometheus = await startPrometheus(
      [
        'global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }',
        `rule_files: [${JSON.stringify(join(folder, '*.yml'))}]`,
        `scrape_configs: [{ job_name: vigie, static_configs: [{ targets: ['127.0.0.1:${portOf(exchange)}'] }] }]`,
      ].join('\n'),
    );
    await until(async () => (await prometheus.query('ALERTS{alertstate="firing", severity="warning"}')).length > 0, 60_000);
  }, 90_000);

  afterAll(async () => {
    await prometheus.stop();
    exchange.closeAllConnections();
    exchange.close();
    await rm(folder, { recursive: true });
  });

  test.each([
    ['everything', ALL],
    ['one flow of one partner', CHOSEN],
  ])(
    'GM1: all have an answer for %s',
    async (_, values) => {
      const all = dashboards.flatMap(({ dashboard }) => queries(dashboard));

      const silent = await until(async () => {
        const empty = await emptyOnes(all, values);
        return empty.length === 0 ? { empty } : undefined;
      }, 30_000).catch(async () => ({ empty: await emptyOnes(all, values) }));

      expect(silent.empty).toEqual([]);
    },
    60_000,
  );

  test('show the state of the exchange as it is', async () => {
    const all = dashboards.flatMap(({ dashboard }) => queries(dashboard));
    const value = async (panel: string) =>
      (await prometheus.query(substitute(all.find((each) => each.panel === panel)?.expr ?? '', ALL))).map((each) => each.value);

    expect(await value('Sources up')).toEqual([1]);
    expect(await value('Exporters missing')).toEqual([1]);
    expect(await value('Flows with a backlog out of bounds')).toEqual([1]);
    expect(await value('Endpoints down')).toEqual([1]);
  });

  test('have variables that find values', async () => {
    const variables = dashboards.flatMap(({ dashboard }) => dashboard.templating.list).filter(({ type }) => type === 'query');

    for (const { name, query } of variables) {
      const { series = '', label = '' } = /^label_values\((?<series>.*), (?<label>\w+)\)$/.exec(query)?.groups ?? {};
      const values = await prometheus.api<string[]>(`label/${label}/values?match[]=${encodeURIComponent(substitute(series, ALL))}`);

      expect({ name, values }).toEqual({ name, values: [CHOSEN[label]] });
    }
    expect(variables).toHaveLength(4);
  });

  async function emptyOnes(all: ReturnType<typeof queries>, values: Readonly<Record<string, string>>): Promise<string[]> {
    const empty: string[] = [];
    for (const { panel, refId, expr } of all) {
      const result = await prometheus.query(substitute(expr, values));
      if (result.length === 0 || result.some(({ value }) => Number.isNaN(value))) empty.push(`${panel} ${refId}: ${expr}`);
    }
    return empty;
  }
});

function contentOf(wanted: string): string {
  return files.find(({ path }) => path === wanted)?.content ?? '';
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** Headings of the columns of a table that show the value of a query. */
function valueColumns({ transformations = [] }: Panel): string[] {
  return transformations.flatMap(({ options }) =>
    Object.entries(options.renameByName ?? {})
      .filter(([field]) => field.startsWith('Value'))
      .map(([, title]) => title),
  );
}

function hasUnit({ fieldConfig }: Panel, column: string): boolean {
  const properties = fieldConfig?.overrides.find(({ matcher }) => matcher.options === column)?.properties ?? [];
  return properties.some(({ id }) => id === 'unit' || id === 'mappings');
}
