// The steps of an endpoint: those that the YAML lists, or the one request that it is.

import type { EndpointOptions, StepOptions } from './schema.js';

/** What is said at the endpoint of the way (redirects, version, proxy, TLS) holds for every step that says nothing of it. */
export function stepsOf(endpoint: EndpointOptions): readonly StepOptions[] {
  const { steps, url, method, headers, body, auth, expect, redirects, http, proxy, tls } = endpoint;
  const way = {
    ...(redirects !== undefined && { redirects }),
    ...(http !== undefined && { http }),
    ...(proxy !== undefined && { proxy }),
    ...(tls !== undefined && { tls }),
  };
  if (steps) return steps.map((step) => ({ ...way, ...step }));
  if (url === undefined) return [];
  const { within: _, ...expected } = expect ?? {};
  return [
    {
      url,
      ...way,
      ...(method !== undefined && { method }),
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && { body }),
      ...(auth !== undefined && { auth }),
      ...(Object.keys(expected).length > 0 && { expect: expected }),
    },
  ];
}
