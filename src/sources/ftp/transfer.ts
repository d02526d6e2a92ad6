// One transfer over a data channel: it is over once the channel has ended and the server has said on the control channel how it went.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FTPContext } from 'basic-ftp';
import type { Clock } from '../../domain/clock.js';
import { errorCode, systemError } from '../system-errors.js';
import { ask } from './control.js';
import { DataError, Refusal, type Reply } from './errors.js';

/** How long the server may take to say what is wrong with a channel that broke, or that we have closed. */
const LAST_WORD_MS = 1_000;

export interface Transfer {
  /** The whole command: `RETR /in/a.xml`. */
  readonly command: string;
  readonly data: Socket;
  /** Takes what comes. @returns true where that is enough: the rest is not waited for */
  readonly onData?: (bytes: Buffer) => boolean;
  /** What is sent, where nothing is to come. */
  readonly content?: Buffer;
}

/**
 * @returns what the server said at the end; undefined where it was cut short and says nothing, so that the connection is of no use any more
 * @throws Refusal, DataError, and what ends the control connection
 */
export async function transfer(ftp: FTPContext, clock: Clock, { command, data, onData, content }: Transfer): Promise<Reply | undefined> {
  const { answer, started } = request(ftp, command);
  const channel = content === undefined ? receive(data, onData) : started.then(() => send(data, content));
  channel.catch(() => {});
  try {
    const how = await Promise.race([channel, answer.then(() => channel)]);
    if (how === 'whole') return await answer;
    return await within(
      answer.catch((error: unknown) => {
        if (error instanceof Refusal) return error.reply;
        throw error;
      }),
      clock,
    );
  } catch (error) {
    // The server knows better than the broken channel: no room, no session of the control channel, …
    if (error instanceof DataError) await within(answer, clock);
    throw error;
  } finally {
    data.destroy();
  }
}

/** Sends the command. `started` once the server has begun with it, `answer` with its last reply. */
function request(ftp: FTPContext, command: string): { readonly answer: Promise<Reply>; readonly started: Promise<void> } {
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const answer = ask(ftp, command, resolve).then((reply) => {
    if (reply.code >= 300) throw new Refusal(command.split(' ')[0] ?? '', reply);
    return reply;
  });
  answer.catch(() => {});
  return { answer, started };
}

function receive(data: Socket, onData: ((bytes: Buffer) => boolean) | undefined): Promise<'whole' | 'enough'> {
  const { promise, resolve, reject } = Promise.withResolvers<'whole' | 'enough'>();
  broken(data, reject);
  data.once('end', () => resolve('whole'));
  data.on('data', (bytes: Buffer) => {
    try {
      if (onData?.(bytes) !== true) return;
      resolve('enough');
    } catch (error) {
      reject(error);
    }
    data.removeAllListeners('data');
    data.destroy();
  });
  return promise;
}

async function send(data: Socket, content: Buffer): Promise<'whole'> {
  const { promise, resolve, reject } = Promise.withResolvers<'whole'>();
  broken(data, reject);
  const write = () => data.end(content, () => resolve('whole'));
  if (data instanceof TLSSocket && data.getProtocol() === null) data.once('secureConnect', write);
  else write();
  return promise;
}

function broken(data: Socket, reject: (error: DataError) => void): void {
  data.on('error', (error) => {
    const code = errorCode(error);
    const system = systemError(code);
    if (system || code === undefined || !(data instanceof TLSSocket)) reject(new DataError('lost', 'the data channel broke'));
    else reject(new DataError('tls', `no TLS could be agreed on for the data channel: ${code}`));
  });
  data.once('close', () => reject(new DataError('lost', 'the data channel was closed too early')));
}

/** @returns undefined where the time is over */
async function within<T>(promise: Promise<T>, clock: Clock): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = clock.after(LAST_WORD_MS, () => resolve(undefined));
  try {
    return await Promise.race([promise, over]);
  } finally {
    timer.cancel();
  }
}
