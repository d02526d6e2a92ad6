// The frame of all kinds of endpoints: one collector for each endpoint, and what they share: limits, guards, what outlives a reload.
// That an endpoint is down is what a source of endpoints observes, not a failure of the source.

import { createHash } from 'node:crypto';
import type { ErrorClass, Source, SourceConfig, SourceContext } from '../kind.js';
import { AccountGuard } from '../login-guard.js';
import { EndpointCollector } from './collector.js';
import { Limiter } from './limiter.js';
import type { Prober } from './prober.js';
import { DEFAULT_AT_ONCE, DEFAULT_AT_ONCE_PER_HOST, type CommonEndpoint, type CommonSource } from './schema.js';
import { EndpointState } from './state.js';

/** Phases and classes in which every source of endpoints may fail; kinds add what they prepare. */
export const endpointErrors: Readonly<Record<string, readonly ErrorClass[]>> = {
  turn: ['timeout'],
  probe: ['timeout', 'internal'],
  state: ['state'],
};

/** What outlives a reload, as far as it is still asked for. */
interface Memory {
  readonly states: ReadonlyMap<string, EndpointState>;
  /** By account. */
  readonly guards: ReadonlyMap<string, AccountGuard>;
}

/** @param prepare makes the prober of an endpoint; asked once for each, it connects to nothing */
export async function createEndpoints<Endpoint extends CommonEndpoint>(
  source: SourceConfig<CommonSource<Endpoint>>,
  context: SourceContext,
  prepare: (endpoint: Endpoint, name: string) => Prober,
): Promise<Source> {
  const { options } = source;
  const before = takeOver(context.handover);
  const states = new Map<string, EndpointState>();
  const guards = new Map<string, AccountGuard>();
  const limiter = new Limiter({
    total: options.at_once ?? DEFAULT_AT_ONCE,
    perHost: options.at_once_per_host ?? DEFAULT_AT_ONCE_PER_HOST,
  });
  const entries = Object.entries(options.endpoints);
  const endpoints = entries.map(([name, endpoint]) => {
    const prober = prepare(endpoint, name);
    const state = stateOf(name, prober, before.states);
    state.share(entries.length);
    states.set(name, state);
    const { account = '' } = prober;
    const guard = guards.get(account) ?? before.guards.get(account) ?? newGuard(account, context);
    guards.set(account, guard);
    return new EndpointCollector({ name, endpoint, prober, source, context, limiter, state, guard: guard.view() });
  });
  const memory: Memory = { states, guards };
  return {
    collectors: endpoints,
    journals: () => endpoints.map((one) => one.journal()),
    warnings: () => [...guards.values()].flatMap(({ problem }) => problem ?? []).map(unsavedWarning),
    close: () => Promise.resolve(memory),
  };
}

function unsavedWarning(problem: string): string {
  return `a login was refused, and that cannot be kept over a restart of this exporter, which would try again: ${problem}`;
}

function takeOver(handover: unknown): Memory {
  return isMemory(handover) ? handover : { states: new Map(), guards: new Map() };
}

function isMemory(value: unknown): value is Memory {
  if (typeof value !== 'object' || value === null) return false;
  return 'states' in value && value.states instanceof Map && 'guards' in value && value.guards instanceof Map;
}

/** What was known of an endpoint says nothing of another one that has its name now. */
function stateOf(name: string, { protocol, address }: Prober, known: Memory['states']): EndpointState {
  const identity = `${protocol} ${address}`;
  const state = known.get(name);
  return state?.identity === identity ? state : new EndpointState(identity);
}

/** The name of the record does not tell the account. */
function newGuard(account: string, context: SourceContext): AccountGuard {
  const digest = createHash('sha256').update(account).digest('hex').slice(0, 16);
  return new AccountGuard(context.record(`login-${digest}`), context.clock);
}
