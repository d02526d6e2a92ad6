// Endpoints as a source: one collector for each. That an endpoint is down is what it observes, not a failure of the source.

import { endpoint as metrics } from '../../conventions.js';
import type { Observation } from '../../domain/observation.js';
import { SourceError, type Collector, type Source, type SourceConfig, type SourceContext } from '../kind.js';
import { schedule } from '../schedule.js';
import { Expectation } from './expectation.js';
import { prepare, SecureContexts } from './prepare.js';
import { PHASES } from './phases.js';
import { probe, type Failure, type ProbeResult } from './probe.js';
import type { EndpointOptions, HttpOptions } from './schema.js';

/** What the frame waits beyond the time limit of a probe, so that `timeout` is a result and not an error. */
const FRAME_MARGIN_MS = 500;

export async function create(source: SourceConfig<HttpOptions>, context: SourceContext): Promise<Source> {
  const contexts = new SecureContexts();
  const collectors = Object.entries(source.options.endpoints).map(([name, endpoint]): Collector => {
    const { interval, timeout, maxStaleness } = schedule(source, endpoint);
    const labels = labelsOf(name, endpoint, source.env);
    const expectation = new Expectation(endpoint.expect);
    return {
      name,
      interval,
      timeout: timeout + FRAME_MARGIN_MS,
      maxStaleness,
      collect: async (signal) => {
        const request = await prepare(endpoint, context, contexts);
        const late = new AbortController();
        const timer = context.clock.after(timeout, () => late.abort());
        const result = await probe(request, context.clock, AbortSignal.any([late.signal, signal]));
        timer.cancel();
        if (signal.aborted) throw new SourceError('probe', 'timeout', 'the probe was stopped');
        const failure = expectation.failure(result);
        context.inspect?.(name, {
          phases: Object.fromEntries(result.watch.durations),
          ...(failure && { warnings: [`the endpoint is down: ${failure.reason} in ${failure.phase}`] }),
        });
        return observationsOf(labels, result, failure);
      },
    };
  });
  return { collectors, close: async () => {} };
}

function labelsOf(name: string, { url, partner, flow, origin }: EndpointOptions, env: string): Record<string, string> {
  return {
    endpoint: name,
    partner: partner ?? '',
    flow: flow ?? '',
    env,
    protocol: /^https:/i.test(url) ? 'https' : 'http',
    origin: origin ?? (partner === undefined ? 'internal' : 'partner'),
  };
}

function observationsOf(labels: Record<string, string>, result: ProbeResult, failure: Failure | undefined): Observation[] {
  const observations: Observation[] = [
    { metric: metrics.up, labels, value: failure ? 0 : 1 },
    { metric: metrics.status, labels, value: result.status },
  ];
  for (const phase of PHASES) {
    const spent = result.watch.durations.get(phase);
    if (spent !== undefined)
      observations.push({ metric: metrics.duration, labels: { ...labels, phase }, value: Math.round(spent * 1000) / 1e6 });
  }
  if (result.certificateExpiry !== undefined) {
    observations.push({ metric: metrics.certificateExpiry, labels, value: result.certificateExpiry });
  }
  if (failure) observations.push({ metric: metrics.failure, labels: { ...labels, ...failure }, value: 1 });
  return observations;
}
