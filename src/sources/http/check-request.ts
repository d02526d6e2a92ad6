// What is wrong with one request of the YAML.

import { tlsProblems as certificateProblems } from '../endpoints/tls.js';
import type { ConfigPath, Problem } from '../kind.js';
import { conditionProblems, jsonPathProblems, placeProblems, regexProblems } from './check-values.js';
import { proxyProblems, urlProblems } from './check-way.js';
import { isHeaderName, isHeaderValue, isReserved } from './header.js';
import { rangesOf } from './expectation.js';
import type { StepOptions } from './schema.js';

/** RFC 9110, section 9.3: content of these has no meaning that servers agree on. */
const WITHOUT_BODY: readonly string[] = ['GET', 'HEAD'];

export function requestProblems(step: StepOptions): Problem[] {
  return [
    ...urlProblems(step.url, ['url'], 'auth: { user: …, password: { env: NAME } }'),
    ...headerProblems(step),
    ...expectProblems(step),
    ...methodProblems(step),
    ...authProblems(step),
    ...tlsProblems(step),
    ...proxyProblems(step.proxy),
    ...Object.entries(step.keep ?? {}).flatMap(([name, place]) => placeProblems(place, ['keep', name])),
  ];
}

function headerProblems({ headers = {}, auth }: StepOptions): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const path: ConfigPath = ['headers', name];
    const lower = name.toLowerCase();
    if (!isHeaderName(name)) problems.push({ path, message: `"${name}" is no header name; e.g. x-api-key` });
    if (isReserved(name)) problems.push({ path, message: `"${name}" is set by Vigie itself; leave it out` });
    if (seen.has(lower)) problems.push({ path, message: `"${name}" stands twice; upper and lower case are the same header` });
    if (typeof value === 'string' && !isHeaderValue(value)) problems.push({ path, message: 'holds a line break or control character' });
    if (lower === 'authorization' && auth !== undefined) {
      problems.push({ path, message: '`auth` sets this header too; keep one of the two' });
    }
    seen.add(lower);
  }
  return problems;
}

function expectProblems({ expect, method, redirects = false }: StepOptions): Problem[] {
  if (!expect) return [];
  const { status, headers = {}, body, not_body: notBody, json = {} } = expect;
  const problems: Problem[] = [
    ...regexProblems(body, ['expect', 'body']),
    ...regexProblems(notBody, ['expect', 'not_body']),
    ...Object.entries(headers).flatMap(([name, condition]) => conditionProblems(condition, ['expect', 'headers', name])),
    ...Object.entries(json).flatMap(([path, condition]) => [
      ...jsonPathProblems(path, ['expect', 'json', path]),
      ...conditionProblems(condition, ['expect', 'json', path]),
    ]),
  ];
  for (const name of Object.keys(headers)) {
    if (!isHeaderName(name))
      problems.push({ path: ['expect', 'headers', name], message: `"${name}" is no header name; e.g. content-type` });
  }
  if (method === 'HEAD') {
    for (const key of ['body', 'not_body', 'json'] as const) {
      if (expect[key] !== undefined) problems.push({ path: ['expect', key], message: 'an answer to HEAD has no body; use GET' });
    }
  }
  for (const [from, to] of status === undefined ? [] : rangesOf(status)) {
    if (from > to)
      problems.push({ path: ['expect', 'status'], message: `${from}-${to} is empty: the lower status comes first, ${to}-${from}` });
  }
  if (redirects !== false && redirects !== 0 && status !== undefined && rangesOf(status).every(([from, to]) => from >= 300 && to < 400)) {
    problems.push({ path: ['redirects'], message: 'the redirect itself is what `expect.status` waits for: leave `redirects` out' });
  }
  return problems;
}

function methodProblems({ method = 'GET', body }: StepOptions): Problem[] {
  if (body === undefined || !WITHOUT_BODY.includes(method)) return [];
  return [{ path: ['body'], message: `a body is sent with POST, PUT, PATCH, DELETE or OPTIONS, not with ${method}; e.g. method: POST` }];
}

function authProblems({ auth }: StepOptions): Problem[] {
  if (!auth || !('oauth2' in auth)) return [];
  const { token_url: url, tls } = auth.oauth2;
  const path = ['auth', 'oauth2'];
  return [
    ...urlProblems(url, [...path, 'token_url'], 'client_id and client_secret'),
    ...certificateProblems(tls).map((problem) => ({ ...problem, path: [...path, ...problem.path] })),
  ];
}

function tlsProblems({ url, tls, redirects = false }: StepOptions): Problem[] {
  if (tls && !/^https:/i.test(url) && redirects === false) {
    return [{ path: ['tls'], message: 'the URL is http://, where there is no certificate; use https:// or leave it out' }];
  }
  return certificateProblems(tls);
}
