// Endpoints: up or down from each site, why, how long certificates last, and logins that are held back.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { credentials, endpoint, probing, recorded } from '../../conventions.js';
import { goodAtZero, lines, PAUSED, table, UP, type Column } from '../panels.js';
import { ENDPOINT, SOURCE_OF_TEAM } from '../variables.js';

const DAYS: Pick<Column, 'unit' | 'decimals' | 'thresholds'> = {
  unit: 'none',
  decimals: 0,
  thresholds: [
    { value: null, color: 'red' },
    { value: 7, color: 'orange' },
    { value: 21, color: 'green' },
  ],
};

export function endpoints(dashboard: DashboardBuilder): void {
  const identity = 'endpoint, partner, env, site, protocol, origin';
  dashboard
    .withRow(new RowBuilder('Endpoints'))
    .withPanel(
      table({
        title: 'Endpoints',
        description:
          'Whether each endpoint answers as expected from each site, why not, and on whose side to look first. The page /probes of its exporter shows what the last probes did and saw.',
        width: 24,
        height: 9,
        sortBy: ['State', 'Endpoint', 'Site'],
        queries: [
          `max by (${identity}) (${endpoint.up.name}{${ENDPOINT}})`,
          `sum by (${identity}) (max by (${identity}, phase) (${endpoint.duration.name}{${ENDPOINT}}))`,
          `max by (${identity}) (${endpoint.status.name}{${ENDPOINT}})`,
          `(min by (${identity}) (${endpoint.certificateExpiry.name}{${ENDPOINT}}) - time()) / 86400`,
          `(min by (${identity}) (${endpoint.chainExpiry.name}{${ENDPOINT}}) - time()) / 86400`,
          `max by (${identity}, phase, reason) (${endpoint.failure.name}{${ENDPOINT}})`,
          `avg by (${identity}) (avg_over_time(${recorded.endpointUp.name}{${ENDPOINT}}[24h]))`,
        ],
        columns: [
          { field: 'endpoint', title: 'Endpoint' },
          { field: 'partner', title: 'Partner' },
          { field: 'env', title: 'Environment', width: 90 },
          { field: 'site', title: 'Site', width: 90 },
          { field: 'protocol', title: 'Protocol', width: 80 },
          { field: 'origin', title: 'Side', width: 80 },
          { field: 'Value #A', title: 'State', texts: UP, width: 80 },
          { field: 'phase', title: 'Failed in' },
          { field: 'reason', title: 'Reason' },
          { field: 'Value #B', title: 'Last probe', unit: 's' },
          { field: 'Value #C', title: 'HTTP status', unit: 'none' },
          { field: 'Value #D', title: 'Certificate, days left', ...DAYS },
          { field: 'Value #E', title: 'Chain, days left', ...DAYS },
          { field: 'Value #G', title: 'Up, 24 h', unit: 'percentunit', decimals: 1 },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Time of probes, by phase',
        description: 'Where the time of a probe goes: resolving the name, connecting, TLS, waiting for the answer.',
        width: 9,
        height: 8,
        queries: [{ expr: `max by (endpoint, phase) (${endpoint.duration.name}{${ENDPOINT}})`, legend: '{{endpoint}} {{phase}}' }],
        unit: 's',
      }),
    )
    .withPanel(
      lines({
        title: 'Failed probes per hour, by reason',
        description: 'Each probe that failed, also those that a second one did not confirm. Empty while all is well.',
        width: 8,
        height: 8,
        queries: [
          {
            expr: `3600 * sum by (endpoint, phase, reason) (max by (endpoint, partner, env, site, protocol, phase, reason) (rate(${endpoint.failures.name}{${ENDPOINT}}[$__rate_interval]))) > 0`,
            legend: '{{endpoint}} {{phase}} {{reason}}',
          },
        ],
        unit: 'short',
      }),
    )
    .withPanel(
      table({
        title: 'Logins',
        description:
          'Accounts whose password or key was refused: no login is tried before the time shown, so that the account is not locked. And credentials of which the YAML says when they expire.',
        width: 7,
        height: 8,
        sortBy: ['Login', 'Source'],
        queries: [
          `max by (source, kind, account) (${probing.loginPaused.name}) ${SOURCE_OF_TEAM}`,
          `max by (source, kind, account) (${probing.loginRejections.name}) ${SOURCE_OF_TEAM}`,
          `max by (source, kind, account) (${probing.loginRetry.name} > 0) - time() ${SOURCE_OF_TEAM}`,
          `(min by (source, kind, credential) (${credentials.expiry.name}) - time()) / 86400 ${SOURCE_OF_TEAM}`,
        ],
        columns: [
          { field: 'source', title: 'Source' },
          { field: 'account', title: 'Of' },
          { field: 'Value #A', title: 'Login', texts: PAUSED, width: 70 },
          { field: 'Value #B', title: 'Refused', unit: 'short', decimals: 0, thresholds: goodAtZero, width: 70 },
          { field: 'Value #C', title: 'Next try in', unit: 's', decimals: 0 },
          { field: 'credential', title: 'Credential' },
          { field: 'Value #D', title: 'Days left', ...DAYS },
        ],
      }),
    );
}
