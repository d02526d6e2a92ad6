// The frame of all kinds of endpoints: one collector for each endpoint, which owns its time, its turn, its metrics and its transcripts.
// That an endpoint is down is what a source of endpoints observes, not a failure of the source.

import { createHash } from 'node:crypto';
import { endpoint as metrics, probing } from '../../conventions.js';
import type { Accumulator } from '../../domain/accumulator.js';
import { formatDuration, parseDuration } from '../../domain/duration.js';
import type { Labels, Observation } from '../../domain/observation.js';
import { SourceError, type Collector, type ErrorClass, type Journal, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { AccountGuard, LoginPaused } from '../login-guard.js';
import { schedule } from '../schedule.js';
import { Limiter } from './limiter.js';
import { PHASES, Stopwatch } from './phases.js';
import type { Prober, ProbeRun } from './prober.js';
import { failureOf, ProbeError, type Failure } from './reasons.js';
import { DEFAULT_AT_ONCE, DEFAULT_AT_ONCE_PER_HOST, type CommonEndpoint, type CommonSource } from './schema.js';
import { EndpointState } from './state.js';
import { Recorder } from './transcript.js';

/** What the frame of collectors waits beyond the limits of a probe, so that a time-out is a result and not an error. */
const MARGIN_MS = 500;

/** Phases and classes in which every source of endpoints may fail; kinds add what they prepare. */
export const endpointErrors: Readonly<Record<string, readonly ErrorClass[]>> = {
  turn: ['timeout'],
  probe: ['timeout'],
  login: ['state'],
};

/** What outlives a reload. */
interface Memory {
  readonly states: Map<string, EndpointState>;
  readonly guards: Map<string, AccountGuard>;
}

/** @param prepare makes the prober of an endpoint; asked once for each, it connects to nothing */
export async function createEndpoints<Endpoint extends CommonEndpoint>(
  source: SourceConfig<CommonSource<Endpoint>>,
  context: SourceContext,
  prepare: (endpoint: Endpoint, name: string) => Prober,
): Promise<Source> {
  const { options } = source;
  const memory = takeOver(context.handover);
  const limiter = new Limiter({
    total: options.at_once ?? DEFAULT_AT_ONCE,
    perHost: options.at_once_per_host ?? DEFAULT_AT_ONCE_PER_HOST,
  });
  const entries = Object.entries(options.endpoints);
  const endpoints = entries.map(([name, endpoint]) => {
    const prober = prepare(endpoint, name);
    const state = memory.states.get(name) ?? new EndpointState(entries.length);
    memory.states.set(name, state);
    return new EndpointCollector({ name, endpoint, prober, source, context, limiter, state, guard: guardOf(prober, memory, context) });
  });
  return {
    collectors: endpoints,
    journals: () => endpoints.map((one) => one.journal()),
    close: () => Promise.resolve(memory),
  };
}

function takeOver(handover: unknown): Memory {
  return isMemory(handover) ? handover : { states: new Map(), guards: new Map() };
}

function isMemory(value: unknown): value is Memory {
  if (typeof value !== 'object' || value === null) return false;
  return 'states' in value && value.states instanceof Map && 'guards' in value && value.guards instanceof Map;
}

function guardOf({ account = '' }: Prober, { guards }: Memory, context: SourceContext): AccountGuard {
  const known = guards.get(account);
  if (known) return known;
  const digest = createHash('sha256').update(account).digest('hex').slice(0, 16);
  const guard = new AccountGuard(context.record(`login-${digest}`), context.clock);
  guards.set(account, guard);
  return guard;
}

interface Parts<Endpoint extends CommonEndpoint> {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly prober: Prober;
  readonly source: SourceConfig<CommonSource<Endpoint>>;
  readonly context: SourceContext;
  readonly limiter: Limiter;
  readonly state: EndpointState;
  readonly guard: AccountGuard;
}

class EndpointCollector<Endpoint extends CommonEndpoint> implements Collector {
  readonly name: string;
  readonly interval: number;
  /** Of the collection: the wait for its turn comes before the probe. */
  readonly timeout: number;
  readonly maxStaleness: number;
  readonly accumulator: Accumulator;
  readonly #parts: Parts<Endpoint>;
  readonly #labels: Labels;
  readonly #ownLabels: Labels;
  readonly #probeTimeout: number;
  readonly #within: number;
  readonly #confirm: number;

  constructor(parts: Parts<Endpoint>) {
    const { name, endpoint, source, context } = parts;
    const { interval, timeout, maxStaleness } = schedule(source, endpoint);
    this.#parts = parts;
    this.name = name;
    this.interval = interval;
    this.maxStaleness = maxStaleness;
    this.timeout = interval + timeout + MARGIN_MS;
    this.#probeTimeout = timeout;
    this.#within = parseDuration(endpoint.expect?.within ?? '') ?? Infinity;
    this.#confirm = endpoint.confirm ?? source.options.confirm ?? 1;
    this.#labels = labelsOf(parts);
    this.#ownLabels = { source: source.name, kind: source.kind };
    this.accumulator = context.accumulator(name);
    this.#declare();
  }

  async collect(signal: AbortSignal): Promise<Iterable<Observation>> {
    const { limiter, prober, context } = this.#parts;
    const due = context.clock.monotonic();
    const tooLate = new AbortController();
    const timer = context.clock.after(this.interval, () => tooLate.abort());
    try {
      return await limiter.run(prober.host, AbortSignal.any([tooLate.signal, signal]), () => {
        timer.cancel();
        return this.#probe(signal, context.clock.monotonic() - due);
      });
    } catch (error) {
      if (!tooLate.signal.aborted || error instanceof SourceError) throw error;
      const mend = 'more probes are due than may run at once: raise at_once or at_once_per_host, or ask less often';
      throw new SourceError('turn', 'timeout', `its turn did not come within ${formatDuration(this.interval)}: ${mend}`);
    } finally {
      timer.cancel();
    }
  }

  journal(): Journal {
    const { state, prober } = this.#parts;
    return { collector: this.name, address: prober.address, last: state.history.last, failed: state.history.failed };
  }

  /** Every series that may come exists at 0 from the first scrape, the failures too. */
  #declare(): void {
    const { prober } = this.#parts;
    for (const result of ['success', 'failure']) this.accumulator.counter(metrics.probes, { ...this.#labels, result });
    for (const failure of this.#failures(prober)) this.accumulator.counter(metrics.failures, { ...this.#labels, ...failure });
  }

  #failures({ failures, account }: Prober): Failure[] {
    return [
      ...failures,
      ...(account === undefined ? [] : [{ phase: 'login', reason: 'login_paused' } as const]),
      ...(this.#within === Infinity
        ? []
        : failures.filter(({ reason }) => reason === 'timeout').map(({ phase }) => ({ phase, reason: 'slow' as const }))),
    ];
  }

  /** @param waited milliseconds that it waited for its turn */
  async #probe(signal: AbortSignal, waited: number): Promise<Observation[]> {
    const { prober, context, state, guard } = this.#parts;
    const { clock } = context;
    const recorder = new Recorder(clock);
    const watch = new Stopwatch(clock);
    const late = new AbortController();
    const timer = clock.after(this.#probeTimeout, () => late.abort());
    const seen: Observation[] = [];
    const run: ProbeRun = {
      signal: AbortSignal.any([late.signal, signal]),
      clock,
      watch,
      say: (line) => recorder.say(line),
      hide: (secret) => recorder.hide(secret),
      observe: (metric, value, labels = {}) => seen.push({ metric, labels: { ...this.#labels, ...labels }, value }),
      guard,
    };
    let failure: Failure | undefined;
    let detail: string | undefined;
    try {
      await inTime(run.signal, prober.probe(run));
      if (watch.total > this.#within) failure = { phase: watch.slowest, reason: 'slow' };
    } catch (error) {
      if (signal.aborted) throw new SourceError('probe', 'timeout', 'the probe was stopped');
      if (error instanceof SourceError) {
        state.history.add(recorder.end(`not asked: ${error.message}`));
        throw error;
      }
      if (error instanceof LoginPaused) failure = { phase: 'login', reason: 'login_paused' };
      else failure = failureOf(error, watch.phase);
      if (error instanceof ProbeError || error instanceof LoginPaused) detail = error.message;
    } finally {
      timer.cancel();
      watch.stop();
    }
    const words =
      failure && `${failure.reason} in ${failure.phase}${detail === undefined || detail === failure.reason ? '' : `: ${detail}`}`;
    const transcript = recorder.end(words);
    state.history.add(transcript);
    context.inspect?.(this.name, {
      server: prober.address,
      phases: Object.fromEntries(watch.durations),
      ...(words !== undefined && { warnings: [`the endpoint is down: ${transcript.failure ?? words}`] }),
      report: () => transcript.lines.map(({ text }) => text),
    });
    const wait = { metric: probing.wait, labels: { ...this.#ownLabels, collector: this.name }, value: seconds(waited) };
    return [...this.#observations(failure, watch), wait, ...seen];
  }

  #observations(failure: Failure | undefined, watch: Stopwatch): Observation[] {
    const { endpoint, source, state, guard, prober } = this.#parts;
    const labels = this.#labels;
    this.accumulator.counter(metrics.probes, { ...labels, result: failure ? 'failure' : 'success' }).add(1);
    if (failure) this.accumulator.counter(metrics.failures, { ...labels, ...failure }).add(1);
    const up = state.judge(failure === undefined, this.#confirm);
    const observations: Observation[] = [{ metric: metrics.up, labels, value: up ? 1 : 0 }];
    for (const phase of PHASES) {
      const spent = watch.durations.get(phase);
      if (spent !== undefined) observations.push({ metric: metrics.duration, labels: { ...labels, phase }, value: seconds(spent) });
    }
    if (failure) observations.push({ metric: metrics.failure, labels: { ...labels, ...failure }, value: 1 });
    const reference = endpoint.reference ?? source.options.reference;
    if (reference !== undefined && reference !== this.name) {
      const { endpoint: name = '', env = '', site = '' } = labels;
      observations.push({ metric: metrics.reference, labels: { endpoint: name, env, site, reference }, value: 1 });
    }
    if (prober.account !== undefined) {
      const { rejections, retryAt } = guard.state;
      const account = { ...this.#ownLabels, account: this.name };
      observations.push(
        { metric: probing.loginPaused, labels: account, value: retryAt > 0 ? 1 : 0 },
        { metric: probing.loginRejections, labels: account, value: rejections },
        { metric: probing.loginRetry, labels: account, value: retryAt / 1000 },
      );
    }
    return observations;
  }
}

/** To the microsecond: what is beyond it is noise. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1e6;
}

/** A probe that does not react to the signal is not waited for. */
async function inTime(signal: AbortSignal, probe: Promise<void>): Promise<void> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new ProbeError('timeout'));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([probe, over]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function labelsOf<Endpoint extends CommonEndpoint>({ name, endpoint, source, context, prober }: Parts<Endpoint>): Labels {
  const { partner, flow, origin } = endpoint;
  const { options, env } = source;
  const isReference = Object.values(options.endpoints).some(({ reference }) => reference === name) || options.reference === name;
  return {
    endpoint: name,
    partner: partner ?? '',
    flow: flow ?? '',
    env,
    site: options.site ?? context.site ?? '',
    protocol: prober.protocol,
    origin: origin ?? (partner !== undefined ? 'partner' : isReference ? 'network' : 'internal'),
  };
}
