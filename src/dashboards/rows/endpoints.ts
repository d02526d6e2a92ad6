// Endpoints of partners: up or down, why, and for how long their certificates last.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { endpoint } from '../../conventions.js';
import { lines, table, UP } from '../panels.js';
import { ENDPOINT } from '../variables.js';

export function endpoints(dashboard: DashboardBuilder): void {
  const identity = 'endpoint, partner, env, protocol';
  dashboard
    .withRow(new RowBuilder('Endpoints of partners'))
    .withPanel(
      table({
        title: 'Endpoints',
        description: 'Whether each endpoint answers as expected, why not, and when its certificate expires.',
        width: 14,
        height: 8,
        sortBy: ['State', 'Endpoint'],
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
