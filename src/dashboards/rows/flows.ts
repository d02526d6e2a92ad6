// All flows: with whom, which way, and stage by stage. GM1.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { intended, observed, recorded } from '../../conventions.js';
import { goodAtZero, matrix, STATE, table, type Column } from '../panels.js';
import { BACKLOG, FIRST_STAGE, FLOW, MESSAGES, OF_TEAM, PLACE } from '../variables.js';

const focus: NonNullable<Column['link']> = {
  title: 'Only this flow',
  url: '/d/vigie-operations?${__url_time_range}&${datasource:queryparam}&${env:queryparam}&var-flow=${__data.fields.Flow}',
};

export function flows(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Flows'))
    .withPanel(
      matrix({
        title: 'Partners by direction',
        description:
          'Messages per hour that entered their flow, at the pace of the last 5 minutes: with whom, and which way. An empty field: no such flow.',
        width: 17,
        height: 10,
        expr: `
          3600 * sum by (partner, direction) (
            sum by (flow, partner, env) (${MESSAGES} ${FIRST_STAGE})
            * on (flow, env) group_left (direction) ${recorded.flow.name}{team=~"$team"}
          )`,
        row: 'partner',
        column: 'direction',
        unit: 'short',
      }),
    )
    .withPanel(
      table({
        title: 'State of flows',
        description:
          'Technical: whether what the flow needs works (endpoints, those of its partners, sources). Functional: whether its messages pass. One without the other tells where to look.',
        width: 7,
        height: 10,
        sortBy: ['Functional', 'Technical', 'Flow'],
        queries: [
          `max by (flow, env) (${recorded.technical.name}{${FLOW}}) ${OF_TEAM}`,
          `max by (flow, env) (${recorded.functional.name}{${FLOW}}) ${OF_TEAM}`,
        ],
        columns: [
          { field: 'flow', title: 'Flow', link: focus },
          { field: 'env', title: 'Environment', width: 90 },
          { field: 'Value #A', title: 'Technical', texts: STATE, width: 90 },
          { field: 'Value #B', title: 'Functional', texts: STATE, width: 90 },
        ],
      }),
    )
    .withPanel(
      table({
        title: 'Flows by stage',
        description:
          'Each flow in the order of its stages, over the chosen partners. Click on a flow to see it alone; its runbook says what to do when it fails.',
        width: 24,
        height: 10,
        sortBy: ['Flow', 'Environment', '#'],
        queries: [
          `max by (flow, env, stage) (${intended.stage.name}{${FLOW}})\n* on (flow, env) group_left (title, team, criticality, runbook_url) ${recorded.flow.name}{team=~"$team"}`,
          `3600 * sum by (flow, env, stage) (${MESSAGES} ${OF_TEAM})`,
          `3600 * sum by (flow, env, stage) (${recorded.failingRate.name}{${PLACE}} ${OF_TEAM} or 0 * ${MESSAGES} ${OF_TEAM})`,
          `time() - (max by (flow, env, stage) (${observed.last_message.name}{${PLACE}} ${OF_TEAM}) > 0)`,
          `sum by (flow, env, stage) (${BACKLOG})`,
          `time() - min by (flow, env, stage) (${observed.backlog_oldest.name}{${PLACE}} > 0 ${OF_TEAM})`,
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
