// Where a redirect leads, and what goes along: nothing of the YAML to another origin, and nothing from https to http.

import { ProbeError } from '../endpoints/reasons.js';
import type { Answer } from './answer.js';
import type { Outgoing } from './request.js';
import { DEFAULT_REDIRECTS, type Method } from './schema-request.js';

/** 300, 304 and 305 are answers like others. */
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** How many may be followed. */
export function mostRedirects(written: boolean | number | undefined): number {
  if (typeof written === 'number') return written;
  return written === true ? DEFAULT_REDIRECTS : 0;
}

/** RFC 9110, section 15.4. @returns the request that the answer asks for; undefined where it asks for none */
export function redirected(request: Outgoing, answer: Answer): Outgoing | undefined {
  const location = answer.header('location');
  if (location === undefined || !REDIRECTS.includes(answer.status)) return undefined;
  const url = URL.parse(location, request.url.href);
  if (!url || !/^https?:$/.test(url.protocol)) throw new ProbeError('redirect', 'it redirects to no URL of http or https', 'wait');
  if (request.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new ProbeError('redirect', 'it redirects from https to plain http', 'wait');
  }
  url.username = '';
  url.password = '';
  const isStranger = url.origin !== request.url.origin;
  const method = methodAfter(answer.status, request.method);
  const keepsBody = method === request.method && !isStranger;
  return {
    url,
    method,
    headers: isStranger ? STRANGERS_HEADERS : keepsBody ? request.headers : withoutContent(request.headers),
    body: keepsBody ? request.body : undefined,
  };
}

const STRANGERS_HEADERS = { accept: '*/*', 'user-agent': 'Vigie' } as const;

function methodAfter(status: number, method: Method): Method {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  return status < 303 && method === 'POST' ? 'GET' : method;
}

/** Without a body nothing is said of one. */
function withoutContent(headers: Outgoing['headers']): Outgoing['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}
