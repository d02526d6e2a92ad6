// What `vigie check` says of smtp sources beyond their schema.

import { addressProblems, parseAddress } from '../endpoints/address.js';
import { checkEndpoints } from '../endpoints/check.js';
import { tlsProblems } from '../endpoints/tls.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import type { EndpointOptions, SmtpOptions } from './schema.js';

/** RFC 8314, section 3.3: mail over TLS from the start. */
const IMPLICIT_PORT = 465;

export function check(source: SourceConfig<SmtpOptions>, context: CheckContext): Problem[] {
  return checkEndpoints(source, context, (endpoint) => [
    ...addressProblems(endpoint.address, 'mail.example.org:25'),
    ...tlsProblems(endpoint.tls),
    ...encryptionProblems(endpoint),
    ...expectProblems(endpoint),
  ]);
}

function encryptionProblems({ address, encryption = 'starttls', tls, login }: EndpointOptions): Problem[] {
  const problems: Problem[] = [];
  if (encryption === 'none' && tls !== undefined) {
    problems.push({ path: ['tls'], message: 'has no effect with encryption: none; leave one of the two out' });
  }
  if (encryption === 'none' && login !== undefined) {
    problems.push({ path: ['login'], message: 'a password is sent over TLS only; leave `encryption` out, or choose implicit' });
  }
  if (encryption === 'starttls' && parseAddress(address)?.port === IMPLICIT_PORT) {
    const message = `port ${IMPLICIT_PORT} speaks TLS from the start, as a rule: encryption: implicit`;
    problems.push({ path: ['address'], severity: 'warning', message });
  }
  return problems;
}

function expectProblems({ encryption = 'starttls', expect }: EndpointOptions): Problem[] {
  const isWanted = expect?.extensions?.some((keyword) => keyword.toUpperCase() === 'STARTTLS');
  if (!isWanted || encryption !== 'implicit') return [];
  return [{ path: ['expect', 'extensions'], message: 'STARTTLS is not offered over TLS; leave it out, or choose encryption: starttls' }];
}
