// What `vigie check` says of ssh sources beyond their schema. No I/O.

import { parseAddress } from '../endpoints/address.js';
import { checkEndpoints } from '../endpoints/check.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { regexProblem } from '../regex.js';
import { hostKeyProblems } from '../ssh-trust/check.js';
import type { EndpointOptions, SshOptions } from './schema.js';

export const DEFAULT_PORT = 22;

export function check(source: SourceConfig<SshOptions>, context: CheckContext): Problem[] {
  return checkEndpoints<EndpointOptions>(source, context, (endpoint) => [
    ...addressProblems(endpoint),
    ...hostKeyProblems(endpoint.host_key),
    ...loginProblems(endpoint),
    ...expectProblems(endpoint),
  ]);
}

function addressProblems({ address }: EndpointOptions): Problem[] {
  if (parseAddress(address, DEFAULT_PORT)) return [];
  const message = `"${address}" is no address; e.g. sftp.partner.example.org:22 or [2001:db8::22]:22`;
  return [{ path: ['address'], message }];
}

function loginProblems({ login }: EndpointOptions): Problem[] {
  if (login === undefined) return [];
  if (login.key === undefined && login.password === undefined) {
    const message = 'neither `key` nor `password`: say how to log in, e.g. key: { file: /run/secrets/vigie_ed25519 }';
    return [{ path: ['login'], message }];
  }
  if (login.passphrase !== undefined && login.key === undefined) {
    return [{ path: ['login', 'passphrase'], message: 'a passphrase opens a `key`, and there is none; did you mean `password`?' }];
  }
  return [];
}

function expectProblems({ expect }: EndpointOptions): Problem[] {
  const banner = expect?.banner;
  const message = banner === undefined ? undefined : regexProblem(() => new RegExp(banner));
  return message === undefined ? [] : [{ path: ['expect', 'banner'], message }];
}
