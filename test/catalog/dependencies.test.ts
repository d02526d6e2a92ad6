// NE8, IR7: what each flow depends on in the end, as the rules read it.

import { dependencies } from '../../src/catalog/dependencies.js';
import type { Config } from '../../src/config/model.js';
import type { Dependency } from '../../src/domain/flow.js';
import type { EndpointName } from '../../src/sources/kind.js';
import { config, faults, flow, source, written } from './fixtures.js';

function on(...names: readonly string[]): Dependency[] {
  return names.map((text) => {
    const [kind, name = ''] = text.split(' ');
    if (kind !== 'endpoint' && kind !== 'flow' && kind !== 'platform') throw new Error(text);
    return { kind, name };
  });
}

function probes(endpoints: readonly EndpointName[], env = 'prod') {
  return source({ name: `endpoints-${env}`, kind: 'http', env, endpoints });
}

/** `factures-tge chuv prod: endpoint chuv-api` and, where it comes through something else, `via`. */
function lines(part: Partial<Config>): string[] {
  const observations = dependencies(config(part));
  expect(faults(observations)).toEqual([]);
  return observations.map(({ labels }) => {
    const { flow: name = '', partner = '*', env = '', kind = '', dependency = '', direct } = labels;
    return `${name} ${partner} ${env}: ${kind} ${dependency}${direct === 'true' ? '' : ' via'}`;
  });
}

test('a series tells flow, partner, environment, kind, name, and whether the flow names it itself', () => {
  const flows = [flow({ dependsOn: on('endpoint chuv-api') })];

  const observations = dependencies(config({ flows, sources: [probes([{ name: 'chuv-api', partner: 'chuv' }])] }));

  expect(written(observations)).toEqual([
    'flow_dependency_info{flow=factures-tge,partner=chuv,env=prod,kind=endpoint,dependency=chuv-api,direct=true} 1',
  ]);
});

test('an endpoint is needed for its partner; one of nobody, or of somebody that the flow does not know, for all', () => {
  const endpoints = [{ name: 'hug-api', partner: 'hug' }, { name: 'proxy' }, { name: 'clearing', partner: 'sasis' }];
  const flows = [flow({ dependsOn: on('endpoint hug-api', 'endpoint proxy', 'endpoint clearing') })];

  expect(lines({ flows, sources: [probes(endpoints)] })).toEqual([
    'factures-tge hug prod: endpoint hug-api',
    'factures-tge * prod: endpoint proxy',
    'factures-tge * prod: endpoint clearing',
  ]);
});

test('an endpoint of the only partner is needed for all that is exchanged', () => {
  const flows = [flow({ partners: ['hug'], dependsOn: on('endpoint hug-api') })];

  expect(lines({ flows, sources: [probes([{ name: 'hug-api', partner: 'hug' }])] })).toEqual(['factures-tge * prod: endpoint hug-api']);
});

test('an endpoint that names the flow which needs it is one of its dependencies', () => {
  expect(lines({ sources: [probes([{ name: 'hug-api', partner: 'hug', flow: 'factures-tge' }])] })).toEqual([
    'factures-tge hug prod: endpoint hug-api',
  ]);
});

test('what an upstream flow and a platform depend on, the flow depends on as well', () => {
  const flows = [
    flow({ name: 'down', partners: ['chuv', 'hug', 'sasis'], dependsOn: on('flow up') }),
    flow({ name: 'up', partners: ['chuv', 'hug'], dependsOn: on('platform db') }),
  ];
  const platforms = [
    { name: 'db', title: 'DB', dependsOn: on('endpoint db-ping', 'platform storage') },
    { name: 'storage', title: 'Storage', dependsOn: [] },
  ];

  expect(lines({ flows, platforms, sources: [probes([{ name: 'db-ping' }])] })).toEqual([
    'down chuv prod: flow up',
    'down hug prod: flow up',
    'down * prod: platform db via',
    'down * prod: endpoint db-ping via',
    'down * prod: platform storage via',
    'up * prod: platform db',
    'up * prod: endpoint db-ping via',
    'up * prod: platform storage via',
  ]);
});

test('a flow is needed for the partners that both have; for all where they share none, or where both have the same one', () => {
  const flows = [
    flow({ name: 'a', partners: ['chuv', 'hug'], dependsOn: on('flow none', 'flow one') }),
    flow({ name: 'b', partners: ['chuv'], dependsOn: on('flow one', 'flow two') }),
    flow({ name: 'none', partners: ['sasis'] }),
    flow({ name: 'one', partners: ['chuv'] }),
    flow({ name: 'two', partners: ['chuv', 'hug'] }),
  ];

  expect(lines({ flows })).toEqual(['a * prod: flow none', 'a chuv prod: flow one', 'b * prod: flow one', 'b chuv prod: flow two']);
});

test('EN1: an endpoint or a flow of another environment is no dependency', () => {
  const flows = [
    flow({ name: 'a', environments: ['prod', 'test'], dependsOn: on('flow b', 'endpoint gate', 'platform db') }),
    flow({ name: 'b', environments: ['test'], partners: ['sasis'] }),
  ];
  const environments = ['prod', 'test'].map((name) => ({ name, title: name, production: name === 'prod', calendar: undefined }));
  const platforms = [{ name: 'db', title: 'DB', dependsOn: on('endpoint db-ping') }];
  const sources = [probes([{ name: 'gate' }]), probes([{ name: 'db-ping' }], 'test')];

  expect(lines({ flows, environments, platforms, sources })).toEqual([
    'a * prod: endpoint gate',
    'a * prod: platform db',
    'a * test: flow b',
    'a * test: platform db',
    'a * test: endpoint db-ping via',
  ]);
});
