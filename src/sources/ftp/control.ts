// Commands and replies on the control channel.

import type { FTPContext } from 'basic-ftp';
import type { Reply } from './errors.js';

/**
 * Sends a command and waits for its last reply, whatever it says.
 * @param command undefined where the server speaks first
 * @param onStarted called where the server says that it has begun (RFC 959, section 4.2: 1yz)
 * @throws what ended the connection
 */
export async function ask(ftp: FTPContext, command: string | undefined, onStarted: () => void = () => {}): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const task = ftp.handle(command, (response, pending) => {
    const reply = replyOf(response);
    if (reply !== undefined && reply.code < 200) {
      onStarted();
      return;
    }
    if (reply === undefined) reject(response);
    else resolve(reply);
    pending.resolve(undefined);
  });
  task.catch(reject);
  return await promise;
}

/** basic-ftp makes an error of a reply that says no. What ends a connection has a name as its code, or none. */
function replyOf(response: object): Reply | undefined {
  if (!('code' in response) || typeof response.code !== 'number') return undefined;
  return { code: response.code, message: 'message' in response && typeof response.message === 'string' ? response.message : '' };
}
