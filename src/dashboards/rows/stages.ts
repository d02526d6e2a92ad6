// A flow from end to end: rate, errors and duration of each stage. GM2. From a duration to the lines and the trace of one message. GM4, CE5.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { observed, recorded } from '../../conventions.js';
import { lines } from '../panels.js';
import { MESSAGES, OF_TEAM, PLACE } from '../variables.js';

const duration = (quantile: number) => `
  histogram_quantile(${quantile}, sum by (flow, stage, le) (
    max by (flow, partner, env, stage, path, le) (rate(${observed.duration.name}_bucket{${PLACE}}[$__rate_interval])) ${OF_TEAM}
  ))`;

export function stages(dashboard: DashboardBuilder): void {
  const size = { width: 8, height: 9 };
  dashboard
    .withRow(new RowBuilder('From end to end'))
    .withPanel(
      lines({
        ...size,
        title: 'Messages per hour, by stage',
        description: 'Stages that run apart show where messages stay behind: what is received and not processed waits, or was rejected.',
        queries: [{ expr: `3600 * sum by (flow, stage) (${MESSAGES} ${OF_TEAM})`, legend: '{{flow}} {{stage}}' }],
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
            expr: `3600 * sum by (flow, stage, outcome) (${recorded.failingRate.name}{${PLACE}} ${OF_TEAM})`,
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
          'Half of the messages are faster than p50, nine in ten faster than p90. When p90 leaves p50 behind, some messages have a hard time.' +
          ' A dot is one of them: it leads to its lines in the log store, and to its trace.',
        queries: [
          { expr: duration(0.5), legend: '{{flow}} {{stage}} p50' },
          { expr: duration(0.9), legend: '{{flow}} {{stage}} p90', exemplars: true },
        ],
        unit: 's',
      }),
    );
}
