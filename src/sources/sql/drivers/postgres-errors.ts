// What errors of PostgreSQL mean. SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html

import { SourceError } from '../../kind.js';
import { errorCode, systemError } from '../../system-errors.js';
import { TLS_CODE } from './encryption.js';
import { SHOWN_CHARACTERS, type Meaning } from './meaning.js';

export type Phase = 'connect' | 'login' | 'query' | 'role';

const STATES: Readonly<Record<string, Meaning>> = {
  '0A000': { errorClass: 'syntax', message: 'the server cannot read this statement by a cursor; it must be one SELECT that only reads' },
  '22021': { errorClass: 'schema', message: 'a text is not valid in UTF-8, or in the encoding of the database' },
  '22P05': { errorClass: 'schema', message: 'a text cannot be written in UTF-8' },
  '25P03': { errorClass: 'lost', message: 'the server ended the connection, since nothing went over it for too long' },
  '25006': { errorClass: 'permission', message: 'the query tries to write; the session is read-only' },
  '3D000': { errorClass: 'not_found' },
  '40001': { errorClass: 'deadlock', message: 'the server cancelled the query in favour of another transaction or of replication' },
  '40P01': { errorClass: 'deadlock', message: 'the server ended a deadlock by cancelling the query' },
  '42501': { errorClass: 'permission' },
  '42601': { errorClass: 'syntax' },
  '53300': { errorClass: 'refused', message: 'the server has no connection left' },
  '55P03': { errorClass: 'timeout', message: 'a table stayed locked by somebody else' },
  '57014': {
    errorClass: 'timeout',
    message: 'the server cancelled the query: it ran longer than its timeout, or an administrator ended it',
  },
  '57P01': { errorClass: 'lost', message: 'an administrator ended the connection, or the server shuts down' },
  '57P02': { errorClass: 'lost', message: 'the server crashed' },
  '57P03': { errorClass: 'refused', message: 'the server is starting up or shutting down' },
  '57P04': { errorClass: 'lost', message: 'the database has been dropped' },
  '57P05': { errorClass: 'lost', message: 'the server ended the connection, since nothing went over it for too long' },
};

/** By the first two characters, for the states that are not named above. */
const STATE_CLASSES: Readonly<Record<string, Meaning>> = {
  '08': { errorClass: 'lost', message: 'the connection failed' },
  '21': { errorClass: 'schema', message: 'a subquery returns more rows or columns than it may' },
  '22': { errorClass: 'schema', message: 'the server could not compute with a value' },
  '28': { errorClass: 'auth' },
  '42': { errorClass: 'schema' },
  '53': { errorClass: 'refused', message: 'the server lacks memory, disk space or another resource' },
  '54': { errorClass: 'schema', message: 'the statement goes beyond a limit of the server' },
};

/** @param error what pg threw; only messages that can hold no data and no secret are passed on */
export function postgresError(error: unknown, phase: Phase): SourceError {
  if (error instanceof SourceError) return error;
  const code = errorCode(error);
  const text = error instanceof Error ? error.message : '';
  const system = systemError(code);
  if (system) return new SourceError(phase, system.errorClass, system.message);
  if (code !== undefined && TLS_CODE.test(code)) {
    return new SourceError('connect', 'tls', `the certificate of the server is not accepted, or TLS fails (${code})`);
  }
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) return ofState(code, text, phase);
  if (text === 'The server does not support SSL connections') {
    return new SourceError('connect', 'tls', 'the server offers no encryption; turn it on there, or write tls: false to go without');
  }
  if (text.startsWith('SASL')) return new SourceError('login', 'auth', 'the server and Vigie do not agree on how to log in');
  if (text.startsWith('received invalid response')) return new SourceError(phase, 'protocol', 'what answers is no PostgreSQL server');
  return new SourceError(phase, 'lost', 'the connection ended before the answer');
}

function ofState(state: string, text: string, phase: Phase): SourceError {
  const meaning = STATES[state] ?? STATE_CLASSES[state.slice(0, 2)] ?? { errorClass: 'internal', message: 'the server reports an error' };
  const message = meaning.message ?? text.slice(0, SHOWN_CHARACTERS);
  // Before a session stands, the server speaks of the login.
  return new SourceError(phase === 'connect' ? 'login' : phase, meaning.errorClass, `${message} (SQLSTATE ${state})`);
}
