// What `vigie check` says of tls sources beyond their schema.

import { addressProblems } from '../endpoints/address.js';
import { checkEndpoints } from '../endpoints/check.js';
import { TLS_VERSIONS, tlsProblems, type TlsVersion } from '../endpoints/tls.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { regexProblem } from '../regex.js';
import { suggest } from '../../domain/suggest.js';
import type { EndpointOptions, TlsKindOptions } from './schema.js';

export function check(source: SourceConfig<TlsKindOptions>, context: CheckContext): Problem[] {
  return checkEndpoints(source, context, (endpoint) => [
    ...addressProblems(endpoint.address, 'api.example.org:443'),
    ...trustProblems(endpoint),
    ...versionProblems(endpoint),
    ...expectProblems(endpoint),
  ]);
}

/** The settings that other kinds have in a block `tls` stand beside the address here. */
function trustProblems(endpoint: EndpointOptions): Problem[] {
  const { ca, server_name, certificate, key, passphrase, insecure, expect } = endpoint;
  const given = { ca, server_name, certificate, key, passphrase, insecure };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return tlsProblems(options)
    .map((problem) => ({ ...problem, path: problem.path.slice(1) }))
    .filter(({ severity }) => severity !== 'warning' || expect?.fingerprint === undefined);
}

function versionProblems({ versions = {}, expect }: EndpointOptions): Problem[] {
  const { min = 'TLSv1.2', max = 'TLSv1.3' } = versions;
  if (age(min) > age(max)) {
    return [{ path: ['versions'], message: `from ${min} to ${max} there is no version; exchange them, or name both` }];
  }
  const wanted = expect?.version === undefined ? [] : [expect.version].flat();
  const outside = wanted.find((version) => age(version) < age(min) || age(version) > age(max));
  if (outside === undefined) return [];
  const mend = `versions: { ${age(outside) < age(min) ? 'min' : 'max'}: ${outside} }`;
  return [{ path: ['expect', 'version'], message: `${outside} is not offered; offer it with ${mend}` }];
}

function age(version: TlsVersion): number {
  return TLS_VERSIONS.indexOf(version);
}

function expectProblems({ expect, alpn = [] }: EndpointOptions): Problem[] {
  const problems: Problem[] = [];
  const issuer = expect?.issuer;
  const message = issuer === undefined ? undefined : regexProblem(() => new RegExp(issuer));
  if (message !== undefined) problems.push({ path: ['expect', 'issuer'], message });
  if (expect?.alpn !== undefined && !alpn.includes(expect.alpn)) {
    const hint = alpn.length === 0 ? `; offer it with alpn: [${expect.alpn}]` : suggest(expect.alpn, alpn);
    problems.push({ path: ['expect', 'alpn'], message: `"${expect.alpn}" is not offered${hint}` });
  }
  return problems;
}
