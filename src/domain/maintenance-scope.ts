// Whom planned work concerns. Pure.

import type { Flow } from './flow.js';
import type { Maintenance } from './maintenance-windows.js';

type Scope = Pick<Maintenance, 'environments' | 'partners' | 'flows'>;
type Place = Pick<Flow, 'name' | 'partners' | 'environments'>;

/** The environments of the flow in which the work concerns it. */
export function environmentsConcerned({ environments, flows }: Scope, flow: Place): readonly string[] {
  if (flows && !flows.includes(flow.name)) return [];
  return environments ? flow.environments.filter((env) => environments.includes(env)) : flow.environments;
}

/** The partners of the flow with which the exchange is concerned; `undefined` stands for all that is exchanged. */
export function partnersConcerned({ partners }: Scope, flow: Place): readonly (string | undefined)[] {
  if (!partners) return [undefined];
  const concerned = flow.partners.filter((partner) => partners.includes(partner));
  return concerned.length === flow.partners.length ? [undefined] : concerned;
}
