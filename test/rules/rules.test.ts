// The rules as a whole: what each alert carries, and that flows do not change them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import type { Config } from '../../src/config/model.js';
import { boundValues, durations, traffic } from '../../src/conventions.js';
import { BOUND_WINDOWS, type Flow } from '../../src/domain/flow.js';
import { renderAll } from '../../src/render/index.js';
import { families, renderRules } from '../../src/rules/index.js';
import type { AlertingRule, RecordingRule } from '../../src/rules/rule.js';
import { knownNames, metricNames } from './promql-names.js';

const root = join(import.meta.dirname, '..', '..', '..');
const rules = families.flatMap(({ groups }) => groups).flatMap((group) => group.rules);
const alerts = rules.filter((rule): rule is AlertingRule => 'alert' in rule);
const recordings = rules.filter((rule): rule is RecordingRule => 'record' in rule);

function flow(name: string): Flow {
  return {
    name,
    title: name,
    team: 'flux',
    criticality: 'high',
    direction: 'inbound',
    partners: ['chuv', 'hug'],
    stages: ['received', 'processed'],
    environments: ['prod'],
    calendar: undefined,
    runbook: undefined,
    bounds: [{ indicator: 'backlog', statistic: 'held', severity: 'critical', side: 'above', value: 500, window: '5m' }],
  };
}

function config(flows: readonly Flow[]): Config {
  return {
    file: 'exporters.yaml',
    files: ['exporters.yaml'],
    sha: '0123456789ab',
    environment: 'prod',
    environments: [{ name: 'prod', title: 'Production', production: true, calendar: undefined }],
    teams: [{ name: 'flux', title: 'Flux', teamsWebhook: { file: '/run/secrets/teams_flux' }, email: 'flux@example.org' }],
    partners: [
      { name: 'chuv', title: 'CHUV' },
      { name: 'hug', title: 'HUG' },
    ],
    calendars: {},
    flows,
    sources: [],
  };
}

describe('rules', () => {
  test("IR1: have a dead man's switch: an alert that always fires, so that somebody outside hears when alerting itself is dead", () => {
    const watchdog = alerts.find(({ alert }) => alert === 'VigieWatchdog');

    expect(watchdog).toMatchObject({ expr: 'vector(1)', labels: { severity: 'none' } });
    expect(watchdog?.for).toBeUndefined();
  });

  test('NE14: adding flows changes no rule, route or dashboard', async () => {
    const many = Array.from({ length: 100 }, (_, index) => flow(`flow-${index}`));

    const withNone = await renderAll(config([]));
    const withMany = await renderAll(config(many));

    expect(withMany.files).toEqual(withNone.files);
  });

  test('NE14: adding a flow with PromQL of its own changes the rules of indicators, in a group of its own, and nothing else', async () => {
    const indicators = [
      { name: 'load', title: 'Load', promql: 'max(node_load1{env="$env"})\n' },
      { name: 'csat', title: 'Satisfaction', promql: undefined },
    ];
    const computed = { ...flow('portail'), environments: ['prod', 'recette'], indicators };

    const without = await renderAll(config([]));
    const { files } = await renderAll(config([computed]));

    const changed = files.filter(({ path, content }) => without.files.find((other) => other.path === path)?.content !== content);
    expect(changed.map(({ path }) => path)).toEqual(['alertmanager/rules/indicators.yml']);
    const { groups }: { groups: unknown[] } = parse(changed[0]?.content ?? '');
    expect(groups[0]).toEqual({
      name: 'vigie-indicators-portail',
      interval: '30s',
      rules: ['prod', 'recette'].map((env) => ({
        record: 'flow_partner_env_stage_indicator:flow_indicator:promql',
        expr: `max by (partner, stage) (\nmax(node_load1{env="${env}"})\n)`,
        labels: { flow: 'portail', env, indicator: 'load' },
      })),
    });
    expect(groups.slice(1)).toEqual(families.find(({ name }) => name === 'indicators')?.groups);
  });

  test('give every alert a severity, a level, a summary, a description, a runbook and a dashboard', () => {
    const incomplete = alerts
      .filter(
        ({ labels, annotations }) =>
          !['critical', 'warning', 'none'].includes(labels['severity'] ?? '') ||
          labels['level'] !== 'N0' ||
          ['summary', 'description', 'runbook_url', 'dashboard'].some((name) => (annotations[name] ?? '') === ''),
      )
      .map(({ alert }) => alert);

    expect(alerts.length).toBeGreaterThan(0);
    expect(incomplete).toEqual([]);
  });

  test('EN1: cap every critical alert that knows its environment outside production', () => {
    // Alerts on flows read what one recording of their family has capped for all of them.
    const cap = /unless on \(env\) env:\S+:not_production/;
    const told = recordings.filter(({ record }) => record.endsWith(':told'));
    const readBy = (expr: string) => told.find(({ record }) => expr.startsWith(`${record}{`))?.expr ?? '';
    const capped = (expr: string) => cap.test(expr) || (/(?:severity|told)="critical"/.test(expr) && cap.test(readBy(expr)));
    const uncapped = alerts.filter(({ labels, expr }) => labels['severity'] === 'critical' && !capped(expr));

    expect(told.length).toBeGreaterThan(5);
    expect(told.filter(({ expr }) => expr.includes('"critical"') && !cap.test(expr))).toEqual([]);
    expect(uncapped.map(({ alert }) => alert)).toEqual(['VigieCatalogMissing']);
  });

  test('never name a label of a target', () => {
    const wrong = rules.filter(({ expr }) => /\b(?:instance|job)\b/.test(expr));

    expect(wrong).toEqual([]);
  });

  test('name only metrics that the conventions know', () => {
    const texts = rules.flatMap((rule) =>
      'alert' in rule ? [rule.expr, ...Object.values(rule.annotations).flatMap(queriesOf)] : [rule.expr, rule.record],
    );

    const unknown = texts.flatMap(metricNames).filter((name) => !knownNames.has(name));

    expect(texts.flatMap(metricNames).length).toBeGreaterThan(rules.length);
    expect(unknown).toEqual([]);
  });

  test('record each series under one rule', () => {
    const names = recordings.map(({ record }) => record);

    expect(new Set(names).size).toBe(names.length);
  });

  test('tell of each alert in one family', () => {
    const told = families.flatMap(({ name, groups }) =>
      [...new Set(groups.flatMap((group) => group.rules).flatMap((rule) => ('alert' in rule ? [rule.alert] : [])))].map((alert) => ({
        name,
        alert,
      })),
    );

    expect(new Set(told.map(({ alert }) => alert)).size).toBe(told.length);
  });

  test('NE6: have alerts for each window and severity over which a value may be beyond its bound', () => {
    const held = ['FlowBacklogOutOfBounds', 'FlowUnanswered', 'FlowIndicatorOutOfBounds'];
    const found = alerts
      .filter(({ alert, labels }) => held.includes(alert) && labels['window'] !== undefined)
      .map(({ alert, labels, for: time }) => `${alert} ${labels['severity']} ${labels['window']} ${time}`);

    const wanted = held.flatMap((name) =>
      BOUND_WINDOWS.flatMap((window) => [`${name} critical ${window} ${window}`, `${name} warning ${window} ${window}`]),
    );
    expect(found.toSorted()).toEqual(wanted.toSorted());
  });

  test('NE6: compute values over each window that a bound may name', () => {
    expect(Object.keys(boundValues)).toEqual(BOUND_WINDOWS);
    expect(recordings.map(({ record }) => record)).toEqual(expect.arrayContaining(Object.values(boundValues).map(({ name }) => name)));
  });

  test('NE7, GM10: add traffic up by flow, partner, team and environment, for five minutes, hour, day, week and month', () => {
    const names = recordings.map(({ record }) => record);

    expect(names).toEqual(expect.arrayContaining([...Object.values(traffic), ...Object.values(durations)].map(({ name }) => name)));
    expect(names).toEqual(
      expect.arrayContaining(
        ['flow_env', 'partner_env', 'team_env', 'env'].flatMap((level) =>
          ['5m', '1h', '1d', '7d', '30d'].map((window) => `${level}:flow_messages:sum${window}`),
        ),
      ),
    );
  });

  // promtool evaluates groups that have no place in the list in an order of chance, another one each time.
  test('have tests that say in which order the groups of their rules are evaluated', () => {
    const groupsOf = new Map(families.map(({ name, groups }) => [`../${name}.yml`, groups.map((group) => group.name)]));
    const silent = globSync('alertmanager/rules/tests/*.yml', { cwd: root }).filter((path) => {
      const { rule_files, group_eval_order = [] }: TestFile = parse(readFileSync(join(root, path), 'utf8'), { maxAliasCount: -1 });
      const groups = rule_files.flatMap((file) => groupsOf.get(file) ?? []);
      return groups.length > 1 && groups.some((group) => !group_eval_order.includes(group));
    });

    expect(silent).toEqual([]);
  });

  test('have, for each alert, a test in which it fires and one in which it is silent', () => {
    const cases = globSync('alertmanager/rules/tests/*.yml', { cwd: root }).flatMap((path) =>
      testCases(readFileSync(join(root, path), 'utf8')),
    );
    const names = [...new Set(alerts.map(({ alert }) => alert))];

    const neverFires = names.filter((name) => !cases.some((each) => each.alert === name && each.fires));
    const neverSilent = names.filter((name) => !cases.some((each) => each.alert === name && !each.fires));

    expect(neverFires).toEqual([]);
    expect(neverSilent).toEqual(['VigieWatchdog']);
  });

  test('have a section in docs/tasks/alerts.md for each alert, where the runbook link leads', () => {
    const docs = readFileSync(join(root, 'docs/tasks/alerts.md'), 'utf8');

    const silent = [...new Set(alerts.map(({ alert }) => alert))].filter((name) => !new RegExp(`^#+ ${name}$`, 'm').test(docs));

    expect(silent).toEqual([]);
  });

  test('are files of their families, which say where they are edited', () => {
    const files = renderRules();

    expect(files.map(({ path }) => path)).toEqual(families.map(({ name }) => `alertmanager/rules/${name}.yml`));
    for (const { path, content } of files) {
      expect(content).toMatch(/^# rendered by vigie render; edit src\/rules\//);
      expect(parse(content)).toEqual({ groups: families.find(({ name }) => path.endsWith(`/${name}.yml`))?.groups });
    }
  });
});

/** The expressions that a template of an annotation queries. */
function queriesOf(template: string): string[] {
  return [...template.matchAll(/printf "(?<query>(?:[^"\\]|\\.)*)"[^|}]*\| query/g)].map((match) => match.groups?.['query'] ?? '');
}

interface TestFile {
  readonly rule_files: readonly string[];
  readonly group_eval_order?: readonly string[];
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
    readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
    readonly name: string;
  }[];
}

function testCases(text: string): { alert: string; fires: boolean }[] {
  const { tests }: TestFile = parse(text);
  return tests.flatMap(({ name, alert_rule_test = [], promql_expr_test = [] }) => [
    ...alert_rule_test.map(({ alertname, exp_alerts }) => ({ alert: alertname, fires: exp_alerts.length > 0 })),
    ...promql_expr_test.map(({ exp_samples }) => ({
      alert: name.replace(/^[A-Z0-9]+: /, '').split(' ')[0] ?? '',
      fires: exp_samples.length > 0,
    })),
  ]);
}
