// What errors of SQL Server mean. Numbers: https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors

import { SourceError } from '../../kind.js';
import { systemError } from '../../system-errors.js';
import { TLS_CODE } from './encryption.js';
import { SHOWN_CHARACTERS, type Meaning } from './meaning.js';

export type Phase = 'connect' | 'login' | 'query' | 'role' | 'rights';

/** An error as the server sends it. */
export interface ServerError {
  readonly number: number;
  readonly message: string;
  /** "Class" in the protocol: 11–16 the caller's, 17–19 the server's, from 20 on the connection ends. */
  readonly severity: number;
}

const computing = { errorClass: 'schema', message: 'the server could not compute with a value' } as const;
const busy = { errorClass: 'refused', message: 'the server has no connection or resource left' } as const;
const starting = { errorClass: 'refused', message: 'the server is starting up, being upgraded, or shutting down' } as const;
const noReplica = { errorClass: 'refused', message: 'this replica of the availability group takes no such connections now' } as const;
const noLogin = { errorClass: 'auth', message: 'the login is not accepted: user, password or domain is wrong' } as const;
const noDatabase = { errorClass: 'not_found', message: 'the database does not exist, or the login may not open it' } as const;

const NUMBERS: Readonly<Record<number, Meaning>> = {
  102: { errorClass: 'syntax' },
  105: { errorClass: 'syntax', message: 'a quotation mark is not closed' },
  156: { errorClass: 'syntax' },
  170: { errorClass: 'syntax' },
  207: { errorClass: 'schema' },
  208: { errorClass: 'schema' },
  209: { errorClass: 'schema' },
  220: computing,
  229: { errorClass: 'permission' },
  230: { errorClass: 'permission' },
  233: { errorClass: 'lost', message: 'the server ended the connection' },
  241: computing,
  242: computing,
  245: computing,
  262: { errorClass: 'permission' },
  297: { errorClass: 'permission' },
  300: { errorClass: 'permission' },
  596: { errorClass: 'lost', message: 'an administrator ended the session' },
  911: noDatabase,
  916: { errorClass: 'permission', message: 'the login may not open the database' },
  976: noReplica,
  978: { errorClass: 'refused', message: 'the replica takes read-only sessions alone; write application_intent: readonly, and database' },
  979: { errorClass: 'refused', message: 'the replica takes no read-only sessions; write application_intent: readwrite' },
  983: noReplica,
  1205: { errorClass: 'deadlock', message: 'the server ended a deadlock by cancelling the query' },
  1222: { errorClass: 'timeout', message: 'a table stayed locked by somebody else' },
  2812: { errorClass: 'schema' },
  3906: { errorClass: 'permission', message: 'the query tries to write; the database is read-only' },
  3960: { errorClass: 'deadlock', message: 'the server cancelled the query in favour of another transaction' },
  3980: { errorClass: 'timeout', message: 'the query was cancelled' },
  4060: noDatabase,
  4063: noDatabase,
  4064: { errorClass: 'not_found', message: "the login's default database cannot be opened; name another one with `database`" },
  4104: { errorClass: 'schema' },
  6005: { errorClass: 'lost', message: 'the server shuts down' },
  8114: computing,
  8115: computing,
  8120: { errorClass: 'schema' },
  8134: computing,
  10928: busy,
  10929: busy,
  17142: starting,
  17187: starting,
  17809: busy,
  18401: starting,
  18452: noLogin,
  18456: noLogin,
  18470: { errorClass: 'auth', message: 'the login is disabled' },
  18486: { errorClass: 'auth', message: 'the login is locked' },
  18487: { errorClass: 'auth', message: 'the password of the login has expired' },
  18488: { errorClass: 'auth', message: 'the password of the login must be changed' },
  40501: busy,
  40613: starting,
  40615: { errorClass: 'refused', message: "the server's firewall does not let this address in" },
};

/** Codes of tedious and mssql. */
const CODES: Readonly<Record<string, Meaning>> = {
  ELOGIN: noLogin,
  ETIMEOUT: { errorClass: 'timeout', message: 'no answer' },
  ECANCEL: { errorClass: 'timeout', message: 'the query was cancelled' },
  EINSTLOOKUP: {
    errorClass: 'not_found',
    message: 'SQL Server Browser (UDP 1434) does not answer or does not know the instance; give the `port` instead of `instance`',
  },
};

/** As msal and Node.js say it. */
const NO_NETWORK = /network_error|\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b/;

/**
 * @param error what mssql or tedious threw; only messages that can hold no data and no secret are passed on
 * @param said what the server itself said, where the error does not carry it (at the login)
 */
export function mssqlError(error: unknown, phase: Phase, said?: ServerError): SourceError {
  if (error instanceof SourceError) return error;
  const links = [...chain(error)];
  const serverError = said ?? links.map(serverErrorOf).find((found) => found !== undefined);
  if (serverError) return ofNumber(serverError, phase);
  const codes = links.flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
  if (codes.includes('EFEDAUTH')) return identityError(links);
  for (const code of codes.toReversed()) {
    const system = systemError(code);
    if (system) return new SourceError(phase, system.errorClass, system.message);
    if (TLS_CODE.test(code)) {
      return new SourceError('connect', 'tls', `the certificate of the server is not accepted, or TLS fails (${code})`);
    }
  }
  if (codes.includes('EENCRYPT')) return new SourceError('connect', 'tls', encryptionMessage(links));
  const meaning = codes.map((code) => CODES[code]).find((found) => found !== undefined);
  if (meaning) return new SourceError(meaning === noLogin ? 'login' : phase, meaning.errorClass, meaning.message ?? '');
  return new SourceError(phase, 'lost', 'the connection ended before the answer');
}

function ofNumber({ number, message, severity }: ServerError, phase: Phase): SourceError {
  const meaning = NUMBERS[number] ?? ofSeverity(severity);
  const text = meaning.message ?? message.slice(0, SHOWN_CHARACTERS);
  // Before a session stands, the server speaks of the login.
  return new SourceError(phase === 'connect' ? 'login' : phase, meaning.errorClass, `${text} (error ${number})`);
}

/** https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-error-severities */
function ofSeverity(severity: number): Meaning {
  if (severity === 14) return { errorClass: 'permission', message: 'the login may not do this' };
  if (severity === 15) return { errorClass: 'syntax', message: 'the server does not understand the query' };
  if (severity <= 16) return { errorClass: 'schema', message: 'the server could not run the query' };
  if (severity >= 20) return { errorClass: 'lost', message: 'the server met a fatal error and ended the connection' };
  return { errorClass: 'internal', message: 'the server reports an error' };
}

/**
 * No token came from Entra ID or from the endpoint of a managed identity. Its own words stay hidden but for the number, which says
 * enough: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
function identityError(links: readonly Link[]): SourceError {
  const attempts = links.flatMap(({ errors }): unknown[] => (Array.isArray(errors) ? errors : []));
  const causes = attempts.flatMap((attempt) => [...chain(attempt)]);
  const said = causes.map(({ message }) => (typeof message === 'string' ? message : '')).join('\n');
  const number = /AADSTS\d+/.exec(said)?.[0];
  if (number !== undefined) return new SourceError('login', 'auth', `Entra ID gives no token for this login (${number})`);
  if (NO_NETWORK.test(said)) return new SourceError('login', 'unreachable', 'Entra ID, which gives the token, cannot be reached');
  return new SourceError('login', 'auth', 'Entra ID gives no token for this login; is the identity assigned to this machine?');
}

function encryptionMessage(links: readonly Link[]): string {
  const required = links.some(({ message }) => typeof message === 'string' && message.startsWith('Server requires'));
  if (required) return 'the server takes encrypted connections only; leave out encrypt: false';
  return 'the server offers no encryption; turn it on there, or write encrypt: false to go without';
}

interface Link {
  readonly code?: unknown;
  readonly number?: unknown;
  readonly class?: unknown;
  readonly message?: unknown;
  readonly originalError?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** The error and what it wraps, outermost first; of several attempts or messages the first. */
function* chain(error: unknown): Generator<Link> {
  let link = error;
  for (let depth = 0; depth < 8 && isLink(link); depth++) {
    yield link;
    link = link.originalError ?? link.cause ?? (Array.isArray(link.errors) ? link.errors[0] : undefined);
  }
}

function isLink(value: unknown): value is Link {
  return typeof value === 'object' && value !== null;
}

function serverErrorOf({ number, message, class: severity }: Link): ServerError | undefined {
  if (typeof number !== 'number' || typeof message !== 'string') return undefined;
  return { number, message, severity: typeof severity === 'number' ? severity : 16 };
}
