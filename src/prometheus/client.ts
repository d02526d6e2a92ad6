// Asks a Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics), and says clearly what is wrong where it does not answer.

import { readSecret } from '../config/secrets.js';
import { asObject } from '../config/words.js';
import { formatDuration } from '../domain/duration.js';
import type { Secret } from '../domain/secret.js';
import { envelope, readMatrix, readRules, readSamples, type LoadedRule, type Sample, type Samples } from './answer.js';

export type Credentials = { readonly token: Secret } | { readonly user: string; readonly password: Secret };

export interface PrometheusOptions {
  /** With the prefix of its path, where it has one: `https://monitoring.example.org/prometheus`. */
  readonly url: string;
  readonly credentials?: Credentials | undefined;
  /** How long one answer may take, in milliseconds. Default 30 s. */
  readonly timeout?: number | undefined;
  /** Where the names of secret files start from. Default: the current folder. */
  readonly baseDir?: string | undefined;
}

/** Why there is no answer. The message names the address, never a password or token. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';

  /**
   * `address`: it is none; `secret`: it cannot be read; `unreachable`; `timeout`; `refused`: the credentials are; `query`: it says itself
   * what is wrong; `not_prometheus`: something else answers.
   */
  constructor(
    readonly reason: 'address' | 'secret' | 'unreachable' | 'timeout' | 'refused' | 'query' | 'not_prometheus',
    message: string,
  ) {
    super(message);
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** Prometheus refuses more points of a series in one answer. */
const MOST_POINTS = 11_000;
const EXAMPLE = 'http://127.0.0.1:9090';

interface Parameters {
  readonly [name: string]: string | undefined;
}

export class Prometheus {
  /** As it is shown. */
  readonly url: string;
  /** What Prometheus says beside its answers, such as that some of its stores did not answer. */
  readonly warnings = new Set<string>();
  readonly #credentials: Credentials | undefined;
  readonly #timeout: number;
  readonly #baseDir: string;

  /** @throws PrometheusError for what is no address */
  constructor({ url, credentials, timeout = DEFAULT_TIMEOUT_MS, baseDir = '.' }: PrometheusOptions) {
    this.url = checkUrl(url);
    this.#credentials = credentials;
    this.#timeout = timeout;
    this.#baseDir = baseDir;
  }

  /**
   * Each series at one moment; a number without labels is one series without.
   * @param at milliseconds since the Unix epoch; by default, now by the clock of Prometheus
   * @throws PrometheusError
   */
  async query(promql: string, at?: number): Promise<Sample[]> {
    const path = 'query';
    return this.#understood(path, readSamples(await this.#ask(path, { query: promql, time: seconds(at) })));
  }

  /**
   * Each series over time, ends included.
   * @param range milliseconds since the Unix epoch, and between two points
   * @throws PrometheusError
   */
  async queryRange(promql: string, { from, to, step }: { from: number; to: number; step: number }): Promise<Samples[]> {
    if ((to - from) / step >= MOST_POINTS) throw new RangeError(`more than ${MOST_POINTS} points: ask for fewer, or in parts`);
    const path = 'query_range';
    const parameters = { query: promql, start: seconds(from), end: seconds(to), step: seconds(step) };
    return this.#understood(path, readMatrix(await this.#ask(path, parameters)));
  }

  /** The rules that it has loaded. @throws PrometheusError */
  async rules(): Promise<LoadedRule[]> {
    return this.#understood('rules', readRules(await this.#ask('rules')));
  }

  #understood<T>(path: string, answer: T | undefined): T {
    if (answer === undefined) throw this.#error('not_prometheus', `its answer to ${path} is none that is known`);
    return answer;
  }

  #error(reason: PrometheusError['reason'], what: string): PrometheusError {
    return new PrometheusError(reason, `Prometheus at ${this.url}: ${what}`);
  }

  /** A query is sent as a form: those of reports are longer than what an address may be. */
  async #ask(path: string, parameters?: Parameters): Promise<unknown> {
    const given = Object.entries(parameters ?? {}).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    const headers = { accept: 'application/json', ...(await this.#authorization()) };
    const request: RequestInit = parameters ? { method: 'POST', headers, body: new URLSearchParams(given) } : { headers };
    let response;
    let text;
    try {
      // A redirect would turn the form into a plain GET, and may lead the credentials elsewhere.
      response = await fetch(`${this.url}/api/v1/${path}`, { ...request, redirect: 'manual', signal: AbortSignal.timeout(this.#timeout) });
      text = await response.text();
    } catch (error) {
      throw this.#noAnswer(error);
    }
    return this.#read(response, text);
  }

  #read(response: Response, text: string): unknown {
    const { status, headers } = response;
    if (status === 401)
      throw this.#error('refused', this.#credentials ? 'it refuses the credentials (HTTP 401)' : 'it asks for credentials (HTTP 401)');
    if (status === 403) throw this.#error('refused', 'it does not allow this (HTTP 403)');
    if (status >= 300 && status < 400) {
      const target = headers.get('location');
      throw this.#error(
        'not_prometheus',
        `it redirects${target === null ? '' : ` to ${shown(target, this.url)}`}: give the address that answers`,
      );
    }
    const answer = parse(text);
    if (!envelope.fits(answer)) {
      const type = headers.get('content-type')?.split(';')[0] ?? 'nothing';
      throw this.#error('not_prometheus', `it is no Prometheus, or its path has a prefix that is missing here (HTTP ${status}, ${type})`);
    }
    for (const warning of answer.warnings ?? []) this.warnings.add(warning);
    if (answer.status === 'success') return answer.data;
    const reason = answer.errorType === 'timeout' ? 'timeout' : 'query';
    throw this.#error(reason, answer.error ?? `HTTP ${status}`);
  }

  #noAnswer(error: unknown): PrometheusError {
    const { name, cause } = asObject(error);
    if (name === 'TimeoutError') return this.#error('timeout', `no answer within ${formatDuration(this.#timeout)}`);
    // fetch says only that it failed; what failed is its cause.
    return this.#error('unreachable', inWords(asObject(cause ?? error)));
  }

  async #authorization(): Promise<Record<string, string>> {
    const credentials = this.#credentials;
    if (!credentials) return {};
    try {
      if ('token' in credentials) return { authorization: `Bearer ${visibleAscii(await readSecret(credentials.token, this.#baseDir))}` };
      const pair = `${credentials.user}:${await readSecret(credentials.password, this.#baseDir)}`;
      return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    } catch (error) {
      throw this.#error('secret', error instanceof Error ? error.message : String(error));
    }
  }
}

/** @returns it without a slash at the end */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new PrometheusError('address', `"${withoutUser(text)}" is no address: e.g. ${EXAMPLE}`);
  if (url.username !== '' || url.password !== '')
    throw new PrometheusError(
      'address',
      `${withoutUser(text)}: an address holds no user and password, which others see; name where they are kept`,
    );
  if (url.search !== '' || url.hash !== '')
    throw new PrometheusError('address', `${url.origin}${url.pathname}: leave out what follows ? or #`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

function withoutUser(text: string): string {
  return text.replace(/^([^/]*\/\/)?[^/]*@/, '$1');
}

/** A token with a line break would be an error that quotes it. */
function visibleAscii(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('the token holds what no token may: spaces, line breaks or letters with accents');
  return token;
}

/** Where a redirect leads to, without what its query may hold. */
function shown(location: string, base: string): string {
  if (!URL.canParse(location, base)) return 'elsewhere';
  const { origin, pathname } = new URL(location, base);
  return `${origin}${pathname}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : String(ms / 1000);
}

const IN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the network',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody known: name its authority in NODE_EXTRA_CA_CERTS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself: name it in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody known: name its authority in NODE_EXTRA_CA_CERTS',
};

function inWords({ code, message }: Readonly<Record<string, unknown>>): string {
  return IN_WORDS[String(code)] ?? String(message || code);
}
