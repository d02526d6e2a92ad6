// What errors of MySQL and MariaDB mean.
// Numbers: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and https://mariadb.com/kb/en/mariadb-error-codes/

import { SourceError } from '../../kind.js';
import { errorCode, systemError } from '../../system-errors.js';
import { SHOWN_CHARACTERS, type Meaning } from './meaning.js';

export type Phase = 'connect' | 'login' | 'query' | 'role';

const full = { errorClass: 'refused', message: 'the server has no connection left, for all or for this login' } as const;
const noLogin = {
  errorClass: 'auth',
  message: 'the login is not accepted: user or password is wrong, or it may not come from here',
} as const;
const lockedLogin = { errorClass: 'auth', message: 'the login is locked, or its password has expired' } as const;
const ended = { errorClass: 'lost', message: 'an administrator ended the connection, or the server shuts down' } as const;
const tooLong = { errorClass: 'timeout', message: 'the server cancelled the query: it ran longer than its timeout' } as const;
const shownPermission = { errorClass: 'permission' } as const;
const shownSchema = { errorClass: 'schema' } as const;
const badValue = { errorClass: 'schema', message: 'the server could not compute with a value' } as const;
const writes = { errorClass: 'permission', message: 'the query tries to write; the session is read-only' } as const;

const NUMBERS: Readonly<Record<number, Meaning>> = {
  1020: { errorClass: 'deadlock', message: 'the server cancelled the query in favour of another transaction' },
  1040: full,
  1044: shownPermission,
  1045: noLogin,
  1046: { errorClass: 'schema', message: 'the statement names a table without its database' },
  1047: { errorClass: 'lost', message: 'the node is not ready: it is not part of its cluster now' },
  1049: { errorClass: 'not_found' },
  1052: shownSchema,
  1053: ended,
  1054: shownSchema,
  1055: shownSchema,
  1060: shownSchema,
  1066: shownSchema,
  1109: shownSchema,
  1129: { errorClass: 'refused', message: 'the server blocks this machine after many failed connections; FLUSH HOSTS lets it in again' },
  1130: { errorClass: 'auth', message: 'the server lets nobody in from this machine' },
  1140: shownSchema,
  1142: shownPermission,
  1143: shownPermission,
  1146: shownSchema,
  1193: { errorClass: 'protocol', message: 'the server is too old: MySQL 5.7.8 or MariaDB 10.1 is needed, or newer' },
  1203: full,
  1205: { errorClass: 'timeout', message: 'a table stayed locked by somebody else' },
  1213: { errorClass: 'deadlock', message: 'the server ended a deadlock by cancelling the query' },
  1226: full,
  1227: shownPermission,
  1251: { errorClass: 'auth', message: 'the server and Vigie do not agree on how to log in' },
  1267: shownSchema,
  1270: shownSchema,
  1271: shownSchema,
  1290: writes,
  1300: badValue,
  1305: shownSchema,
  1317: { errorClass: 'timeout', message: 'the query was interrupted: by an administrator, or since nobody waits for it any more' },
  1356: shownSchema,
  1366: badValue,
  1370: shownPermission,
  1411: badValue,
  1525: badValue,
  1630: shownSchema,
  1698: noLogin,
  1792: writes,
  1820: lockedLogin,
  1836: writes,
  1862: lockedLogin,
  1927: ended,
  1969: tooLong,
  3024: tooLong,
  3118: lockedLogin,
  3159: { errorClass: 'tls', message: 'the server takes encrypted connections only; leave out tls: false' },
  4031: { errorClass: 'lost', message: 'the server ended the connection, which was idle for too long' },
  4151: lockedLogin,
};

/** By the first two characters of the SQLSTATE, for the numbers that are not named above. */
const STATE_CLASSES: Readonly<Record<string, Meaning>> = {
  '08': { errorClass: 'lost', message: 'the connection failed' },
  '21': { errorClass: 'schema', message: 'a subquery returns more rows or columns than it may' },
  '22': badValue,
  '28': noLogin,
  '40': { errorClass: 'deadlock', message: 'the server cancelled the query in favour of another transaction' },
  '42': { errorClass: 'schema', message: 'the server does not accept the statement' },
};

/** Codes of mysql2. */
const CODES: Readonly<Record<string, Meaning & { readonly phase?: Phase }>> = {
  ENOENT: { errorClass: 'refused', message: 'there is no such Unix socket' },
  HANDSHAKE_NO_SSL_SUPPORT: {
    phase: 'connect',
    errorClass: 'tls',
    message: 'the server offers no encryption; turn it on there, or write tls: false to go without',
  },
  AUTH_SWITCH_PLUGIN_ERROR: {
    phase: 'login',
    errorClass: 'auth',
    message: 'the login needs a plugin that Vigie lacks; it knows mysql_native_password, caching_sha2_password and sha256_password',
  },
  MYSQL_CLEAR_PASSWORD_NOT_ENABLED: {
    phase: 'login',
    errorClass: 'auth',
    message: 'the server asks for the password in clear text, which Vigie never sends',
  },
};

const SYNTAX_ERROR = 1064;

/**
 * @param error what mysql2 threw; only messages that can hold no data and no secret are passed on
 * @param mask takes values of ours out of what the server says
 */
export function mysqlError(error: unknown, phase: Phase, mask: (text: string) => string = (text) => text): SourceError {
  if (error instanceof SourceError) return error;
  const text = textField(error, 'message');
  const number = serverNumber(error);
  if (number !== undefined) return ofNumber(number, mask(text), textField(error, 'sqlState'), phase);
  const code = errorCode(error);
  const known = systemError(code);
  if (known) return new SourceError(phase, known.errorClass, known.message);
  if (code === 'HANDSHAKE_SSL_ERROR') return new SourceError('connect', 'tls', certificateProblem(text));
  const meaning = code === undefined ? undefined : CODES[code];
  if (meaning) return new SourceError(meaning.phase ?? phase, meaning.errorClass, meaning.message ?? '');
  if (/^(?:PROTOCOL_|HANDSHAKE_UNKNOWN)/.test(code ?? '') && code !== 'PROTOCOL_CONNECTION_LOST') {
    return new SourceError(phase, 'protocol', 'what answers is no MySQL or MariaDB server');
  }
  return new SourceError(phase, 'lost', 'the connection ended before the answer');
}

function ofNumber(number: number, text: string, state: string, phase: Phase): SourceError {
  const meaning = meaningOf(number, state, text);
  const message = meaning.message ?? withoutLogin(text).slice(0, SHOWN_CHARACTERS);
  // Before a session stands, the server speaks of the login.
  const spoken = phase === 'connect' && meaning.errorClass !== 'tls' && meaning.errorClass !== 'protocol' ? 'login' : phase;
  return new SourceError(spoken, meaning.errorClass, `${message} (error ${number})`);
}

function meaningOf(number: number, state: string, text: string): Meaning {
  if (number === SYNTAX_ERROR) return { errorClass: 'syntax', message: syntaxMessage(text) };
  return NUMBERS[number] ?? STATE_CLASSES[state.slice(0, 2)] ?? { errorClass: 'internal', message: 'the server reports an error' };
}

/** The server quotes the rest of the statement, where texts may stand: of it the first word is shown, if it is one. */
function syntaxMessage(text: string): string {
  const { word, line } = /near '(?<word>[A-Za-z_]\w*)?[^]*' at line (?<line>\d+)/.exec(text)?.groups ?? {};
  const place = line === undefined ? '' : ` in line ${line}`;
  return `syntax error${place}${word === undefined ? '' : ` near ${word}`}`;
}

/** `SELECT command denied to user 'vigie'@'10.0.0.5' for table `payroll``, without the user and its machine. */
function withoutLogin(text: string): string {
  return text.replace(/ (?:to|for) user '[^']*'@'[^']*'/, '');
}

function certificateProblem(text: string): string {
  if (text.includes("does not match certificate's altnames")) {
    return 'the certificate of the server bears another name; write the one it bears as tls.server_name';
  }
  // OpenSSL's words for what it checks; errors of the protocol look otherwise, and say less.
  const reason = /^(?<words>[a-z][a-z -]{5,60})(?:;|$)/i.exec(text)?.groups?.['words'];
  return `the certificate of the server is not accepted${reason === undefined ? ', or TLS fails' : `: ${reason}`}`;
}

/** Zero, a negative or no number is of the operating system or of mysql2, not of the server. */
function serverNumber(error: unknown): number | undefined {
  const number = field(error, 'errno');
  return typeof number === 'number' && number > 0 ? number : undefined;
}

function textField(error: unknown, name: 'message' | 'sqlState'): string {
  const value = field(error, name);
  return typeof value === 'string' ? value : '';
}

function field(error: unknown, name: 'errno' | 'message' | 'sqlState'): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  const { [name]: value }: Partial<Record<typeof name, unknown>> = error;
  return value;
}
