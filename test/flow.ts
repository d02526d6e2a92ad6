// A declared flow, for tests that care about some of its parts only.

import type { Flow } from '../src/domain/flow.js';

export function flow(parts: Partial<Flow> = {}): Flow {
  return {
    name: 'factures-tge',
    title: 'Factures TGE',
    team: 'flux-de-donnees',
    criticality: 'high',
    direction: 'inbound',
    partners: ['chuv', 'hug'],
    stages: ['received', 'processed'],
    environments: ['prod'],
    calendar: undefined,
    runbook: undefined,
    bounds: [],
    ...parts,
  };
}
