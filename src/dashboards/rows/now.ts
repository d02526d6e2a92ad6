// Traffic lights, the technical and the functional state apart, and the alerts that fire. IR6.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { intended, own, recorded } from '../../conventions.js';
import { goodAtZero, light, table } from '../panels.js';
import { ENDPOINT, FIRST_STAGE, FLOW, MESSAGES, OF_TEAM, PLACE, SOURCE_OF_TEAM } from '../variables.js';

const CALM = [{ value: null, color: 'blue' }];

/** What concerns no flow or environment in particular concerns each of them. */
const FIRING = `ALERTS{alertstate="firing", severity!="none", team=~"$team", env=~"$env|", flow=~"$flow|", partner=~"$partner|"}`;

export function now(dashboard: DashboardBuilder): void {
  const size = { width: 4, height: 4 };
  const state = { width: 12, height: 3 };
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
        expr: `count(group by (flow, env) (${recorded.outOfBounds.name}{${PLACE}, indicator=~"backlog|backlog_age"}) ${OF_TEAM}) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      light({
        ...size,
        title: 'Endpoints down',
        description: 'Endpoints that do not answer as expected from any site.',
        expr: `count(max by (endpoint, env, protocol) (${recorded.endpointUp.name}{${ENDPOINT}}) == 0) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      light({
        ...size,
        title: 'Messages per hour',
        description: 'Messages that entered their flow (passed its first stage), at the pace of the last 5 minutes.',
        expr: `3600 * sum(${MESSAGES} ${FIRST_STAGE} ${OF_TEAM})`,
        unit: 'short',
        thresholds: CALM,
      }),
    )
    .withPanel(
      light({
        ...state,
        title: 'Technical state: flows disturbed',
        description:
          'Flows of which something they need does not work: their endpoints, those of their partners, or a source that observes them. Of how their messages fare the other light tells.',
        expr: `count(${recorded.technical.name}{${FLOW}} == 0 ${OF_TEAM}) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      light({
        ...state,
        title: 'Functional state: flows disturbed',
        description:
          'Flows whose messages do not pass as they should: a backlog out of bounds, more than 5 % errors, or messages that wait while none passes. Of what they run on the other light tells.',
        expr: `count(${recorded.functional.name}{${FLOW}} == 0 ${OF_TEAM}) or vector(0)`,
        unit: 'short',
        thresholds: goodAtZero,
      }),
    )
    .withPanel(
      table({
        title: 'Alerts that fire',
        description: 'What is wrong now, on whose side (origin), and how high it has been escalated (level).',
        width: 24,
        height: 6,
        sortBy: ['Severity', 'Alert'],
        queries: [FIRING],
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
          { field: 'endpoint', title: 'Endpoint' },
          { field: 'site', title: 'Site' },
        ],
      }),
    );
}
