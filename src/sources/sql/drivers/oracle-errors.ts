// What errors of Oracle and of its library mean. ORA-: https://docs.oracle.com/error-help/db/ NJS-: lib/errors.js of node-oracledb

import { SourceError } from '../../kind.js';
import { errorCode, systemError } from '../../system-errors.js';
import { SHOWN_CHARACTERS, type Meaning } from './meaning.js';

export type Phase = 'connect' | 'login' | 'query' | 'role';

const noLogin = { errorClass: 'auth', message: 'user or password is wrong' } as const;
const expired = { errorClass: 'auth', message: 'the password of the login has expired' } as const;
const full = { errorClass: 'refused', message: 'the server has no session left, for all or for this login' } as const;
const closed = { errorClass: 'refused', message: 'the database lets nobody in now: it starts, stops, or is restricted' } as const;
const noService = {
  errorClass: 'not_found',
  message: 'the listener knows no such service; `database` is the name of the service',
} as const;
const ended = { errorClass: 'lost', message: 'an administrator ended the session, or the server shuts down' } as const;
const lost = { errorClass: 'lost', message: 'the connection was lost' } as const;
const cancelled = { errorClass: 'timeout', message: 'the query was cancelled: it ran longer than its timeout' } as const;
const limited = { errorClass: 'timeout', message: 'the server ended the query: it used more than the login may' } as const;
const locked = { errorClass: 'timeout', message: 'a table stayed locked by somebody else' } as const;
const writes = { errorClass: 'permission', message: 'the query tries to write; its transaction is read-only' } as const;
const shownPermission = { errorClass: 'permission' } as const;
const shownSyntax = { errorClass: 'syntax' } as const;
const shownSchema = { errorClass: 'schema' } as const;
const compute = { errorClass: 'schema', message: 'the server could not compute with a value' } as const;
const encryption = {
  errorClass: 'tls',
  message: "the server insists on Oracle's own network encryption, which the library lacks; use TLS (tls: true, often port 2484)",
} as const;

/** Numbers of ORA- errors. */
const NUMBERS: Readonly<Record<number, Meaning>> = {
  18: full,
  20: full,
  28: ended,
  40: limited,
  54: locked,
  60: { errorClass: 'deadlock', message: 'the server ended a deadlock by cancelling the query' },
  604: { errorClass: 'internal', message: 'the server failed at work of its own' },
  900: shownSyntax,
  903: shownSyntax,
  904: shownSchema,
  905: shownSyntax,
  906: shownSyntax,
  907: shownSyntax,
  909: shownSchema,
  911: shownSyntax,
  917: shownSyntax,
  918: shownSchema,
  920: shownSyntax,
  921: shownSyntax,
  923: shownSyntax,
  928: shownSyntax,
  932: shownSchema,
  933: shownSyntax,
  936: shownSyntax,
  937: shownSchema,
  942: shownSchema,
  979: shownSchema,
  1005: noLogin,
  1008: { errorClass: 'schema', message: 'the statement names a bind variable other than :watermark' },
  1012: ended,
  1013: cancelled,
  1017: noLogin,
  1031: shownPermission,
  1033: closed,
  1034: closed,
  1035: closed,
  1045: { errorClass: 'permission', message: 'the login may not connect; GRANT CREATE SESSION to it' },
  1089: ended,
  1090: closed,
  1092: ended,
  1427: { errorClass: 'schema', message: 'a subquery returns more than one row' },
  1453: writes,
  1456: writes,
  1476: compute,
  1555: { errorClass: 'timeout', message: 'the query ran so long that what it had begun to read was gone (undo)' },
  1722: compute,
  2019: shownSchema,
  2391: full,
  2392: limited,
  2393: limited,
  2394: limited,
  2395: limited,
  2396: { errorClass: 'lost', message: 'the server ended the session: it was idle for longer than the login may be' },
  2399: { errorClass: 'lost', message: 'the server ended the session: it was connected for longer than the login may be' },
  3113: lost,
  3114: lost,
  3135: lost,
  3136: { errorClass: 'timeout', message: 'the login took longer than the server allows' },
  4043: shownSchema,
  12170: { errorClass: 'timeout', message: 'no answer' },
  12505: noService,
  12514: noService,
  12516: full,
  12518: full,
  12519: full,
  12520: full,
  12521: noService,
  12526: closed,
  12527: closed,
  12528: closed,
  12529: { errorClass: 'refused', message: 'the listener lets nobody in from this machine' },
  12535: { errorClass: 'timeout', message: 'no answer' },
  12537: lost,
  12541: { errorClass: 'refused', message: 'nothing listens there, or a firewall refuses' },
  12547: lost,
  12564: { errorClass: 'refused', message: 'the server refuses the connection' },
  12570: lost,
  12637: lost,
  12650: encryption,
  12660: encryption,
  16000: writes,
  24761: { errorClass: 'lost', message: 'the server rolled the transaction back' },
  28000: { errorClass: 'auth', message: 'the login is locked' },
  28001: expired,
  28003: expired,
  28040: { errorClass: 'auth', message: 'the server asks for a way to log in that the library lacks' },
  30006: locked,
  41900: shownPermission,
  56735: ended,
};

/** Codes of the library, for what it found out by itself. */
const CODES: Readonly<Record<string, Meaning & { readonly phase?: Phase }>> = {
  'NJS-097': { errorClass: 'schema', message: 'the statement names a bind variable other than :watermark' },
  'NJS-098': { errorClass: 'schema', message: 'the statement names a bind variable other than :watermark' },
  'NJS-116': {
    phase: 'login',
    errorClass: 'auth',
    message: 'the server keeps the password in a form of before Oracle 12 only; set the password of the login anew',
  },
  'NJS-123': cancelled,
  'NJS-138': { errorClass: 'protocol', message: 'the server is too old: Oracle Database 12.1 is needed, or newer' },
  'NJS-505': { phase: 'connect', errorClass: 'tls', message: 'TLS cannot be set up' },
  'NJS-509': { errorClass: 'protocol', message: 'what answers is no Oracle listener' },
  'NJS-510': { errorClass: 'timeout', message: 'no answer' },
  'NJS-511': { errorClass: 'refused', message: 'the listener refuses the connection' },
  'NJS-518': noService,
  'NJS-519': noService,
  'NJS-530': { errorClass: 'dns', message: 'the name does not exist, or could not be resolved' },
  'NJS-533': { phase: 'connect', ...encryption },
};

/** @param error what the library threw; only messages that can hold no data and no secret are passed on */
export function oracleError(error: unknown, phase: Phase): SourceError {
  if (error instanceof SourceError) return error;
  const text = error instanceof Error ? error.message : '';
  const number = serverNumber(error);
  // Before a session stands, the server speaks of the login.
  if (number !== undefined) return ofNumber(number, text, phase === 'connect' ? 'login' : phase);
  if (error instanceof Error && error.name === 'AbortError') {
    return new SourceError(phase, 'timeout', 'nobody waits for the answer any more');
  }
  return ofCode(errorCode(error), text, phase);
}

/** Whether the server let go of what ran because it was asked to. */
export function wasCancelled(error: unknown): boolean {
  return errorCode(error) === 'NJS-123' || serverNumber(error) === 1013;
}

/** Whether the login may not see the object, or there is none. */
export function isInvisible(error: unknown): boolean {
  return [942, 1031, 41_900].includes(serverNumber(error) ?? 0);
}

function ofCode(code: string | undefined, text: string, phase: Phase): SourceError {
  if (code === 'NJS-506') return new SourceError('connect', 'tls', tlsProblem(text));
  const refusedBy = code === 'NJS-511' ? /\bORA-(?<number>\d+)/.exec(text)?.groups?.['number'] : undefined;
  if (refusedBy !== undefined) return ofNumber(Number(refusedBy), text, phase);
  const system = code === 'NJS-503' ? systemError(/\b(?<code>E[A-Z]{4,})\b/.exec(text)?.groups?.['code']) : undefined;
  if (system) return new SourceError(phase, system.errorClass, system.message);
  const known = code === undefined ? undefined : CODES[code];
  if (known) return new SourceError(known.phase ?? phase, known.errorClass, known.message ?? '');
  return new SourceError(phase, 'lost', 'the connection ended before the answer');
}

function ofNumber(number: number, text: string, phase: Phase): SourceError {
  const meaning = meaningOf(number);
  return new SourceError(phase, meaning.errorClass, `${meaning.message ?? shown(text)} (ORA-${String(number).padStart(5, '0')})`);
}

function meaningOf(number: number): Meaning {
  const known = NUMBERS[number];
  if (known) return known;
  // Formats of numbers and times: the server tells of the format, and we of nothing more.
  if ((number >= 1810 && number <= 1899) || (number >= 1426 && number <= 1428)) return compute;
  return { errorClass: 'internal', message: 'the server reports an error' };
}

/** `ORA-00942: table or view does not exist`, `Help: https://…` in a line of its own: of it the sentence. */
function shown(text: string): string {
  const [line = ''] = text.replace(/^[^]*?ORA-\d{5}: /, '').split('\n');
  return line.slice(0, SHOWN_CHARACTERS);
}

function tlsProblem(text: string): string {
  if (/NJS-50[78]/.test(text)) return 'the certificate of the server bears another name; write as `server` one that it bears';
  if (/wrong version number|packet length too long|before secure TLS connection|ECONNRESET/i.test(text)) {
    return 'the server does not speak TLS on this port (often 2484); write tls: false to go without';
  }
  const reason = /\n(?<words>[a-z][a-z' -]{5,60})(?:;|$)/i.exec(text)?.groups?.['words'];
  return `the certificate of the server is not accepted${reason === undefined ? ', or TLS fails' : `: ${reason}`}`;
}

/** The number of the server's own error, which the library leaves beside a code of its own. */
function serverNumber(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errorNum' in error)) return undefined;
  return typeof error.errorNum === 'number' && error.errorNum > 0 ? error.errorNum : undefined;
}
