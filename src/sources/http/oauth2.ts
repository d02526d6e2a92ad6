// Tokens for a client (RFC 6749, section 4.4), fetched when they are needed and kept until they expire, less a margin.

import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import type { TrustStore } from '../endpoints/tls.js';
import type { SourceContext } from '../kind.js';
import type { LoginGuard } from '../login-guard.js';
import { Answer } from './answer.js';
import { open, type Way } from './connection.js';
import { exchange } from './exchange.js';
import { JsonPath } from './json-path.js';
import { onePhase } from './one-phase.js';
import type { OAuth2Options } from './schema-request.js';

/** Where the server does not say how long a token holds. */
const UNKNOWN_LIFE_MS = 300_000;
/** A token is renewed so long before it expires, or at nine tenths of its life, whichever is later. */
const MARGIN_MS = 30_000;
/** A token that an endpoint refuses is renewed no more often than this. */
const RENEWAL_MS = 60_000;
const MAX_ANSWER_BYTES = 262_144;
/** RFC 6749, section 5.2: these may be told to people, other texts may hold anything. */
const ERRORS = ['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'];
/** Those that mean that the client was not believed. */
const REFUSALS: readonly string[] = ['invalid_client', 'unauthorized_client', 'invalid_grant'];

interface Token {
  readonly text: string;
  /** Both in monotonic milliseconds. */
  readonly fetchedAt: number;
  readonly until: number;
}

const ACCESS_TOKEN = new JsonPath('$.access_token');
const EXPIRES_IN = new JsonPath('$.expires_in');
const ERROR = new JsonPath('$.error');

export class OAuthClient {
  readonly account: string;
  readonly #options: OAuth2Options;
  readonly #way: Way;
  readonly #trusts: TrustStore;
  readonly #read: SourceContext['readSecret'];
  readonly #url: URL;
  #token: Token | undefined;
  #renewedAt = -Infinity;
  #fetching: Promise<Token> | undefined;

  constructor(options: OAuth2Options, way: Way, trusts: TrustStore, read: SourceContext['readSecret']) {
    this.account = `oauth2 ${options.client_id}@${options.token_url}`;
    this.#options = options;
    this.#way = way;
    this.#trusts = trusts;
    this.#read = read;
    this.#url = new URL(options.token_url);
  }

  /** The token that is valid now: the phase `login`, where it is fetched. @throws ProbeError, LoginPaused */
  async token(run: ProbeRun, guard: LoginGuard): Promise<string> {
    while (!this.#token || this.#token.until <= run.clock.monotonic()) {
      run.watch.enter('login');
      const others = this.#fetching;
      if (!others) {
        await this.#renew(run, guard);
        break;
      }
      // What another probe fetches is for all; where it fails, this one sees for itself.
      await others.catch(() => undefined);
      if (run.signal.aborted) throw new ProbeError('timeout', undefined, 'login');
    }
    const text = this.#token?.text ?? '';
    run.hide(text);
    return text;
  }

  /** Gives up a token that an endpoint refused. @returns whether another one is worth a try */
  refuse(text: string, run: ProbeRun): boolean {
    const now = run.clock.monotonic();
    if (this.#token && this.#token.text !== text) return true;
    if (now - this.#renewedAt < RENEWAL_MS) return false;
    this.#renewedAt = now;
    this.#token = undefined;
    return true;
  }

  async #renew(run: ProbeRun, guard: LoginGuard): Promise<void> {
    this.#fetching = this.#fetch(onePhase(run, 'login'), guard);
    try {
      this.#token = await this.#fetching;
    } finally {
      this.#fetching = undefined;
    }
  }

  async #fetch(run: ProbeRun, guard: LoginGuard): Promise<Token> {
    const secret = await this.#read(this.#options.client_secret);
    run.hide(secret);
    return await guard.attempt(secret, run.signal, async (verdict) => {
      const at = run.clock.monotonic();
      const answer = await this.#ask(secret, run);
      const { status, json } = answer;
      run.say(`${this.#url.origin}${this.#url.pathname} answers ${status}`);
      if (status === 200 && json !== undefined) {
        const [text] = ACCESS_TOKEN.find(json);
        if (typeof text !== 'string' || text === '') throw new ProbeError('json', 'there is no access_token in the answer', 'login');
        verdict(true);
        return { text, fetchedAt: at, until: at + lifeOf(EXPIRES_IN.find(json)[0]) };
      }
      const [code] = json === undefined ? [] : ERROR.find(json);
      const error = typeof code === 'string' && ERRORS.includes(code) ? code : '';
      if (status === 401 || REFUSALS.includes(error)) {
        verdict(false);
        throw new ProbeError('auth', `token_url refuses the client: ${error === '' ? status : error}`, 'login');
      }
      if (status === 200) throw new ProbeError('json', 'the answer of token_url is no JSON', 'login');
      throw new ProbeError('status', `token_url answers ${status}${error === '' ? '' : `: ${error}`}`, 'login');
    });
  }

  async #ask(secret: string, run: ProbeRun): Promise<Answer> {
    const { client_id: id, scope, audience, method = 'client_secret_basic' } = this.#options;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope !== undefined && { scope }),
      ...(audience !== undefined && { audience }),
      ...(method === 'client_secret_post' && { client_id: id, client_secret: secret }),
    });
    const headers = ['accept', 'application/json', 'user-agent', 'Vigie', 'content-type', 'application/x-www-form-urlencoded'];
    if (method === 'client_secret_basic') headers.push('authorization', `Basic ${basic(id, secret)}`);
    const socket = await open(this.#url, this.#way, this.#trusts, run);
    const throughProxy = this.#way.proxy !== undefined && this.#url.protocol === 'http:';
    const request = {
      url: this.#url,
      origin: new URL(this.#url.origin),
      method: 'POST',
      headers,
      body: Buffer.from(form.toString()),
      target: throughProxy ? this.#url.href : `${this.#url.pathname}${this.#url.search}`,
      maxBytes: MAX_ANSWER_BYTES,
    } as const;
    return await Answer.of(await exchange(socket, request, run, () => {}), MAX_ANSWER_BYTES);
  }
}

/** RFC 6749, section 2.3.1: both are encoded as in a form first. */
function basic(id: string, secret: string): string {
  return Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64');
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

/** @param expiresIn seconds, as the server says it */
function lifeOf(expiresIn: unknown): number {
  const ms = Number(expiresIn) * 1000;
  return ms > 0 ? Math.max(ms - MARGIN_MS, ms * 0.9) : UNKNOWN_LIFE_MS;
}

/** The clients of a source: endpoints of the same client share its token. */
export class OAuthClients {
  readonly #clients = new Map<string, OAuthClient>();

  constructor(
    private readonly trusts: TrustStore,
    private readonly read: SourceContext['readSecret'],
  ) {}

  /** @param key what makes the way to `token_url` another one */
  of(options: OAuth2Options, way: Way, key: string): OAuthClient {
    const id = JSON.stringify([options, key]);
    const client = this.#clients.get(id) ?? new OAuthClient(options, way, this.trusts, this.read);
    this.#clients.set(id, client);
    return client;
  }
}
