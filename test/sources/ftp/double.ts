// A server that speaks real FTP on real sockets, and misbehaves as a test wants.

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { portOf } from '../../port.js';
import type { Pair } from '../http/harness.js';

/** One connection. */
export interface Talk {
  /** The control channel; another one after AUTH TLS. */
  socket: Socket;
  /** Writes a line. */
  say(line: string): void;
  /** The data channel that the client has opened, or will. */
  data(): Promise<Socket>;
  /** Listens for the next data channel. @returns the port */
  listen(): Promise<number>;
}

/** What the server does with a command instead of the usual. @returns a line to say, or nothing where it has said all there is */
export type Answer = string | ((talk: Talk, argument: string) => string | undefined | Promise<string | undefined>);

export interface DoubleOptions {
  readonly greeting?: string | ((talk: Talk) => void);
  /** Lines of FEAT. */
  readonly features?: readonly string[];
  /** What LIST and MLSD send. */
  readonly listing?: string | Buffer;
  readonly answers?: Readonly<Record<string, Answer>>;
  /** For AUTH TLS; without it, the server knows no TLS. */
  readonly certificate?: Pair;
  /** Where data channels are secured too. */
  readonly dataCertificate?: Pair;
  /** The address that PASV announces. Default 127.0.0.1. */
  readonly announced?: string;
}

export interface Double {
  readonly port: number;
  /** Everything that clients have sent, passwords included. */
  readonly heard: readonly string[];
  /** Control connections that are open. */
  connections(): number;
  /** Ends them all. */
  drop(): void;
  close(): Promise<void>;
}

export async function startDouble(options: DoubleOptions = {}): Promise<Double> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const servers = new Set<Server>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const controls = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    keep(socket);
    controls.add(socket.on('close', () => controls.delete(socket)));
    converse(socket, options, heard, { keep, servers });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    heard,
    connections: () => controls.size,
    drop: () => controls.forEach((socket) => socket.destroy()),
    close: async () => {
      for (const each of [server, ...servers]) each.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

interface Keeping {
  keep(socket: Socket): void;
  readonly servers: Set<Server>;
}

function converse(control: Socket, options: DoubleOptions, heard: string[], keeping: Keeping): void {
  const passive = new Passive(keeping, options.dataCertificate);
  const talk: Talk = {
    socket: control,
    say: (line) => void talk.socket.write(`${line}\r\n`),
    data: () => passive.socket(),
    listen: () => passive.listen(),
  };
  const { greeting = '220 ready', answers = {} } = options;
  if (typeof greeting === 'string') talk.say(greeting);
  else greeting(talk);
  let rest = '';
  const onText = (bytes: Buffer) => {
    const lines = `${rest}${bytes.toString()}`.split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      heard.push(line);
      const [, command = '', argument = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
      void answerTo(command.toUpperCase(), argument);
    }
  };
  const answerTo = async (command: string, argument: string) => {
    const answer = answers[command];
    if (typeof answer === 'string') talk.say(answer);
    else {
      const line = await (answer === undefined ? usual(command, talk, options, passive) : answer(talk, argument));
      if (line !== undefined) talk.say(line);
      if (command === 'AUTH' && line?.startsWith('234')) secureControl();
    }
  };
  const secureControl = () => {
    const { certificate } = options;
    if (!certificate) return;
    control.off('data', onText);
    const secured = new TLSSocket(control, { isServer: true, secureContext: createSecureContext(certificate) });
    secured.on('error', () => {}).on('data', onText);
    talk.socket = secured;
  };
  control.on('data', onText);
}

async function usual(command: string, talk: Talk, options: DoubleOptions, passive: Passive): Promise<string | undefined> {
  switch (command) {
    case 'USER':
      return '331 password, please';
    case 'PASS':
      return '230 welcome';
    case 'FEAT':
      for (const line of ['211-Features:', ...(options.features ?? []).map((name) => ` ${name}`)]) talk.say(line);
      return '211 End';
    case 'PWD':
      return '257 "/" is the current directory';
    case 'AUTH':
      return options.certificate ? '234 go on' : '502 not implemented';
    case 'EPSV':
      return `229 Entering Extended Passive Mode (|||${await passive.listen()}|)`;
    case 'PASV': {
      const port = await passive.listen();
      const address = (options.announced ?? '127.0.0.1').replaceAll('.', ',');
      return `227 Entering Passive Mode (${address},${port >> 8},${port & 255})`;
    }
    case 'LIST':
    case 'MLSD': {
      talk.say('150 here it comes');
      (await talk.data()).end(options.listing ?? '');
      return '226 done';
    }
    case 'QUIT':
      talk.socket.end('221 bye\r\n');
      return undefined;
    default:
      return '200 fine';
  }
}

/** The port for the next data channel. */
class Passive {
  readonly #keeping: Keeping;
  readonly #certificate: Pair | undefined;
  #next: Promise<Socket> = Promise.reject(new Error('no data channel was asked for'));

  constructor(keeping: Keeping, certificate: Pair | undefined) {
    this.#keeping = keeping;
    this.#certificate = certificate;
    this.#next.catch(() => {});
  }

  async listen(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    this.#keeping.servers.add(server);
    await once(server, 'listening');
    const { promise, resolve } = Promise.withResolvers<Socket>();
    this.#next = promise;
    server.once('connection', (socket) => {
      this.#keeping.keep(socket);
      this.#keeping.servers.delete(server.close());
      const { context } = this;
      resolve(context ? new TLSSocket(socket, { isServer: true, secureContext: context }).on('error', () => {}) : socket);
    });
    return portOf(server);
  }

  private get context(): SecureContext | undefined {
    return this.#certificate && createSecureContext(this.#certificate);
  }

  socket(): Promise<Socket> {
    return this.#next;
  }
}
