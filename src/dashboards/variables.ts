// The variables that dashboards share, and the filters that queries make of them.

import { DatasourceVariableBuilder, QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { intended, recorded } from '../conventions.js';
import { DATASOURCE } from './finish.js';

export function datasource(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that scrapes the fleet.')
    .type('prometheus')
    .current({ text: 'Prometheus', value: 'prometheus', selected: true });
}

export function env(): QueryVariableBuilder {
  return choice('env', 'Environment', `label_values(${intended.environment.name}, env)`);
}

export function team(): QueryVariableBuilder {
  return choice('team', 'Team', `label_values({__name__=~"${intended.flow.name}|${intended.sourceExpected.name}"}, team)`);
}

export function flow(): QueryVariableBuilder {
  return choice('flow', 'Flow', `label_values(${intended.flow.name}{env=~"$env", team=~"$team"}, flow)`);
}

export function partner(): QueryVariableBuilder {
  return choice('partner', 'Partner', `label_values(${intended.partner.name}{env=~"$env", flow=~"$flow"}, partner)`);
}

/** "All" is `.*` rather than the list of all values: ten thousand flows make no regular expression. */
function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return (
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(DATASOURCE)
      .query(query)
      .definition(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      // oxlint-disable-next-line unicorn/no-array-sort -- the order of the choices; this is no array
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      .allValue('.*')
      .current({ text: ['All'], value: ['$__all'], selected: true })
  );
}

/** Selector of series that carry the identity of a place. */
export const PLACE = 'env=~"$env", flow=~"$flow", partner=~"$partner"';
/** Selector of series of a flow as a whole. */
export const FLOW = 'env=~"$env", flow=~"$flow"';
/** Keeps the flows of the chosen teams. */
export const OF_TEAM = `and on (flow, env) ${recorded.flow.name}{team=~"$team"}`;
/** Keeps the sources of the chosen teams and environments. */
export const SOURCE_OF_TEAM = `and on (source) ${recorded.sourceOwner.name}{team=~"$team", env=~"$env"}`;
/** Selector of endpoints: those of no flow in particular are there whatever flow is chosen. */
export const ENDPOINT = 'env=~"$env", partner=~"$partner", flow=~"$flow|"';
/** Messages per second, by place. */
export const MESSAGES = `${recorded.stageRate.name}{${PLACE}}`;
/** Keeps what passes the first stage: a message counts once, when it enters its flow. */
export const FIRST_STAGE = `and on (flow, env, stage) (${intended.stage.name} == 1)`;
/** Messages that wait, by place. */
export const BACKLOG = `${recorded.backlog.name}{${PLACE}} ${OF_TEAM}`;
