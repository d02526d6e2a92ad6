// Endpoints asked over HTTP as a source: from the YAML to probers, which the frame of all endpoints drives.

import { createEndpoints } from '../endpoints/source.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { TrustStore } from '../endpoints/tls.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { originOf, type Way } from './connection.js';
import { distinct, failuresOf } from './failures.js';
import { Guards } from './guards.js';
import { loginOf } from './login.js';
import { OAuthClients } from './oauth2.js';
import { fallbackReader, indicatorReader, metricReader } from './own-metrics.js';
import { HttpProber } from './prober.js';
import { bare, type Proxy } from './proxy.js';
import { requestTemplate } from './request.js';
import type { ProxyOptions } from './schema-request.js';
import type { EndpointOptions, HttpOptions, StepOptions } from './schema.js';
import { Step } from './step.js';
import { stepsOf } from './steps.js';

export async function create(source: SourceConfig<HttpOptions>, context: SourceContext): Promise<Source> {
  const maker = new ProberMaker(source.options, context);
  return await createEndpoints(source, context, (endpoint: EndpointOptions) => maker.make(endpoint));
}

class ProberMaker {
  readonly #options: HttpOptions;
  readonly #context: SourceContext;
  readonly #trusts: TrustStore;
  readonly #guards: Guards;
  readonly #clients: OAuthClients;

  constructor(options: HttpOptions, context: SourceContext) {
    this.#options = options;
    this.#context = context;
    this.#trusts = new TrustStore(context);
    this.#guards = new Guards(context);
    this.#clients = new OAuthClients(this.#trusts, (secret) => context.readSecret(secret));
  }

  make(endpoint: EndpointOptions): HttpProber {
    const written = stepsOf(endpoint);
    const ip = endpoint.ip ?? this.#options.ip;
    const logins = written.map((step) => this.#login(step, endpoint, ip));
    const account = logins.find((login) => login !== undefined)?.account;
    // The frame guards one account of each endpoint.
    const guard = (name: string, run: ProbeRun) => (name === account ? run.guard : this.#guards.of(name));
    const steps = written.map((step, index) => {
      const request = requestTemplate(step, this.#readSecret);
      const parts = { request, way: this.#way(step, ip), login: logins[index], trusts: this.#trusts, guard };
      return { step: new Step(step, { ...parts, name: step.name ?? String(index + 1) }), url: request.url };
    });
    const [{ url } = { url: new URL('http://localhost') }] = steps.slice(-1);
    return new HttpProber({
      steps: steps.map(({ step }) => step),
      url,
      readers: [
        ...(endpoint.metrics ?? []).map(metricReader),
        ...(endpoint.indicators ?? []).map((one) => indicatorReader(one, this.#options.path)),
        ...(endpoint.fallback ? [fallbackReader(endpoint.fallback)] : []),
      ],
      failures: distinct(written.flatMap((step, index) => this.#failures(step, logins[index] !== undefined))),
      account,
      values: endpoint.values,
      readSecret: this.#readSecret,
    });
  }

  readonly #readSecret: SourceContext['readSecret'] = (secret) => this.#context.readSecret(secret);

  #login(step: StepOptions, { values }: EndpointOptions, ip: 4 | 6 | undefined): ReturnType<typeof loginOf> {
    const { auth } = step;
    return loginOf(step, values, this.#readSecret, () => {
      if (!auth || !('oauth2' in auth)) throw new Error('only asked where there is one');
      const { ca } = step.tls ?? {};
      const tls = auth.oauth2.tls ?? (ca === undefined ? undefined : { ca });
      const way = { ...this.#way(step, ip), tls };
      return this.#clients.of(auth.oauth2, way, JSON.stringify([ip, this.#proxyOptions(step), tls]));
    });
  }

  #failures(step: StepOptions, hasLogin: boolean): ReturnType<typeof failuresOf> {
    const proxy = this.#proxyOptions(step);
    const failures = failuresOf(step, proxy !== undefined, proxy?.password !== undefined);
    return hasLogin ? [...failures, { phase: 'login', reason: 'auth' }] : failures;
  }

  #way(step: StepOptions, ip: 4 | 6 | undefined): Way {
    const proxy = this.#proxyOptions(step);
    return { http: step.http ?? 'auto', ip, proxy: proxy && this.#proxy(proxy, ip), tls: step.tls };
  }

  #proxyOptions({ proxy = this.#options.proxy }: StepOptions): Exclude<ProxyOptions, false> | undefined {
    return proxy === false ? undefined : proxy;
  }

  #proxy({ url: text, user, password }: Exclude<ProxyOptions, false>, ip: 4 | 6 | undefined): Proxy {
    const url = originOf(new URL(text));
    if (user === undefined || password === undefined) return { url, ip, credential: undefined, guard: undefined };
    const credential = async () => `Basic ${Buffer.from(`${user}:${await this.#readSecret(password)}`).toString('base64')}`;
    return { url, ip, credential, guard: this.#guards.of(`proxy ${user}@${bare(url.host)}`) };
  }
}
