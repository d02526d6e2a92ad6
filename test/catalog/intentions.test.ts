// What is declared is exported, all of it, and nothing twice.

import { intended } from '../../src/conventions.js';
import { config, declared, faults, flow, source, written } from './fixtures.js';

const recette = { name: 'recette', title: 'Recette', production: false, calendar: undefined };
const prod = { name: 'prod', title: 'Production', production: true, calendar: undefined };

test('EN1: every environment is declared, and whether it is production', () => {
  const observations = declared(config({ environments: [prod, recette] }));

  expect(written(observations, intended.environment.name)).toEqual([
    'vigie_environment_info{env=prod,title=Production,production=true} 1',
    'vigie_environment_info{env=recette,title=Recette,production=false} 1',
  ]);
});

test('EN1: a flow exists once in each environment it runs in, with everything that describes it', () => {
  const observations = declared(config({ environments: [prod, recette], flows: [flow({ environments: ['prod', 'recette'] })] }));

  const described =
    'team=flux,criticality=high,direction=inbound,calendar=bureau-ch,title=Factures TGE,runbook_url=https://wiki.example.org/tge';
  expect(written(observations, intended.flow.name)).toEqual([
    `flow_info{flow=factures-tge,env=prod,${described}} 1`,
    `flow_info{flow=factures-tge,env=recette,${described}} 1`,
  ]);
});

test('the calendar of the environment holds in place of that of the flow', () => {
  const observations = declared(
    config({
      environments: [prod, { ...recette, calendar: 'jour' }],
      flows: [
        flow({ environments: ['prod', 'recette'], runbook: undefined }),
        flow({ name: 'libre', calendar: undefined, runbook: undefined }),
      ],
    }),
  );

  const calendars = observations
    .filter(({ metric }) => metric === intended.flow)
    .map(({ labels }) => [labels['flow'], labels['env'], labels['calendar']]);
  expect(calendars).toEqual([
    ['factures-tge', 'prod', 'bureau-ch'],
    ['factures-tge', 'recette', 'jour'],
    ['libre', 'prod', undefined],
  ]);
});

test('stages are numbered in their order, partners carry the direction and their title', () => {
  const observations = declared(config());

  expect(written(observations, intended.stage.name)).toEqual([
    'flow_stage_info{flow=factures-tge,env=prod,stage=received,origin=partner} 1',
    'flow_stage_info{flow=factures-tge,env=prod,stage=processed,origin=internal} 2',
  ]);
  expect(written(observations, intended.partner.name)).toEqual([
    'flow_partner_info{flow=factures-tge,partner=chuv,env=prod,direction=inbound,title=CHUV} 1',
    'flow_partner_info{flow=factures-tge,partner=hug,env=prod,direction=inbound,title=HUG} 1',
  ]);
});

test('IR6: which source observes which flow', () => {
  const sources = [source({ observes: ['factures-tge', 'libre'] }), source({ name: 'inbox', kind: 'sftp', env: 'recette' })];

  const observations = declared(config({ sources }));

  expect(written(observations, intended.flowSource.name)).toEqual([
    'flow_source_info{flow=factures-tge,env=prod,source=exchange-db} 1',
    'flow_source_info{flow=libre,env=prod,source=exchange-db} 1',
  ]);
});

test('every source is expected, the catalogue included; what belongs to no team belongs to the default one', () => {
  const sources = [source(), source({ name: 'inbox', kind: 'sftp', team: undefined, env: 'recette' })];

  const observations = declared(config({ sources }));

  expect(written(observations, intended.sourceExpected.name)).toEqual([
    'vigie_source_expected{source=catalog,kind=catalog,team=exploitation,env=prod} 1',
    'vigie_source_expected{source=exchange-db,kind=sql,team=flux,env=prod} 1',
    'vigie_source_expected{source=inbox,kind=sftp,team=exploitation,env=recette} 1',
  ]);
});

test('no series comes twice or has a label of its own', () => {
  const flows = [flow({ environments: ['prod', 'recette'] }), flow({ name: 'attestations', calendar: undefined, runbook: undefined })];

  const observations = declared(config({ environments: [prod, recette], flows, sources: [source()] }));

  expect(faults(observations)).toEqual([]);
});
