// The exporters themselves: how each source fares.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleet, own } from '../../conventions.js';
import { goodAtZero, lines, table, UP } from '../panels.js';
import { SOURCE_OF_TEAM } from '../variables.js';

export function watchers(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('The watchers'))
    .withPanel(
      table({
        title: 'Sources',
        description: 'How each source fares. While one is down, what it observes is unknown: neither late nor in order.',
        width: 14,
        height: 9,
        sortBy: ['State', 'Source'],
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
          'Empty while all is well. refused, dns, unreachable, timeout: the other side or the network. auth, host_key, tls, permission: we are refused. config, secret, syntax, schema: our side.',
        width: 10,
        height: 9,
        queries: [
          {
            expr: `3600 * sum by (source, phase, class) (rate(${own.errors.name}[$__rate_interval])) > 0 ${SOURCE_OF_TEAM}`,
            legend: '{{source}} {{phase}} {{class}}',
          },
        ],
        unit: 'short',
      }),
    );
}
