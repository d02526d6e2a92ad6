// Logins by Entra ID: what the YAML may say of them, and what tedious is told.
// Names of the ways: https://tediousjs.github.io/tedious/api-connection.html

import type { ConnectionAuthentication } from 'tedious';
import type { ConnectContext, SettingProblem } from '../driver.js';
import type { ConnectionSettings } from '../schema.js';

type Entra = NonNullable<ConnectionSettings['entra']>;

const WAYS = '{ tenant, client_id, client_secret } for an application, { managed_identity: true }, or { token }';

/** What is wrong with who logs in: by user and password, or by Entra ID. */
export function loginProblems({ user, password, domain, entra, encrypt }: ConnectionSettings): SettingProblem[] {
  if (entra === undefined) {
    const missing = [...(user === undefined ? (['user'] as const) : []), ...(password === undefined ? (['password'] as const) : [])];
    return missing.map((setting) => ({ setting, message: 'is missing: driver mssql needs `user` and `password`, or `entra`' }));
  }
  const problems: SettingProblem[] = [];
  if (user !== undefined || password !== undefined || domain !== undefined) {
    problems.push({ setting: 'entra', message: 'is a login of its own; leave out `user`, `password` and `domain`, or `entra`' });
  }
  const problem = entraProblem(entra);
  if (problem !== undefined) problems.push({ setting: 'entra', message: problem });
  if (encrypt === false) {
    problems.push({ setting: 'encrypt', message: 'must not be false with `entra`: its token would travel in the clear' });
  }
  return problems;
}

function entraProblem({ tenant, client_id, client_secret, token, managed_identity }: Entra): string | undefined {
  const application = tenant !== undefined || client_secret !== undefined;
  const ways = [application, managed_identity !== undefined, token !== undefined].filter(Boolean).length;
  if (ways === 0) return `lacks the way to log in: ${WAYS}`;
  if (ways > 1) return `mixes several ways to log in; keep one: ${WAYS}`;
  if (token !== undefined && client_id !== undefined) return 'needs no `client_id` beside `token`, which says who logs in';
  const lacking = Object.entries({ tenant, client_id, client_secret }).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (application && lacking.length > 0) {
    return `lacks ${lacking.map((name) => `\`${name}\``).join(' and ')}: an application needs tenant, client_id and client_secret`;
  }
  return undefined;
}

/**
 * Reads the secret or token: a rotated one is taken at the next connect.
 * @returns undefined where the settings say too little
 */
export async function entraAuthentication(entra: Entra, { readSecret }: ConnectContext): Promise<ConnectionAuthentication | undefined> {
  const { tenant: tenantId, client_id: clientId, client_secret: clientSecret, token } = entra;
  if (token !== undefined) {
    return { type: 'azure-active-directory-access-token', options: { token: await readSecret(token) } };
  }
  if (tenantId !== undefined && clientId !== undefined && clientSecret !== undefined) {
    const options = { tenantId, clientId, clientSecret: await readSecret(clientSecret) };
    return { type: 'azure-active-directory-service-principal-secret', options };
  }
  // Named after virtual machines, yet the same for App Service and containers: @azure/identity finds out where it runs.
  if (entra.managed_identity) {
    return { type: 'azure-active-directory-msi-vm', options: clientId === undefined ? {} : { clientId } };
  }
  return undefined;
}
