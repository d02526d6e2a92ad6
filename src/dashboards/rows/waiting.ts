// What waits, how much and for how long.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { intended, observed } from '../../conventions.js';
import { lines } from '../panels.js';
import { BACKLOG, FLOW, OF_TEAM, PLACE } from '../variables.js';

export function waiting(dashboard: DashboardBuilder): void {
  const size = { width: 12, height: 8 };
  dashboard
    .withRow(new RowBuilder('What waits'))
    .withPanel(
      lines({
        ...size,
        title: 'Messages waiting, and their bounds',
        description: 'By flow, stage and partner. The bounds hold for each stage and partner alone.',
        queries: [
          { expr: BACKLOG, legend: '{{flow}} {{stage}} {{partner}}' },
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
        queries: [
          {
            expr: `time() - min by (flow, stage, partner) (${observed.backlog_oldest.name}{${PLACE}} > 0 ${OF_TEAM})`,
            legend: '{{flow}} {{stage}} {{partner}}',
          },
        ],
        unit: 's',
      }),
    );
}
