// What `vigie check` says of http sources beyond their schema.

import { parseDuration } from '../../domain/duration.js';
import { suggest } from '../../domain/suggest.js';
import type { CheckContext, ConfigPath, Problem, SourceConfig } from '../kind.js';
import { regexProblem } from '../regex.js';
import { schedule, scheduleProblems } from '../schedule.js';
import type { EndpointOptions, HttpOptions } from './schema.js';

/** RFC 9110, section 5.1: a header name is a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What Node.js sets itself; a second value would make the request ambiguous. */
const RESERVED_HEADERS = ['connection', 'content-length', 'transfer-encoding'];

export function check(source: SourceConfig<HttpOptions>, context: CheckContext): Problem[] {
  return Object.entries(source.options.endpoints).flatMap(([name, endpoint]) =>
    [
      ...scheduleProblems(source, endpoint, 'probes'),
      ...urlProblems(endpoint),
      ...referenceProblems(endpoint, context),
      ...headerProblems(endpoint),
      ...expectProblems(source, endpoint),
      ...methodProblems(endpoint),
      ...tlsProblems(endpoint),
    ].map((problem) => ({ ...problem, path: ['endpoints', name, ...problem.path] })),
  );
}

function urlProblems({ url: text }: EndpointOptions): Problem[] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return [{ path: ['url'], message: 'no valid URL; e.g. https://partner.example.org/health' }];
  }
  if (url.username !== '' || url.password !== '') {
    return [{ path: ['url'], message: 'holds a user or a password: move them to auth: { user: …, password: { env: NAME } }' }];
  }
  return [];
}

function referenceProblems({ partner, flow: flowName }: EndpointOptions, { flows, partners }: CheckContext): Problem[] {
  const problems: Problem[] = [];
  const flow = flows.find(({ name }) => name === flowName);
  if (flowName !== undefined && !flow) {
    const names = flows.map(({ name }) => name);
    problems.push({ path: ['flow'], message: `no flow "${flowName}" in this environment${suggest(flowName, names)}` });
  }
  if (partner === undefined) return problems;
  if (!partners.includes(partner)) {
    problems.push({ path: ['partner'], message: `no partner "${partner}"${suggest(partner, partners)}` });
  } else if (flow && !flow.partners.includes(partner)) {
    problems.push({ path: ['partner'], message: `"${partner}" is no partner of ${flow.name}${suggest(partner, flow.partners)}` });
  }
  return problems;
}

function headerProblems({ headers = {}, auth }: EndpointOptions): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const path: ConfigPath = ['headers', name];
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name)) problems.push({ path, message: `"${name}" is no header name; e.g. x-api-key` });
    if (RESERVED_HEADERS.includes(lower)) problems.push({ path, message: `"${name}" is set by Vigie itself; leave it out` });
    if (seen.has(lower)) problems.push({ path, message: `"${name}" stands twice; upper and lower case are the same header` });
    if (typeof value === 'string' && !isHeaderValue(value)) problems.push({ path, message: 'holds a line break or control character' });
    if (lower === 'authorization' && auth !== undefined)
      problems.push({ path, message: '`auth` sets this header too; keep one of the two' });
    seen.add(lower);
  }
  return problems;
}

/** RFC 9110, section 5.5: visible characters, spaces and tabs; as Latin-1 on the wire. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value);
}

function expectProblems(source: SourceConfig<HttpOptions>, endpoint: EndpointOptions): Problem[] {
  const { expect } = endpoint;
  const problems: Problem[] = [];
  const pattern = expect?.body;
  if (pattern !== undefined) {
    const message = regexProblem(() => new RegExp(pattern));
    if (message !== undefined) problems.push({ path: ['expect', 'body'], message });
    if (endpoint.method === 'HEAD') problems.push({ path: ['expect', 'body'], message: 'an answer to HEAD has no body; use GET' });
  }
  if (expect?.within !== undefined && (parseDuration(expect.within) ?? 0) > schedule(source, endpoint).timeout) {
    problems.push({
      path: ['expect', 'within'],
      message: `${expect.within} is longer than the timeout, so nothing is ever slow; shorten it`,
    });
  }
  return problems;
}

function methodProblems({ method, body }: EndpointOptions): Problem[] {
  if (body === undefined || method === 'POST') return [];
  return [{ path: ['body'], message: `a body is sent with method: POST only, not with ${method ?? 'GET'}` }];
}

function tlsProblems({ url, tls }: EndpointOptions): Problem[] {
  if (tls === undefined) return [];
  if (!/^https:/i.test(url))
    return [{ path: ['tls'], message: 'the URL is http://, where there is no certificate; use https:// or leave it out' }];
  if (tls.insecure !== true) return [];
  const path: ConfigPath = ['tls', 'insecure'];
  if (tls.ca !== undefined) return [{ path, message: 'accepts any certificate, so `ca` has no effect; keep one of the two' }];
  return [{ path, severity: 'warning', message: 'any certificate is accepted, an impostor’s too; name the authority with `ca` instead' }];
}
