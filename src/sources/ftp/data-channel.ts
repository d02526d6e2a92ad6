// Data channels: each listing and each file goes over a connection of its own, to a port that the server names (passive mode, RFC 959 and
// RFC 2428). Over TLS it goes on with the session of the control channel, since many servers accept no other.

import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, TLSSocket } from 'node:tls';
import type { FTPContext } from 'basic-ftp';
import { errorCode, systemError } from '../system-errors.js';
import { DataError, Refusal, type Reply } from './errors.js';

/** How the control channel was secured, for data channels to be secured alike. */
export interface Secured {
  readonly context: SecureContext;
  /** The name that the certificate must bear. */
  readonly name: string;
  readonly insecure: boolean;
}

export interface Channels {
  /** `control`, `announced`, or an address. */
  readonly address: string;
  /** undefined over clear text. */
  readonly secured: Secured | undefined;
  /** Sends a command. */
  ask(command: string): Promise<Reply>;
  /** What the connection waits for from now on, for people. */
  doing(step: string): void;
}

export class DataChannels {
  readonly #ftp: FTPContext;
  readonly #channels: Channels;
  /** Servers of old know PASV alone, and only PASV announces an address. */
  #extended: boolean;
  #open: Socket | undefined;

  constructor(ftp: FTPContext, channels: Channels) {
    this.#ftp = ftp;
    this.#channels = channels;
    this.#extended = channels.address !== 'announced';
  }

  /** @throws Refusal or DataError */
  async open(): Promise<Socket> {
    const { host, port } = await this.#target();
    this.#channels.doing(`the data channel to ${host} port ${port} did not open`);
    const tcp = connectTcp({ host, port, noDelay: true });
    this.#open = tcp;
    await connected(tcp, `${host} port ${port}`);
    const { secured } = this.#channels;
    const socket = secured ? this.#secure(tcp, secured) : tcp;
    this.#open = socket;
    return socket;
  }

  /** Ends the channel that is open or opening, if any. */
  destroy(): void {
    this.#open?.destroy();
    this.#open = undefined;
  }

  async #target(): Promise<{ readonly host: string; readonly port: number }> {
    const control = this.#ftp.socket.remoteAddress?.replace(/^::ffff:/i, '') ?? '';
    const { address } = this.#channels;
    const host = isIP(address) === 0 ? control : address;
    if (this.#extended) {
      const reply = await this.#channels.ask('EPSV');
      if (reply.code === 229) return { host, port: extendedPort(reply.message) };
      if (reply.code < 500) throw new Refusal('EPSV', reply);
      this.#extended = false;
    }
    const reply = await this.#channels.ask('PASV');
    if (reply.code !== 227) throw new Refusal('PASV', reply);
    const announced = announcedAddress(reply.message);
    return { host: address === 'announced' ? announced.host : host, port: announced.port };
  }

  /** Servers shake hands after they have accepted the command that the channel is for, so nobody waits for it here. */
  #secure(tcp: Socket, { context, name, insecure }: Secured): TLSSocket {
    const ftp = this.#ftp;
    const control = ftp.socket;
    const session = ftp.tlsSessionStore ?? (control instanceof TLSSocket ? control.getSession() : undefined);
    const socket = connectTls({
      socket: tcp,
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      secureContext: context,
      rejectUnauthorized: !insecure,
      ...(session && { session }),
    });
    // A ticket of TLS 1.3 is good for one session; the server sends the next one with it.
    socket.on('session', (next: Buffer) => (ftp.tlsSessionStore = next));
    return socket;
  }
}

async function connected(socket: Socket, target: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', () => resolve());
  socket.on('error', (error) => {
    const system = systemError(errorCode(error));
    const errorClass = system?.errorClass === 'refused' || system?.errorClass === 'timeout' ? system.errorClass : 'unreachable';
    reject(new DataError(errorClass, `the data channel to ${target} did not open: ${system?.message ?? 'it cannot be reached'}`));
  });
  socket.once('close', () => reject(new DataError('lost', `the data channel to ${target} was closed at once`)));
  await promise;
}

/** `229 Entering Extended Passive Mode (|||6446|)`; some write another sign than |. RFC 2428, section 3. */
function extendedPort(message: string): number {
  const port = /\((?<d>.)\k<d>\k<d>(?<port>\d{1,5})\k<d>\)/.exec(message)?.groups?.['port'];
  return checked(Number(port), 'EPSV');
}

/** `227 Entering Passive Mode (192,0,2,17,10,229)`; the parentheses may be missing. RFC 1123, section 4.1.2.6. */
function announcedAddress(message: string): { readonly host: string; readonly port: number } {
  const numbers = /(?<!\d)\d{1,3}(?:,\d{1,3}){5}(?!\d)/.exec(message.slice(4))?.[0].split(',').map(Number) ?? [];
  const [high = Number.NaN, low = Number.NaN] = numbers.slice(4);
  const host = numbers.slice(0, 4).join('.');
  if (isIP(host) === 0) throw new DataError('protocol', 'the answer to PASV names no address and port');
  return { host, port: checked(high * 256 + low, 'PASV') };
}

function checked(port: number, command: string): number {
  if (port > 0 && port < 65_536) return port;
  throw new DataError('protocol', `the answer to ${command} names no port`);
}
