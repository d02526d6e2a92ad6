// One endpoint as a collector: its time, its turn, its metrics and its transcripts.

import { endpoint as metrics, probing } from '../../conventions.js';
import type { Accumulator } from '../../domain/accumulator.js';
import { formatDuration, parseDuration } from '../../domain/duration.js';
import { seriesKey, type Labels, type MetricDefinition, type Observation } from '../../domain/observation.js';
import { SourceError, type Collector, type Journal, type SourceConfig, type SourceContext } from '../kind.js';
import { LoginPaused, type LoginGuard } from '../login-guard.js';
import { schedule } from '../schedule.js';
import { errorCode, systemError } from '../system-errors.js';
import type { Limiter } from './limiter.js';
import { PHASES, seconds, Stopwatch } from './phases.js';
import type { Prober, ProbeRun } from './prober.js';
import { failureOf, ProbeError, type Failure } from './reasons.js';
import { DEFAULT_SLOW_WINDOW, type CommonEndpoint, type CommonSource } from './schema.js';
import type { EndpointState } from './state.js';
import { Recorder } from './transcript.js';

/** What the frame of collectors waits beyond the limits of a probe, so that a time-out is a result and not an error. */
const MARGIN_MS = 500;

export interface Parts<Endpoint extends CommonEndpoint> {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly prober: Prober;
  readonly source: SourceConfig<CommonSource<Endpoint>>;
  readonly context: SourceContext;
  readonly limiter: Limiter;
  readonly state: EndpointState;
  readonly guard: LoginGuard;
}

/** How a probe ended. */
interface Ending {
  readonly failure: Failure | undefined;
  /** What went wrong, for people. */
  readonly words: string | undefined;
}

export class EndpointCollector<Endpoint extends CommonEndpoint> implements Collector {
  readonly name: string;
  readonly interval: number;
  /** Of the collection: the wait for its turn comes before the probe. */
  readonly timeout: number;
  readonly maxStaleness: number;
  readonly accumulator: Accumulator;
  readonly #parts: Parts<Endpoint>;
  readonly #labels: Labels;
  readonly #ownLabels: Labels;
  readonly #waitLabels: Labels;
  readonly #extended = new Map<string, Labels>();
  readonly #probeTimeout: number;
  readonly #within: number;
  readonly #confirm: number;
  readonly #bounds: readonly Observation[];

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
    this.#bounds = boundsOf(endpoint, this.#labels);
    this.#ownLabels = { source: source.name, kind: source.kind };
    this.#waitLabels = { ...this.#ownLabels, collector: name };
    this.accumulator = context.accumulator(name);
    this.#declare();
  }

  async collect(signal: AbortSignal): Promise<Iterable<Observation>> {
    const { limiter, prober, context, state } = this.#parts;
    const due = context.clock.monotonic();
    const waiting = linked(signal);
    const timer = context.clock.after(this.interval, () => waiting.abort());
    let hasTurn = false;
    try {
      return await limiter.run({ host: prober.host, doubtful: state.hangs }, waiting.signal, () => {
        hasTurn = true;
        timer.cancel();
        return this.#probe(signal, context.clock.monotonic() - due);
      });
    } catch (error) {
      if (hasTurn) throw error;
      if (signal.aborted) throw stopped('turn');
      const mend = 'more probes are due than may run at once: raise at_once or at_once_per_host, or ask less often';
      throw new SourceError('turn', 'timeout', `its turn did not come within ${formatDuration(this.interval)}: ${mend}`);
    } finally {
      waiting.unlink();
      timer.cancel();
    }
  }

  journal(): Journal {
    const { state, prober } = this.#parts;
    return { collector: this.name, address: prober.address, up: state.up, last: state.history.last, failed: state.history.failed };
  }

  /** Every series that may come exists at 0 from the first scrape, the failures too; those of other labels, from before a reload, are gone. */
  #declare(): void {
    const labels = Object.entries(this.#labels);
    this.accumulator.retain((_metric, known) => labels.every(([label, value]) => (known[label] ?? '') === value));
    for (const result of ['success', 'failure']) this.accumulator.counter(metrics.probes, { ...this.#labels, result });
    for (const failure of this.#failures()) this.accumulator.counter(metrics.failures, { ...this.#labels, ...failure });
  }

  #failures(): Failure[] {
    const { failures, account } = this.#parts.prober;
    const slow = failures.filter(({ reason }) => reason === 'timeout').map(({ phase }) => ({ phase, reason: 'slow' }) as const);
    return [
      ...failures,
      ...(account === undefined ? [] : [{ phase: 'login', reason: 'login_paused' } as const]),
      ...(this.#within === Infinity ? [] : slow),
    ];
  }

  /** @param waited milliseconds that it waited for its turn */
  async #probe(signal: AbortSignal, waited: number): Promise<Observation[]> {
    const { prober, context, state, guard } = this.#parts;
    const { clock } = context;
    const recorder = new Recorder(clock);
    const watch = new Stopwatch(clock);
    const limit = linked(signal);
    const timer = clock.after(this.#probeTimeout, () => limit.abort());
    /** By identity: of what is told twice, the last one holds. */
    const seen = new Map<string, Observation>();
    let over = false;
    const run: ProbeRun = {
      signal: limit.signal,
      clock,
      watch,
      say: (line) => recorder.say(line),
      hide: (secret) => recorder.hide(secret),
      observe: (metric, value, labels) => {
        if (!over) this.#see(seen, metric, value, labels);
      },
      guard,
    };
    let outcome: Ending;
    try {
      outcome = await this.#outcome(run);
    } catch (error) {
      const reason = signal.aborted ? stopped('probe') : sourceErrorOf(error);
      if (!signal.aborted) state.history.add(recorder.end(`not asked: ${reason.message}`));
      throw reason;
    } finally {
      over = true;
      limit.unlink();
      timer.cancel();
      watch.end();
    }
    // A stop ends a probe as a time-out does, and says nothing of the endpoint.
    if (signal.aborted) throw stopped('probe');
    const { failure, words } = outcome;
    const transcript = recorder.end(words);
    state.history.add(transcript);
    state.hangs = failure?.reason === 'timeout';
    context.inspect?.(this.name, {
      server: prober.address,
      phases: Object.fromEntries(watch.durations),
      ...(transcript.failure !== undefined && { warnings: [`the endpoint is down: ${transcript.failure}`] }),
      report: () => transcript.lines.map(({ text }) => text),
    });
    const wait = { metric: probing.wait, labels: this.#waitLabels, value: seconds(waited) };
    return [...this.#observations(failure, watch), ...this.#loginObservations(), wait, ...seen.values()];
  }

  /** @throws what says nothing of the endpoint */
  async #outcome(run: ProbeRun): Promise<Ending> {
    try {
      await inTime(run.signal, this.#parts.prober.probe(run));
    } catch (error) {
      if (error instanceof LoginPaused) return ending({ phase: 'login', reason: 'login_paused' }, error.message);
      if (error instanceof SourceError) throw error;
      // Whatever comes of being cut off.
      if (run.signal.aborted && !(error instanceof ProbeError)) return ending({ phase: run.watch.phase, reason: 'timeout' });
      if (isOurs(error)) throw error;
      return ending(failureOf(error, run.watch.phase), error instanceof ProbeError ? error.detail : systemError(errorCode(error))?.message);
    }
    run.watch.stop();
    if (run.watch.total <= this.#within) return ending(undefined);
    const limit = `${formatDuration(this.#within)} are allowed, it took ${Math.round(run.watch.total)} ms`;
    return ending({ phase: run.watch.slowest, reason: 'slow' }, limit);
  }

  #see(seen: Map<string, Observation>, metric: MetricDefinition, value: number, own: Labels | undefined): void {
    const labels = own ? { ...this.#labels, ...own } : this.#labels;
    // Without labels of its own, a metric has one series here.
    seen.set(own ? seriesKey(metric, labels) : metric.name, { metric, labels, value });
  }

  /** The labels with those of a phase or result, made once: they are told again and again. */
  #with(key: 'phase' | 'result', value: string): Labels {
    const known = this.#extended.get(value);
    if (known) return known;
    const labels = { ...this.#labels, [key]: value };
    this.#extended.set(value, labels);
    return labels;
  }

  #observations(failure: Failure | undefined, watch: Stopwatch): Observation[] {
    const { endpoint, source, state } = this.#parts;
    const labels = this.#labels;
    this.accumulator.counter(metrics.probes, this.#with('result', failure ? 'failure' : 'success')).add(1);
    if (failure) this.accumulator.counter(metrics.failures, { ...labels, ...failure }).add(1);
    const up = state.judge(failure === undefined, this.#confirm);
    const observations: Observation[] = [{ metric: metrics.up, labels, value: up ? 1 : 0 }];
    for (const phase of PHASES) {
      const spent = watch.durations.get(phase);
      if (spent !== undefined) observations.push({ metric: metrics.duration, labels: this.#with('phase', phase), value: seconds(spent) });
    }
    if (failure) observations.push({ metric: metrics.failure, labels: { ...labels, ...failure }, value: 1 });
    observations.push(...this.#bounds);
    const reference = endpoint.reference ?? source.options.reference;
    if (reference !== undefined && reference !== this.name) {
      const { endpoint: name = '', env = '', site = '' } = labels;
      observations.push({ metric: metrics.reference, labels: { endpoint: name, env, site, reference }, value: 1 });
    }
    return observations;
  }

  /** Of endpoints that log in. */
  #loginObservations(): Observation[] {
    const { prober, guard } = this.#parts;
    if (prober.account === undefined) return [];
    const { rejections, retryAt } = guard.state;
    const labels = { ...this.#ownLabels, account: this.name };
    return [
      { metric: probing.loginPaused, labels, value: retryAt > 0 ? 1 : 0 },
      { metric: probing.loginRejections, labels, value: rejections },
      { metric: probing.loginRetry, labels, value: retryAt / 1000 },
    ];
  }
}

interface Linked {
  readonly signal: AbortSignal;
  abort(): void;
  /** Lets go of the other signal, which may live long. */
  unlink(): void;
}

function boundsOf({ slow = {} }: CommonEndpoint, labels: Labels): Observation[] {
  return (['warning', 'critical'] as const).flatMap((severity) => {
    const bound = parseDuration(slow[severity] ?? '');
    const window = slow.over ?? DEFAULT_SLOW_WINDOW;
    return bound === undefined ? [] : [{ metric: metrics.slow, labels: { ...labels, severity, window }, value: seconds(bound) }];
  });
}

/** A signal that aborts with another one, or by itself. What AbortSignal.any makes costs more than all else in a probe that is done at once. */
function linked(signal: AbortSignal): Linked {
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  if (signal.aborted) forward();
  else signal.addEventListener('abort', forward, { once: true });
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    unlink: () => signal.removeEventListener('abort', forward),
  };
}

function stopped(phase: 'turn' | 'probe'): SourceError {
  return new SourceError(phase, 'timeout', 'the probe was stopped');
}

/** `timeout in connect: …` */
function ending(failure: Failure | undefined, detail?: string): Ending {
  if (!failure) return { failure, words: undefined };
  const { reason, phase } = failure;
  return { failure, words: `${reason} in ${phase}${detail === undefined || detail === reason ? '' : `: ${detail}`}` };
}

/** A mistake in our own code accuses no endpoint. What comes from the system or from a library has a code or a cause. */
function isOurs(error: unknown): boolean {
  const isMistake = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return isMistake && !('code' in error) && error.cause === undefined;
}

/** An exception that no kind should throw is told by its class alone: libraries put secrets into messages. */
function sourceErrorOf(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  return new SourceError('probe', 'internal', `unexpected ${error instanceof Error ? error.constructor.name : typeof error}`);
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
  const isReference = options.reference === name || Object.values(options.endpoints).some(({ reference }) => reference === name);
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
