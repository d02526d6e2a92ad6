// What errors of ODBC mean. SQLSTATEs: https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes

import { SourceError } from '../../kind.js';
import { SHOWN_CHARACTERS, type Meaning } from './meaning.js';

const cancelled = { errorClass: 'timeout', message: 'the query was cancelled: it ran longer than its timeout' } as const;
const writes = { errorClass: 'permission', message: 'the query tries to write; its transaction is read-only' } as const;
const deadlock = { errorClass: 'deadlock', message: 'the server cancelled the query in favour of another transaction' } as const;

const STATES: Readonly<Record<string, Meaning>> = {
  '08001': { errorClass: 'refused', message: 'the database cannot be reached, or refuses the connection' },
  '08004': { errorClass: 'refused', message: 'the server refuses the connection' },
  '25006': writes,
  '40001': deadlock,
  '40P01': deadlock,
  '42000': { errorClass: 'syntax' },
  '42501': { errorClass: 'permission' },
  '42502': { errorClass: 'permission' },
  '42601': { errorClass: 'syntax' },
  '57014': cancelled,
  '57033': deadlock,
  HY008: cancelled,
  HYT00: cancelled,
  HYT01: { errorClass: 'timeout', message: 'no answer' },
  IM002: { errorClass: 'not_found', message: 'there is no data source of this name in odbc.ini' },
  IM003: { errorClass: 'config', message: 'its ODBC driver cannot be loaded; look at Driver= in odbc.ini' },
};

/** By the first two characters, for the states that are not named above. */
const STATE_CLASSES: Readonly<Record<string, Meaning>> = {
  '08': { errorClass: 'lost', message: 'the connection failed' },
  '21': { errorClass: 'schema', message: 'a subquery returns more rows or columns than it may' },
  '22': { errorClass: 'schema', message: 'the server could not compute with a value' },
  '28': { errorClass: 'auth', message: 'user or password is wrong' },
  '42': { errorClass: 'schema' },
  '57': { errorClass: 'lost', message: 'an administrator ended the connection, or the server shuts down' },
};

/** @param message of the driver; passed on only where it can hold no data and no secret */
export function odbcError(phase: 'connect' | 'query', state: string, message: string): SourceError {
  const { errorClass, message: ours } = meaningOf(phase, state, message);
  const shown = ours ?? messageOf(message);
  return new SourceError(errorClass === 'auth' ? 'login' : phase, errorClass, state === '' ? shown : `${shown} (SQLSTATE ${state})`);
}

function meaningOf(phase: 'connect' | 'query', state: string, message: string): Meaning {
  // Where drivers of PostgreSQL and others have one state for all that may be in the way, their words tell.
  if (phase === 'connect' && /authenticat|password|logon|login failed/i.test(message)) return STATE_CLASSES['28'] ?? { errorClass: 'auth' };
  const known = STATES[state] ?? STATE_CLASSES[state.slice(0, 2)];
  // The manager of drivers (IM, 01000) has the text of what the dynamic linker found.
  if (/can't open lib/i.test(message)) return STATES['IM003'] ?? { errorClass: 'config' };
  return known ?? { errorClass: 'internal', message: 'the ODBC driver reports an error' };
}

/** `[unixODBC][IBM][CLI Driver] SQL0204N …`, `ERROR: …;\nError while executing the query`: of it the sentence. */
function messageOf(message: string): string {
  const [line = ''] = message.replace(/^(?:\[[^\]]*\]\s*)*(?:ERROR:\s*)?/, '').split('\n');
  return line.replace(/;$/, '').slice(0, SHOWN_CHARACTERS);
}
