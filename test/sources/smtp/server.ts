// A mail server on loopback that speaks SMTP (RFC 5321, 3207, 4954) and tells what was asked of it.

import type { Socket } from 'node:net';
import { createServer as createTls, TLSSocket } from 'node:tls';
import { listen, serve, speak } from '../tcp/harness.js';
import type { Pair } from '../tls/certificates.js';

export interface MailServer {
  readonly greeting?: string;
  /** What it offers before TLS, and within. */
  readonly offers?: readonly string[];
  readonly offersSecured?: readonly string[];
  /** By which it can be secured. */
  readonly pair?: Pair;
  readonly implicit?: boolean;
  readonly user?: string;
  readonly password?: string;
  /** The reply to a wrong password. */
  readonly refusal?: string;
  /** Replies in place of the usual ones, by the first word of the order. */
  readonly replies?: Readonly<Record<string, string>>;
  /** Sent with the reply to STARTTLS, in plain. */
  readonly slipped?: string;
}

export interface RunningMailServer {
  readonly port: number;
  /** Every line that came. */
  readonly heard: string[];
}

export async function startMailServer(options: MailServer = {}): Promise<RunningMailServer> {
  const heard: string[] = [];
  const { pair, implicit = false } = options;
  const port =
    implicit && pair
      ? await listen(createTls(pair, (socket) => new MailSession(options, heard).greet(socket, true)))
      : await serve((socket) => new MailSession(options, heard).greet(socket, false));
  return { port, heard };
}

class MailSession {
  readonly #options: MailServer;
  readonly #heard: string[];
  #secured = false;
  /** What AUTH LOGIN has asked for: the user, then the password. */
  #login: 'user' | 'password' | undefined;
  #user = '';

  constructor(options: MailServer, heard: string[]) {
    this.#options = options;
    this.#heard = heard;
  }

  greet(socket: Socket, secured: boolean): void {
    this.#secured = secured;
    speak(
      socket.on('error', () => {}),
      this.#options.greeting ?? '220-mail.example.org\r\n220 ready',
      (line) => this.#answer(line, socket),
    );
  }

  #answer(line: string, socket: Socket): string | undefined {
    this.#heard.push(line);
    if (this.#login !== undefined) return this.#answerLogin(line);
    const [order = ''] = line.split(/[ :]/);
    const reply = this.#options.replies?.[order];
    if (reply !== undefined) return reply;
    switch (order) {
      case 'EHLO':
        return this.#hello();
      case 'STARTTLS':
        return this.#startTls(socket);
      case 'AUTH':
        return this.#auth(line);
      case 'MAIL':
      case 'RCPT':
      case 'RSET':
        return '250 2.1.0 fine';
      case 'QUIT':
        socket.write('221 bye\r\n');
        return undefined;
      default:
        return '502 no such order';
    }
  }

  #hello(): string {
    const offers = (this.#secured ? this.#options.offersSecured : this.#options.offers) ?? [];
    const lines = ['mail.example.org at your service', ...offers];
    return lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
  }

  #startTls(socket: Socket): string {
    const { pair, slipped = '' } = this.#options;
    if (!pair) return '454 TLS is not available';
    socket.removeAllListeners('data');
    socket.write(`220 go on\r\n${slipped}`);
    const secured = new TLSSocket(socket, { isServer: true, ...pair });
    this.#secured = true;
    speak(
      secured.on('error', () => {}),
      '',
      (line) => this.#answer(line, secured),
    );
    return '';
  }

  #auth(line: string): string {
    const [, mechanism, initial = ''] = line.split(' ');
    if (mechanism === 'PLAIN') {
      const [, user = '', password = ''] = Buffer.from(initial, 'base64').toString().split('\0');
      return this.#judge(user, password);
    }
    if (mechanism !== 'LOGIN') return '504 no such mechanism';
    this.#login = 'user';
    return `334 ${Buffer.from('Username:').toString('base64')}`;
  }

  #answerLogin(line: string): string {
    const text = Buffer.from(line, 'base64').toString();
    if (this.#login === 'user') {
      this.#user = text;
      this.#login = 'password';
      return `334 ${Buffer.from('Password:').toString('base64')}`;
    }
    this.#login = undefined;
    return this.#judge(this.#user, text);
  }

  #judge(user: string, password: string): string {
    const { user: known, password: right, refusal = '535 5.7.8 no' } = this.#options;
    return user === known && password === right ? '235 2.7.0 welcome' : refusal;
  }
}
