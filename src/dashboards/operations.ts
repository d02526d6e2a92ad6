// "Vigie: operations": one view of all flows and partners, from the traffic lights down to the exporters. GM1, GM2, NE-D2.

import { DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { endpoints } from './rows/endpoints.js';
import { fileExchanges } from './rows/files.js';
import { flows } from './rows/flows.js';
import { now } from './rows/now.js';
import { stages } from './rows/stages.js';
import { waiting } from './rows/waiting.js';
import { watchers } from './rows/watchers.js';
import * as variables from './variables.js';

export function operations(): Dashboard {
  const dashboard = new DashboardBuilder('Vigie: operations')
    .uid('vigie-operations')
    .description('All flows with all partners: what passes, what waits, who is down, what files lie where, and how the watchers fare.')
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
  fileExchanges(dashboard);
  watchers(dashboard);
  return dashboard.build();
}
