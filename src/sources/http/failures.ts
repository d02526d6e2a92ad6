// Every way in which a probe of an endpoint may fail, by what the YAML says of it: these counters exist at 0 from the first scrape.

import type { Phase } from '../endpoints/phases.js';
import type { Failure, Reason } from '../endpoints/reasons.js';
import { TLS_FAILURES } from '../endpoints/tls.js';
import { PROXY_FAILURES } from './proxy.js';
import type { StepOptions } from './schema.js';

const DIRECT = pairs({ resolve: ['dns', 'timeout'], connect: ['refused', 'unreachable', 'timeout', 'reset'] });
const EXCHANGE = pairs({
  send: ['timeout', 'reset', 'protocol'],
  wait: ['timeout', 'reset', 'protocol', 'too_large', 'status'],
  transfer: ['timeout', 'reset', 'protocol', 'too_large'],
});
/** TLS may fail after the handshake too. */
const SECURE: readonly Failure[] = [
  ...TLS_FAILURES,
  { phase: 'tls', reason: 'protocol' },
  ...(['send', 'wait', 'transfer'] as const).map((phase) => ({ phase, reason: 'tls' }) as const),
];

/** Of one step, its way through a proxy included. @param isProxied whether the step goes through a proxy, and whether that wants a login */
export function failuresOf(step: StepOptions, isProxied: boolean, proxyLogin: boolean): Failure[] {
  const { url, auth, expect = {}, keep = {}, redirects = false } = step;
  const isSecure = /^https:/i.test(url);
  const follows = redirects !== false && redirects !== 0;
  const reads = Object.values(keep);
  return [
    ...(isProxied ? PROXY_FAILURES : DIRECT),
    ...(isProxied ? pairs({ proxy: ['auth'] }) : []),
    ...(isProxied && proxyLogin ? pairs({ login: ['login_paused'] }) : []),
    ...(isSecure || follows ? SECURE : []),
    ...EXCHANGE,
    ...(follows ? pairs({ wait: ['redirect'] }) : []),
    ...(expect.headers ? pairs({ wait: ['header'] }) : []),
    ...(expect.body !== undefined || expect.not_body !== undefined ? pairs({ transfer: ['body'] }) : []),
    ...(expect.json ? pairs({ transfer: ['json'] }) : []),
    ...reads.flatMap(({ json, header }) => pairs({ transfer: [json !== undefined ? 'json' : header !== undefined ? 'header' : 'body'] })),
    ...(auth ? pairs({ login: ['auth'] }) : []),
    ...(auth && 'oauth2' in auth ? ofToken(isProxied, /^https:/i.test(auth.oauth2.token_url)) : []),
  ];
}

/** The fetching of a token is one phase. */
function ofToken(isProxied: boolean, isSecure: boolean): Failure[] {
  const reasons = [...(isProxied ? PROXY_FAILURES : DIRECT), ...EXCHANGE, ...(isSecure ? SECURE : [])].map(({ reason }) => reason);
  return pairs({ login: [...new Set([...reasons, 'status', 'json'] as const)] });
}

/** Each pair once. */
export function distinct(failures: readonly Failure[]): Failure[] {
  return [...new Map(failures.map((failure) => [`${failure.phase} ${failure.reason}`, failure])).values()];
}

function pairs(reasons: Readonly<Partial<Record<Phase, readonly Reason[]>>>): Failure[] {
  const phases = Object.keys(reasons).filter((phase): phase is Phase => Object.hasOwn(reasons, phase));
  return phases.flatMap((phase) => (reasons[phase] ?? []).map((reason) => ({ phase, reason })));
}
