// Logs in on a connection, and finds out what the server can do.

import { SourceError } from '../kind.js';
import type { Verdict } from '../login-guard.js';
import type { Reached } from './connect.js';
import { ask } from './control.js';
import { loginError, Refusal, type Reply } from './errors.js';

export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface LoggedIn {
  /** Where the login led to. */
  readonly home: string;
  /** Commands that the server says it has, in capitals. */
  readonly features: ReadonlySet<string>;
}

/**
 * @param verdict told only where the server has judged the account
 * @throws SourceError of phase `login`
 */
export async function login({ client, secured }: Reached, account: Account, address: string, verdict: Verdict): Promise<LoggedIn> {
  const asking = (command: string) => ask(client.ftp, command);
  const tell = async (command: string, text: string) => {
    const reply = await asking(text);
    if (reply.code >= 400) throw loginError(new Refusal(command, reply), address);
    return reply;
  };
  await present(asking, account, address, verdict);
  if (secured) {
    // RFC 4217, sections 8 and 9: data channels stay in clear text unless this is said.
    await tell('PBSZ', 'PBSZ 0');
    await tell('PROT', 'PROT P');
  }
  await tell('TYPE', 'TYPE I');
  const features = featuresOf(await asking('FEAT'));
  if (features.has('UTF8')) await asking('OPTS UTF8 ON');
  if (features.has('MLST')) await asking('OPTS MLST type;size;modify;');
  return { home: homeOf(await asking('PWD')), features };
}

async function present(asking: (command: string) => Promise<Reply>, account: Account, address: string, verdict: Verdict): Promise<void> {
  const { user, password } = account;
  if (/[\r\n\0]/.test(user + password)) {
    throw new SourceError('login', 'secret', 'the user or the password holds a line break, which FTP cannot send');
  }
  let command = 'USER';
  let reply = await asking(`USER ${user}`);
  if (reply.code === 331) {
    command = 'PASS';
    reply = await asking(`PASS ${password}`);
  }
  if (reply.code >= 200 && reply.code < 300) {
    verdict(true);
    return;
  }
  const error = loginError(new Refusal(command, reply), address);
  if (error.errorClass === 'auth') verdict(false);
  throw error;
}

/** `257 "/home/vigie" is the current directory`; a quote within is written twice. RFC 959, appendix II. */
function homeOf({ code, message }: Reply): string {
  const quoted = code === 257 ? /"(?<path>(?:[^"]|"")*)"/.exec(message)?.groups?.['path'] : undefined;
  return quoted?.replaceAll('""', '"') || '/';
}

/** One a line between the first and the last, with what the server says of it. RFC 2389, section 3.2. */
function featuresOf({ code, message }: Reply): ReadonlySet<string> {
  if (code >= 300) return new Set();
  const lines = message.split('\n').slice(1, -1);
  return new Set(lines.map((line) => (line.trim().split(' ')[0] ?? '').toUpperCase()));
}
