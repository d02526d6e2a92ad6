// From the YAML of a connection to the configuration of mssql: always an object, for its connection strings drop settings silently.

import type { config as Config, IOptions } from 'mssql';
import { SourceError } from '../../kind.js';
import { CANCEL_LIMIT_MS, type ConnectContext, type SettingProblem } from '../driver.js';
import type { ConnectionSettings } from '../schema.js';
import { encryptionOf } from './encryption.js';
import { entraAuthentication, loginProblems } from './mssql-entra.js';

/** The session gives up earlier in all but the longest time-outs; this bounds what the library does on its own. */
const CONNECT_LIMIT_MS = 30_000;

/** What a schema cannot say of the settings of driver mssql. */
export function settingProblems(settings: ConnectionSettings): SettingProblem[] {
  const { server, port, instance, user, domain, encrypt, tls } = settings;
  const problems = loginProblems(settings);
  const [host, name] = server?.split('\\') ?? [];
  if (host !== undefined && name !== undefined) {
    problems.push({ setting: 'server', message: `names an instance too; write server: ${host} and instance: ${name}` });
  }
  const listed = /^(?:tcp:)?(?<host>[^,\\]+),(?<port>\d+)$/.exec(server ?? '')?.groups;
  if (listed)
    problems.push({ setting: 'server', message: `names a port too; write server: ${listed['host']} and port: ${listed['port']}` });
  if (port !== undefined && instance !== undefined) {
    problems.push({ setting: 'instance', message: 'is looked up by name to find its port; keep `instance` or `port`' });
  }
  const [realm, login] = user?.split('\\') ?? [];
  if (realm !== undefined && login !== undefined && domain === undefined) {
    problems.push({ setting: 'user', message: `names a Windows domain; write domain: ${realm} and user: ${login}` });
  }
  if (typeof tls === 'boolean') {
    problems.push({
      setting: 'tls',
      message: 'says whom to trust, e.g. { ca: tls/database-ca.pem }; whether to encrypt is said by `encrypt`',
    });
  } else if (tls !== undefined && encrypt === false) {
    problems.push({ setting: 'tls', message: 'is of no use with `encrypt: false`; leave out one of the two' });
  }
  return problems;
}

/** Reads the password, secret or token: a rotated one is taken at the next connect. @throws SourceError of phase `connect`, or `secret` */
export async function configOf(settings: ConnectionSettings, context: ConnectContext): Promise<Config & { options: IOptions }> {
  const { server, port, instance, database, encrypt = true, tls } = settings;
  if (server === undefined) throw new SourceError('connect', 'config', 'connection lacks server');
  const { ca, name: serverName } = (await encryptionOf(server, typeof tls === 'object' ? tls : true, context)) ?? {};
  const intent = settings.application_intent ?? (database === undefined ? 'readwrite' : 'readonly');
  return {
    server,
    ...(await loginOf(settings, context)),
    ...(database === undefined ? {} : { database }),
    ...(port === undefined ? {} : { port }),
    connectionTimeout: CONNECT_LIMIT_MS,
    // It would end at the first packet of the answer; the signal of each query covers all of it.
    requestTimeout: 0,
    // The session knows when its connection is lost and asks for another one itself, with the secret of that moment.
    validateConnection: false,
    pool: { min: 1, max: 1, acquireTimeoutMillis: CONNECT_LIMIT_MS, createTimeoutMillis: CONNECT_LIMIT_MS },
    options: {
      appName: context.application,
      encrypt,
      trustServerCertificate: false,
      cryptoCredentialsDetails: ca === undefined ? {} : { ca },
      readOnlyIntent: intent === 'readonly',
      cancelTimeout: CANCEL_LIMIT_MS,
      // Who tries again, and when, is the poller's to say.
      maxRetriesOnTransientErrors: 0,
      useUTC: true,
      ...(instance === undefined ? {} : { instanceName: instance }),
      ...(serverName === undefined ? {} : { serverName }),
    },
  };
}

/** Who logs in: by Entra ID, by NTLM where there is a domain, or by user and password. */
async function loginOf(settings: ConnectionSettings, context: ConnectContext): Promise<Partial<Config>> {
  const { user, password, domain, entra, encrypt } = settings;
  if (entra !== undefined) {
    if (encrypt === false) throw new SourceError('connect', 'config', 'a token of Entra ID is not sent with encrypt: false');
    const authentication = await entraAuthentication(entra, context);
    if (authentication) return { authentication };
  } else if (user !== undefined && password !== undefined) {
    return { user, password: await context.readSecret(password), ...(domain === undefined ? {} : { domain }) };
  }
  throw new SourceError('connect', 'config', 'connection does not say who logs in: it needs `user` and `password`, or `entra`');
}
