// A session with a mail server: one order after the other, and what becomes of it.

import type { Conversation } from '../endpoints/conversation.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import { extensionsOf, readReply, type Extensions, type Reply } from './replies.js';

/** Longest text of the other side in the transcript. */
const LONGEST_SHOWN = 120;

export interface Order {
  readonly line: string;
  /** How the transcript and the failure name it, where `line` holds what they must not show. */
  readonly name?: string;
  /** Whether what the server says to it is for us alone: then its code is shown, not its words. */
  readonly isPrivate?: boolean;
  readonly phase?: 'login';
}

export class Session {
  readonly conversation: Conversation;
  readonly #run: ProbeRun;

  constructor(conversation: Conversation, run: ProbeRun) {
    this.conversation = conversation;
    this.#run = run;
  }

  /** @throws ProbeError `greeting` where the server does not take us */
  async greeting(): Promise<void> {
    this.#run.watch.enter('greeting');
    const reply = await this.#reply();
    this.#run.say(`came: ${shown(reply, false)}`);
    if (reply.code !== 220) throw new ProbeError('greeting', `it greets with ${reply.code}`);
  }

  async order(order: Order): Promise<Reply> {
    const { line, name = line, isPrivate = false, phase } = order;
    const { watch } = this.#run;
    watch.enter(phase ?? 'send');
    this.#run.say(`sent: ${name}`);
    await this.conversation.send(Buffer.from(`${line}\r\n`, 'utf8'));
    watch.enter(phase ?? 'wait');
    const reply = await this.#reply();
    this.#run.say(`came: ${shown(reply, isPrivate)}`);
    return reply;
  }

  /** @throws ProbeError `status` where the reply is another one */
  async expect(code: number, order: Order): Promise<Reply> {
    const reply = await this.order(order);
    if (reply.code !== code) throw unexpected(order, reply);
    return reply;
  }

  async hello(name: string): Promise<Extensions> {
    return extensionsOf(await this.expect(250, { line: `EHLO ${name}` }));
  }

  /** A server that closes the connection where it should speak has given us up. */
  async #reply(): Promise<Reply> {
    try {
      return await readReply(this.conversation);
    } catch (error) {
      throw error instanceof ProbeError && error.reason === 'answer' ? new ProbeError('reset', error.detail) : error;
    }
  }
}

export function unexpected({ line, name = line }: Order, reply: Reply): ProbeError {
  return new ProbeError('status', `${name} was answered with ${codes(reply)}`);
}

/** With the enhanced code of RFC 2034, which tells more and names nobody. */
function codes({ code, lines }: Reply): string {
  const enhanced = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/.exec(lines[0] ?? '')?.[0];
  return enhanced === undefined ? String(code) : `${code} ${enhanced}`;
}

function shown(reply: Reply, isPrivate: boolean): string {
  if (isPrivate) return codes(reply);
  return `${reply.code} ${reply.lines.join(', ').slice(0, LONGEST_SHOWN)}`;
}
