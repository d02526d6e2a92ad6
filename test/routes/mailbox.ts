// A mail relay that keeps what it is given: enough of SMTP (RFC 5321) for Alertmanager to deliver to.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { portOf } from '../port.js';

export interface Mail {
  readonly to: readonly string[];
  /** Headers and body as sent. */
  readonly content: string;
}

export interface Mailbox {
  readonly port: number;
  readonly mails: readonly Mail[];
  stop(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: Mail[] = [];
  const server = createServer((socket) => {
    let pending = '';
    let to: string[] = [];
    let content: string[] | undefined;
    socket.write('220 mailbox\r\n');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (pending + chunk).split('\r\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        if (content) {
          if (line !== '.') {
            content.push(line);
            continue;
          }
          mails.push({ to, content: content.join('\n') });
          content = undefined;
          to = [];
        } else if (/^DATA$/i.test(line)) {
          content = [];
          socket.write('354 go on\r\n');
          continue;
        } else if (/^RCPT TO:/i.test(line)) to.push(/<(?<address>[^>]*)>/.exec(line)?.groups?.['address'] ?? '');
        else if (/^QUIT$/i.test(line)) {
          socket.end('221 bye\r\n');
          return;
        }
        socket.write('250 ok\r\n');
      }
    });
    socket.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    mails,
    async stop() {
      server.close();
      await once(server, 'close');
    },
  };
}
