// One request of a probe, with all that belongs to it: the login, redirects, what the answer must be like, what is kept of it.

import type { Cookies } from './cookies.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import type { TrustStore } from '../endpoints/tls.js';
import type { LoginGuard } from '../login-guard.js';
import { Answer } from './answer.js';
import { textOf } from './condition.js';
import { isSecure, open, originOf, type Way } from './connection.js';
import { exchange, type WireRequest } from './exchange.js';
import { Expectation } from './expectation.js';
import { isHeaderValue } from './header.js';
import type { Credential, Login } from './login.js';
import { placeOf, type Place } from './place.js';
import { asked } from './proxy.js';
import { mostRedirects, redirected } from './redirect.js';
import type { Outgoing, RequestTemplate } from './request.js';
import type { StepOptions } from './schema.js';

export interface StepParts {
  readonly name: string;
  readonly request: RequestTemplate;
  readonly way: Way;
  readonly login: Login | undefined;
  readonly trusts: TrustStore;
  /** The guard of the account; the frame's where it is the endpoint's own. */
  readonly guard: (account: string, run: ProbeRun) => LoginGuard;
}

/** One probe, as its steps see it. */
export interface Course {
  readonly run: ProbeRun;
  /** By name: secrets of the YAML and what was kept. */
  readonly values: Map<string, string>;
  readonly cookies: Cookies;
  /** Told each status as it comes. */
  readonly onHead: (status: number) => void;
  /** Whether the host is the endpoint itself, whose certificate is exported. */
  readonly isEndpoint: (url: URL) => boolean;
  /** Told the answer once its status and headers are as expected. */
  readonly onAnswer: (answer: Answer) => void;
}

export class Step {
  readonly name: string;
  readonly expectation: Expectation;
  readonly #parts: StepParts;
  readonly #redirects: number;
  readonly #keep: readonly (readonly [string, Place])[];

  constructor({ expect, keep = {}, redirects }: StepOptions, parts: StepParts) {
    this.name = parts.name;
    this.expectation = new Expectation(expect);
    this.#parts = parts;
    this.#redirects = mostRedirects(redirects);
    this.#keep = Object.entries(keep).flatMap(([name, written]) => {
      const place = placeOf(written);
      return place ? [[name, place] as const] : [];
    });
  }

  async take(course: Course): Promise<void> {
    const { run, values } = course;
    const rendered = this.#parts.request.render(values, run.hide);
    const outgoing = rendered instanceof Promise ? await rendered : rendered;
    const answer = this.#parts.login
      ? await this.#loggedIn(this.#parts.login, outgoing, course)
      : await this.#follow(outgoing, undefined, course);
    this.expectation.judgeHead(answer);
    course.onAnswer(answer);
    this.expectation.judgeBody(answer);
    this.#keepFrom(answer, course);
  }

  async #loggedIn(login: Login, outgoing: Outgoing, course: Course): Promise<Answer> {
    const { run, values } = course;
    const guard = this.#parts.guard(login.account, run);
    let credential = await login.read(run, guard, values);
    let answer = await this.#guarded(credential, guard, outgoing, course);
    if (this.#isRefusal(answer.status) && credential.refuse?.()) {
      run.say('the token is refused: another one is fetched');
      credential = await login.read(run, guard, values);
      answer = await this.#guarded(credential, guard, outgoing, course);
    }
    if (this.#isRefusal(answer.status)) throw new ProbeError('auth', 'the login is refused (401)', 'login');
    return answer;
  }

  async #guarded({ header, secret }: Credential, guard: LoginGuard, outgoing: Outgoing, course: Course): Promise<Answer> {
    if (secret === undefined) return await this.#follow(outgoing, header, course);
    return await guard.attempt(secret, course.run.signal, async (verdict) => {
      const answer = await this.#follow(outgoing, header, course);
      // A server in trouble says nothing of the login.
      if (answer.status < 500 && answer.status !== 429) verdict(!this.#isRefusal(answer.status));
      return answer;
    });
  }

  /** 403 is a status like others: who we are is believed, and does not suffice. */
  #isRefusal(status: number): boolean {
    return status === 401 && !this.expectation.accepts(status);
  }

  /** Follows redirects, as many as are allowed. */
  async #follow(first: Outgoing, authorization: string | undefined, course: Course): Promise<Answer> {
    let outgoing = first;
    let login = authorization;
    let isHome = true;
    for (let left = this.#redirects; ; left--) {
      const answer = await this.#hop(outgoing, login, isHome, course);
      const next = this.#redirects === 0 ? undefined : redirected(outgoing, answer);
      if (!next) return answer;
      if (left === 0) throw new ProbeError('redirect', `more than ${this.#redirects} redirects`, 'wait');
      course.run.say(`redirected to ${next.url.origin}${next.url.pathname}`);
      // Who has left does not get back what was left behind.
      isHome &&= next.url.origin === outgoing.url.origin;
      if (!isHome) login = undefined;
      outgoing = next;
    }
  }

  async #hop(outgoing: Outgoing, authorization: string | undefined, isHome: boolean, course: Course): Promise<Answer> {
    const { url, method } = outgoing;
    const { run, cookies } = course;
    const way = isHome ? this.#parts.way : asStranger(this.#parts.way);
    const onItsOwn = course.isEndpoint(url) ? run : { ...run, observe: () => {} };
    const socket = await open(url, way, this.#parts.trusts, onItsOwn);
    run.say(`${method} ${url.pathname}`);
    const proxy = isSecure(url) ? undefined : way.proxy;
    const proxyLogin = await proxy?.credential?.();
    const { maxBytes } = this.expectation;
    const request: WireRequest = {
      ...outgoing,
      origin: originOf(url),
      headers: headersOf(outgoing, authorization, cookies.header(url), proxyLogin),
      target: proxy ? `${url.origin}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
      maxBytes,
    };
    const ask = () => exchange(socket, request, run, course.onHead);
    const raw = proxy ? await asked(proxy, proxyLogin, run, ask) : await ask();
    run.say(`${raw.status}, ${raw.body.length} bytes`);
    const setCookie = raw.headers['set-cookie'];
    if (setCookie) for (const value of cookies.take(url, setCookie)) run.hide(value);
    return await Answer.of(raw, maxBytes);
  }

  #keepFrom(answer: Answer, { run, values }: Course): void {
    for (const [name, place] of this.#keep) {
      const text = textOf(place.read(answer));
      if (text === undefined) throw new ProbeError(place.reason, `nothing to keep as ${name}: ${place.name} leads to no value`, 'transfer');
      if (!isHeaderValue(text))
        throw new ProbeError(place.reason, `what is kept as ${name} holds a line break or control character`, 'transfer');
      run.hide(text);
      values.set(name, text);
    }
  }
}

function headersOf({ headers }: Outgoing, authorization?: string, cookie?: string, proxyLogin?: string): string[] {
  const flat: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'cookie' || cookie === undefined) flat.push(name, value);
  }
  if (authorization !== undefined) flat.push('authorization', authorization);
  if (cookie !== undefined) flat.push('cookie', headers['cookie'] === undefined ? cookie : `${headers['cookie']}; ${cookie}`);
  if (proxyLogin !== undefined) flat.push('proxy-authorization', proxyLogin);
  return flat;
}

/** Neither our certificate nor the name of the endpoint is for another origin. */
function asStranger(way: Way): Way {
  const { ca, insecure } = way.tls ?? {};
  return { ...way, tls: { ...(ca !== undefined && { ca }), ...(insecure !== undefined && { insecure }) } };
}
