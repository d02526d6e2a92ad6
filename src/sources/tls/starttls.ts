// How TLS is asked for in the protocols that begin in plain text.

import { addressLiteral } from '../endpoints/address.js';
import type { Conversation } from '../endpoints/conversation.js';
import { Pattern } from '../endpoints/pattern.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import { lengthOfMessage, resultCode, STARTTLS_REQUEST } from './ldap.js';
import type { STARTTLS } from './schema.js';

export type StartTls = (typeof STARTTLS)[number];

/** A server has little to say before it is secured. */
export const MAX_BYTES = 65_536;

/** Whether the protocol is one of lines. */
export function speaksLines(protocol: StartTls): boolean {
  return protocol !== 'ldap' && protocol !== 'postgres';
}

/** Up to where the handshake begins. @throws ProbeError `greeting` and `answer` where it does not come to that */
export async function askForTls(protocol: StartTls, conversation: Conversation, run: ProbeRun): Promise<void> {
  await PROTOCOLS[protocol]({
    greeting: async (wanted, refusal) => {
      run.watch.enter('greeting');
      try {
        await expectLine(conversation, run, wanted, refusal);
      } catch (error) {
        throw error instanceof ProbeError && error.reason === 'answer' ? new ProbeError('greeting', error.detail) : error;
      }
    },
    ask: async (line, wanted, refusal) => {
      run.watch.enter('send');
      run.say(`sent: ${line}`);
      await conversation.send(Buffer.from(`${line}\r\n`, 'latin1'));
      run.watch.enter('wait');
      await expectLine(conversation, run, wanted, refusal);
    },
    askInBytes: async (bytes, measure) => {
      run.watch.enter('send');
      run.say('sent: the request for TLS');
      await conversation.send(bytes);
      run.watch.enter('wait');
      return await conversation.take(measure);
    },
    name: addressLiteral(conversation.socket),
  });
}

interface Talk {
  readonly greeting: (wanted: RegExp, refusal: RegExp) => Promise<void>;
  readonly ask: (line: string, wanted: RegExp, refusal: RegExp) => Promise<void>;
  /** `measure` tells the length of the answer. */
  readonly askInBytes: (bytes: Buffer, measure: (text: string) => number | undefined) => Promise<string>;
  /** What we call ourselves. */
  readonly name: string;
}

/** The codes of SMTP and FTP that are no success. */
const NO = /^[45]\d\d[ -]/;

const PROTOCOLS: Readonly<Record<StartTls, (talk: Talk) => Promise<void>>> = {
  /** RFC 3207 */
  smtp: async ({ greeting, ask, name }) => {
    await greeting(/^220 /, NO);
    await ask(`EHLO ${name}`, /^250 /, NO);
    await ask('STARTTLS', /^220 /, NO);
  },
  /** RFC 9051, section 6.2.1 */
  imap: async ({ greeting, ask }) => {
    await greeting(/^\* OK/i, /^\* (?:BYE|PREAUTH)/i);
    await ask('a1 STARTTLS', /^a1 OK/i, /^a1 (?:NO|BAD)/i);
  },
  /** RFC 2595, section 4 */
  pop3: async ({ greeting, ask }) => {
    await greeting(/^\+OK/, /^-ERR/);
    await ask('STLS', /^\+OK/, /^-ERR/);
  },
  /** RFC 4217, section 4 */
  ftp: async ({ greeting, ask }) => {
    await greeting(/^220 /, NO);
    await ask('AUTH TLS', /^234[ -]/, NO);
  },
  ldap: async ({ askInBytes }) => {
    const code = resultCode(await askInBytes(STARTTLS_REQUEST, lengthOfMessage));
    if (code !== 0) throw new ProbeError('answer', `it starts no TLS: LDAP result code ${code}`);
  },
  /** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL: a request of 8 bytes, an answer of one. */
  postgres: async ({ askInBytes }) => {
    const answer = await askInBytes(Buffer.from('0000000804d2162f', 'hex'), () => 1);
    if (answer === 'N') throw new ProbeError('answer', 'it starts no TLS: SSL is off');
    if (answer !== 'S') throw new ProbeError('protocol', 'what answers is no PostgreSQL');
  },
};

async function expectLine(conversation: Conversation, run: ProbeRun, wanted: RegExp, refusal: RegExp): Promise<void> {
  try {
    const { text } = await conversation.expect(
      new Pattern(wanted.source, `m${wanted.flags}`),
      new Pattern(refusal.source, `m${refusal.flags}`),
    );
    run.say(`came: ${text.trimEnd().replaceAll(/\r?\n/g, ' ⏎ ').slice(-100)}`);
  } catch (error) {
    if (conversation.pending !== '')
      run.say(`came, not as expected: ${conversation.pending.trimEnd().replaceAll(/\r?\n/g, ' ⏎ ').slice(0, 160)}`);
    throw error;
  }
}
