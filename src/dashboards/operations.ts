// "Vigie: operations": one view of all flows and partners, from the traffic lights down to the exporters. GM1, GM2, NE-D2.

import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  RowBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { endpoint, fleet, intended, observed, own, recorded } from '../conventions.js';
import { goodAtZero, light, lines, matrix, table, type Column } from './panels.js';
import * as variables from './variables.js';
import { FLOW, OF_TEAM, PLACE, SOURCE_OF_TEAM } from './variables.js';

const CALM = [{ value: null, color: 'blue' }];
const UP = { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } };
const ENDPOINT = 'env=~"$env", partner=~"$partner"';

// What concerns no flow or environment in particular concerns each of them.
const firing = `ALERTS{alertstate="firing", severity!="none", team=~"$team", env=~"$env|", flow=~"$flow|", partner=~"$partner|"}`;
const messages = `${recorded.messageRate.name}{${PLACE}}`;
const backlog = `${recorded.backlog.name}{${PLACE}} ${OF_TEAM}`;
const atFirstStage = `and on (flow, env, stage) (${intended.stage.name} == 1)`;

export function operations(): Dashboard {
  const dashboard = new DashboardBuilder('Vigie: operations')
    .uid('vigie-operations')
    .description('All flows with all partners: what passes, what waits, who is down, and how the watchers fare.')
    .tags(['vigie'])
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(variables.datasource())
    .withVariable(variables.env())
    .withVariable(variables.team())
    .withVariable(variables.flow())
    .withVariable(variables.partner())
    .link(new DashboardLinkBuilder('Vigie dashboards').tags(['vigie']).asDropdown(true).includeVars(true).keepTime(true));
  now(dashboard);
  flows(dashboard);
  stages(dashboard);
  waiting(dashboard);
  endpoints(dashboard);
  watchers(dashboard);
  return dashboard.build();
}

function now(dashboard: DashboardBuilder): void {
  const size = { width: 4, height: 4 };
  dashboard
    .withRow(new RowBuilder('Now'))
    .withPanel(
      light({
        ...size,
        title: 'Critical alerts',
        description: 'Critical alerts that fire now. The table below names them, with what to do.',
        expr: `count(ALERTS{alertstate="firing", severity="critical", team=~"$team", env=~"$env|"}) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      light({
        ...size,
        title: 'Sources up',
        description:
          'Share of the sources that are read with success. Below 100 % something is not seen: the table at the bottom tells which.',
        expr: `avg(max by (source) (${own.sourceUp.name}) ${SOURCE_OF_TEAM})`,
        unit: 'percentunit',
        thresholds: [
          { value: null, color: 'red' },
          { value: 1, color: 'green' },
        ],
      }),
    )
    .withPanel(
      light({
        ...size,
        title: 'Exporters missing',
        description: 'Sources that the YAML declares and of which Prometheus has no exporter.',
        expr: `count(group by (source) (${intended.sourceExpected.name}{team=~"$team", env=~"$env"}) unless on (source) ${own.sourceUp.name}) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      light({
        ...size,
        title: 'Flows with a backlog out of bounds',
        description: 'Flows of which messages wait, at some stage and for some partner, beyond the bound in the YAML.',
        expr: `count(group by (flow, env) (${recorded.backlogOutOfBounds.name}{${PLACE}}) ${OF_TEAM}) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      light({
        ...size,
        title: 'Endpoints down',
        description: 'Endpoints of partners that do not answer as expected.',
        expr: `count(max by (endpoint, env) (${endpoint.up.name}{${ENDPOINT}}) == 0) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      light({
        ...size,
        title: 'Messages per hour',
        description: 'Messages that entered their flow (passed its first stage), at the pace of the last 5 minutes.',
        expr: `3600 * sum(${messages} ${atFirstStage} ${OF_TEAM})`,
        unit: 'short',
        thresholds: CALM,
      }),
    )
    .withPanel(
      table({
        title: 'Alerts that fire',
        description: 'What is wrong now, on whose side (origin), and how high it has been escalated (level).',
        width: 24,
        height: 6,
        queries: [firing],
        columns: [
          { field: 'severity', title: 'Severity', width: 90 },
          { field: 'alertname', title: 'Alert' },
          { field: 'level', title: 'Level', width: 70 },
          { field: 'origin', title: 'Origin' },
          { field: 'env', title: 'Environment' },
          { field: 'team', title: 'Team' },
          { field: 'flow', title: 'Flow' },
          { field: 'partner', title: 'Partner' },
          { field: 'stage', title: 'Stage' },
          { field: 'source', title: 'Source' },
        ],
      }),
    );
}

const focus: NonNullable<Column['link']> = {
  title: 'Only this flow',
  url: '/d/vigie-operations?${__url_time_range}&${datasource:queryparam}&${env:queryparam}&var-flow=${__data.fields.Flow}',
};

function flows(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Flows'))
    .withPanel(
      matrix({
        title: 'Partners by direction',
        description:
          'Messages per hour that entered their flow, at the pace of the last 5 minutes: with whom, and which way. An empty field: no such flow.',
        width: 7,
        height: 10,
        expr: `
          3600 * sum by (partner, direction) (
            sum by (flow, partner, env) (${messages} ${atFirstStage})
            * on (flow, env) group_left (direction) ${recorded.flow.name}{team=~"$team"}
          )`,
        row: 'partner',
        column: 'direction',
        unit: 'short',
      }),
    )
    .withPanel(
      table({
        title: 'Flows by stage',
        description:
          'Each flow in the order of its stages, over the chosen partners. Click on a flow to see it alone; its runbook says what to do when it fails.',
        width: 17,
        height: 10,
        queries: [
          `max by (flow, env, stage) (${intended.stage.name}{${FLOW}})\n* on (flow, env) group_left (title, team, criticality, runbook_url) ${recorded.flow.name}{team=~"$team"}`,
          `3600 * sum by (flow, env, stage) (${messages} ${OF_TEAM})`,
          `3600 * sum by (flow, env, stage) (${recorded.messageRate.name}{${PLACE}, outcome!="ok"} ${OF_TEAM})`,
          `time() - (max by (flow, env, stage) (${observed.last_message.name}{${PLACE}} ${OF_TEAM}) > 0)`,
          `sum by (flow, env, stage) (${backlog})`,
          `time() - min by (flow, env, stage) (${recorded.backlogOldest.name}{${PLACE}} ${OF_TEAM})`,
        ],
        columns: [
          { field: 'flow', title: 'Flow', link: focus },
          { field: 'env', title: 'Environment', width: 90 },
          { field: 'Value #A', title: '#', unit: 'none', width: 40 },
          { field: 'stage', title: 'Stage' },
          { field: 'Value #B', title: 'Messages/h', unit: 'short', decimals: 0 },
          { field: 'Value #C', title: 'Errors and rejects/h', unit: 'short', decimals: 0, thresholds: goodAtZero },
          { field: 'Value #D', title: 'Last message', unit: 's', decimals: 0 },
          { field: 'Value #E', title: 'Waiting', unit: 'short', decimals: 0 },
          { field: 'Value #F', title: 'Oldest waiting', unit: 's', decimals: 0 },
          { field: 'team', title: 'Team' },
          { field: 'criticality', title: 'Criticality', width: 80 },
          { field: 'runbook_url', title: 'Runbook', link: { title: 'What to do', url: '${__value.raw}' } },
        ],
      }),
    );
}

function stages(dashboard: DashboardBuilder): void {
  const size = { width: 8, height: 9 };
  const duration = (quantile: number) => `
    histogram_quantile(${quantile}, sum by (flow, stage, le) (
      max by (flow, partner, env, stage, path, le) (rate(${observed.duration.name}_bucket{${PLACE}}[$__rate_interval])) ${OF_TEAM}
    ))`;
  dashboard
    .withRow(new RowBuilder('From end to end'))
    .withPanel(
      lines({
        ...size,
        title: 'Messages per hour, by stage',
        description: 'Stages that run apart show where messages stay behind: what is received and not processed waits, or was rejected.',
        queries: [{ expr: `3600 * sum by (flow, stage) (${messages} ${OF_TEAM})`, legend: '{{flow}} {{stage}}' }],
        unit: 'short',
      }),
    )
    .withPanel(
      lines({
        ...size,
        title: 'Errors and rejects per hour, by stage',
        description: 'Messages that a stage failed on (error: mostly our side) or refused (rejected: mostly what the partner sent).',
        queries: [
          {
            expr: `3600 * sum by (flow, stage, outcome) (${recorded.messageRate.name}{${PLACE}, outcome!="ok"} ${OF_TEAM})`,
            legend: '{{flow}} {{stage}} {{outcome}}',
          },
        ],
        unit: 'short',
      }),
    )
    .withPanel(
      lines({
        ...size,
        title: 'Time to pass a stage: p50 and p90',
        description:
          'Half of the messages are faster than p50, nine in ten faster than p90. When p90 leaves p50 behind, some messages have a hard time.',
        queries: [
          { expr: duration(0.5), legend: '{{flow}} {{stage}} p50' },
          { expr: duration(0.9), legend: '{{flow}} {{stage}} p90' },
        ],
        unit: 's',
      }),
    );
}

function waiting(dashboard: DashboardBuilder): void {
  const size = { width: 12, height: 8 };
  dashboard
    .withRow(new RowBuilder('What waits'))
    .withPanel(
      lines({
        ...size,
        title: 'Messages waiting, and their bounds',
        description: 'By flow, stage and partner. The bounds hold for each stage and partner alone.',
        queries: [
          { expr: backlog, legend: '{{flow}} {{stage}} {{partner}}' },
          {
            expr: `max by (flow, severity) (${intended.bound.name}{${FLOW}, indicator="backlog"} ${OF_TEAM})`,
            legend: '{{flow}} bound: {{severity}}',
          },
        ],
        unit: 'short',
      }),
    )
    .withPanel(
      lines({
        ...size,
        title: 'Age of the oldest message waiting',
        description: 'A line that climbs as fast as time passes: the same message has been waiting all along, so nothing leaves.',
        queries: [{ expr: `time() - ${recorded.backlogOldest.name}{${PLACE}} ${OF_TEAM}`, legend: '{{flow}} {{stage}} {{partner}}' }],
        unit: 's',
      }),
    );
}

function endpoints(dashboard: DashboardBuilder): void {
  const identity = 'endpoint, partner, env, protocol';
  dashboard
    .withRow(new RowBuilder('Endpoints of partners'))
    .withPanel(
      table({
        title: 'Endpoints',
        description: 'Whether each endpoint answers as expected, why not, and when its certificate expires.',
        width: 14,
        height: 8,
        queries: [
          `max by (${identity}) (${endpoint.up.name}{${ENDPOINT}})`,
          `sum by (${identity}) (max by (${identity}, phase) (${endpoint.duration.name}{${ENDPOINT}}))`,
          `max by (${identity}) (${endpoint.status.name}{${ENDPOINT}})`,
          `(min by (${identity}) (${endpoint.certificateExpiry.name}{${ENDPOINT}}) - time()) / 86400`,
          `max by (${identity}, phase, reason) (${endpoint.failure.name}{${ENDPOINT}})`,
        ],
        columns: [
          { field: 'endpoint', title: 'Endpoint' },
          { field: 'partner', title: 'Partner' },
          { field: 'env', title: 'Environment', width: 90 },
          { field: 'Value #A', title: 'State', texts: UP, width: 80 },
          { field: 'Value #B', title: 'Last probe', unit: 's' },
          { field: 'Value #C', title: 'HTTP status', unit: 'none' },
          {
            field: 'Value #D',
            title: 'Certificate, days left',
            unit: 'none',
            decimals: 0,
            thresholds: [
              { value: null, color: 'red' },
              { value: 7, color: 'orange' },
              { value: 30, color: 'green' },
            ],
          },
          { field: 'phase', title: 'Failed in' },
          { field: 'reason', title: 'Reason' },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Time of probes, by phase',
        description: 'Where the time of a probe goes: resolving the name, connecting, TLS, waiting for the answer.',
        width: 10,
        height: 8,
        queries: [{ expr: `max by (endpoint, phase) (${endpoint.duration.name}{${ENDPOINT}})`, legend: '{{endpoint}} {{phase}}' }],
        unit: 's',
      }),
    );
}

function watchers(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('The watchers'))
    .withPanel(
      table({
        title: 'Sources',
        description: 'How each source fares. While one is down, what it observes is unknown: neither late nor in order.',
        width: 14,
        height: 9,
        queries: [
          `max by (source, kind) (${own.sourceUp.name}) ${SOURCE_OF_TEAM}`,
          `time() - (min by (source, kind) (${own.lastSuccess.name}) > 0 ${SOURCE_OF_TEAM})`,
          `max by (source, kind) (${own.collectDuration.name}) ${SOURCE_OF_TEAM}`,
          `sum by (source, kind) (increase(${own.errors.name}[1h])) ${SOURCE_OF_TEAM}`,
          `max by (source, kind) (${own.series.name}) ${SOURCE_OF_TEAM}`,
          `sum by (source, kind) (increase(${own.undeclared.name}[1h])) ${SOURCE_OF_TEAM}`,
          `sum by (source, kind) (increase(${fleet.restarts.name}[1h])) ${SOURCE_OF_TEAM}`,
        ],
        columns: [
          { field: 'source', title: 'Source' },
          { field: 'kind', title: 'Kind', width: 70 },
          { field: 'Value #A', title: 'State', texts: UP, width: 70 },
          { field: 'Value #B', title: 'Last success', unit: 's', decimals: 0 },
          { field: 'Value #C', title: 'Slowest part', unit: 's' },
          { field: 'Value #D', title: 'Errors, 1 h', unit: 'short', decimals: 0, thresholds: goodAtZero },
          { field: 'Value #E', title: 'Series', unit: 'short' },
          { field: 'Value #F', title: 'Undeclared, 1 h', unit: 'short', decimals: 0, thresholds: goodAtZero },
          { field: 'Value #G', title: 'Restarts, 1 h', unit: 'short', decimals: 0, thresholds: goodAtZero },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Errors per hour, by class',
        description:
          'refused, dns, unreachable, timeout: the other side or the network. auth, host_key, tls, permission: we are refused. config, secret, syntax, schema: our side.',
        width: 10,
        height: 9,
        queries: [
          {
            expr: `3600 * sum by (source, phase, class) (rate(${own.errors.name}[$__rate_interval])) ${SOURCE_OF_TEAM}`,
            legend: '{{source}} {{phase}} {{class}}',
          },
        ],
        unit: 'short',
      }),
    );
}
