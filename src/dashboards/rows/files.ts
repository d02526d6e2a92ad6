// File exchanges: what lies in the directories, what is missing or half written, answers that are waited for, and room.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { canary, files, recorded, responses } from '../../conventions.js';
import { goodAtZero, lines, table, UP } from '../panels.js';
import { OF_TEAM, PLACE, SOURCE_OF_TEAM } from '../variables.js';

const FLOWS_OF_TEAM = `and on (flow) ${recorded.flow.name}{team=~"$team"}`;
const PRESENT = { '0': { text: 'missing', color: 'red' }, '1': { text: 'there', color: 'green' } };

export function fileExchanges(dashboard: DashboardBuilder): void {
  const place = 'flow, partner, env, stage';
  dashboard
    .withRow(new RowBuilder('File exchanges'))
    .withPanel(
      table({
        title: 'Directories',
        description: 'Files that are half written, that stay so, and that nobody expected; how much room is left where the server tells.',
        width: 12,
        height: 8,
        sortBy: ['Stalled', 'Directory'],
        queries: [
          `max by (directory, flow, partner, env, stage) (${files.stalled.name}{${PLACE}}) ${OF_TEAM}`,
          `max by (directory, flow, partner, env, stage) (${files.partial.name}{${PLACE}}) ${OF_TEAM}`,
          `max by (directory, flow, partner, env, stage) (${files.unmatched.name}{${PLACE}}) ${OF_TEAM}`,
        ],
        columns: [
          { field: 'directory', title: 'Directory' },
          { field: 'flow', title: 'Flow' },
          { field: 'partner', title: 'Partner' },
          { field: 'env', title: 'Environment', width: 90 },
          { field: 'Value #A', title: 'Stalled', unit: 'short', decimals: 0, thresholds: goodAtZero },
          { field: 'Value #B', title: 'Half written', unit: 'short', decimals: 0 },
          { field: 'Value #C', title: 'Not expected', unit: 'short', decimals: 0, thresholds: goodAtZero },
        ],
      }),
    )
    .withPanel(
      table({
        title: 'Files that are due, and answers',
        description: 'The file of the day: there or missing. What was sent and has no answer yet, and for how long the oldest has waited.',
        width: 12,
        height: 8,
        sortBy: ['File', 'Flow'],
        queries: [
          `max by (${place}, file) (${files.expectedPresent.name}{${PLACE}}) ${OF_TEAM}`,
          `max by (${place}) (${responses.pending.name}{${PLACE}}) ${OF_TEAM}`,
          `time() - (max by (${place}) (${responses.oldest.name}{${PLACE}}) > 0) ${OF_TEAM}`,
          `sum by (${place}) (max by (${place}, path, outcome) (increase(${responses.total.name}{${PLACE}, outcome!="ok"}[24h]))) ${OF_TEAM}`,
        ],
        columns: [
          { field: 'flow', title: 'Flow' },
          { field: 'partner', title: 'Partner' },
          { field: 'stage', title: 'Stage' },
          { field: 'file', title: 'File' },
          { field: 'Value #A', title: 'Due file', texts: PRESENT, width: 90 },
          { field: 'Value #B', title: 'Unanswered', unit: 'short', decimals: 0 },
          { field: 'Value #C', title: 'Oldest', unit: 's', decimals: 0 },
          { field: 'Value #D', title: 'Rejected, 24 h', unit: 'short', decimals: 0, thresholds: goodAtZero },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Files that arrive and leave, per hour',
        description: 'Arrivals (above) and departures of files, as seen from look to look. Arrivals without departures: nobody fetches.',
        width: 10,
        height: 8,
        queries: [
          {
            expr: `3600 * sum by (flow, stage) (max by (${place}, path) (rate(${files.arrived.name}{${PLACE}}[$__rate_interval]))) ${FLOWS_OF_TEAM}`,
            legend: '{{flow}} {{stage}} arrived',
          },
          {
            expr: `3600 * sum by (flow, stage) (max by (${place}, path) (rate(${files.departed.name}{${PLACE}}[$__rate_interval]))) ${FLOWS_OF_TEAM}`,
            legend: '{{flow}} {{stage}} left',
          },
        ],
        unit: 'short',
      }),
    )
    .withPanel(
      table({
        title: 'Round trip and room',
        description:
          'Whether a file of our own makes its round trip (canary), and the share of bytes and inodes that is left where the server tells.',
        width: 14,
        height: 8,
        sortBy: ['Round trip', 'Source'],
        queries: [
          `max by (source, kind) (${canary.up.name}) ${SOURCE_OF_TEAM}`,
          `sum by (source, kind) (max by (source, kind, step) (${canary.duration.name})) ${SOURCE_OF_TEAM}`,
          `max by (source, kind, directory) (${files.spaceFree.name}) / (max by (source, kind, directory) (${files.space.name}) > 0) ${SOURCE_OF_TEAM}`,
          `max by (source, kind, directory) (${files.inodesFree.name}) / (max by (source, kind, directory) (${files.inodes.name}) > 0) ${SOURCE_OF_TEAM}`,
        ],
        columns: [
          { field: 'source', title: 'Source' },
          { field: 'kind', title: 'Kind', width: 70 },
          { field: 'Value #A', title: 'Round trip', texts: UP, width: 90 },
          { field: 'Value #B', title: 'Took', unit: 's' },
          { field: 'directory', title: 'Directory' },
          { field: 'Value #C', title: 'Room left', unit: 'percentunit', decimals: 0 },
          { field: 'Value #D', title: 'Inodes left', unit: 'percentunit', decimals: 0 },
        ],
      }),
    );
}
