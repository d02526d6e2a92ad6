// One client of the double: from PRELOGIN to its last request.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, createSecureContext } from 'node:tls';
import { ntlmChallenge, readFederatedToken, readLogin, readNtlm, type Login } from './login.js';
import { MessageParser, MessageWriter, packet, PACKET, type Message } from './packets.js';
import { ENCRYPT, preloginAnswer, readEncryption } from './prelogin.js';
import { readRequest } from './requests.js';
import type { Answer, ResultSet, TdsOptions, TdsServer } from './server.js';
import { tlsInPackets } from './tunnel.js';
import {
  databaseChange,
  DONE,
  done,
  error,
  federatedAck,
  federatedInfo,
  loginAck,
  returnStatus,
  routing,
  sspi,
  STATUS,
  transactionBegun,
  transactionRolledBack,
} from './tokens.js';
import { columnMetadata, row } from './values.js';

const TLS_HANDSHAKE = 0x16;
const TRANSACTION = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

export class TdsSession {
  readonly id: number;
  login: Login | undefined;
  readonly #socket: Socket;
  readonly #options: TdsOptions;
  readonly #server: TdsServer;
  #stream: Duplex;
  #parser = new MessageParser();
  #encryption: Login['encryption'] = 'none';
  /** Aborts when the client sends ATTENTION while something runs. */
  #running: AbortController | undefined;
  #inTransaction = false;

  constructor(id: number, socket: Socket, options: TdsOptions, server: TdsServer) {
    this.id = id;
    this.#socket = socket;
    this.#stream = socket;
    this.#options = options;
    this.#server = server;
    socket.on('error', () => {});
    socket.once('data', (chunk: Buffer) => this.#meet(chunk));
  }

  drop(): void {
    this.#socket.destroy();
  }

  /** TDS 8.0 begins with TLS; before it, the first thing is a PRELOGIN packet. */
  #meet(first: Buffer): void {
    this.#socket.pause();
    this.#socket.unshift(first);
    const { tls } = this.#options;
    if (first[0] === TLS_HANDSHAKE) {
      if (!tls) return this.drop();
      const secureContext = createSecureContext({ cert: tls.certificate, key: tls.key });
      this.#listen(new TLSSocket(this.#socket, { isServer: true, secureContext, ALPNProtocols: ['tds/8.0'] }), 'strict');
      return;
    }
    if (this.#options.strict) return this.drop();
    this.#listen(this.#socket, 'none');
  }

  #listen(stream: Duplex, encryption: Login['encryption']): void {
    this.#stream = stream;
    this.#encryption = encryption;
    this.#parser = new MessageParser();
    stream.on('error', () => this.drop());
    stream.on('data', this.#take);
    stream.resume();
  }

  readonly #take = (chunk: Buffer): void => {
    for (const message of this.#parser.push(chunk)) {
      this.#handle(message).catch((failure: unknown) => {
        this.#server.failures.push(failure);
        this.drop();
      });
    }
  };

  async #handle(message: Message): Promise<void> {
    if (this.#server.frozen) return;
    if (message.type === PACKET.prelogin) return this.#prelogin(message.data);
    if (message.type === PACKET.login) return this.#logIn(readLogin(message.data, this.#encryption));
    if (message.type === PACKET.sspi) return this.#logInByNtlm(message.data);
    if (message.type === PACKET.federatedToken) return this.#logInByToken(readFederatedToken(message.data));
    if (message.type === PACKET.attention) return this.#attention();
    await this.#run(message);
  }

  #prelogin(data: Buffer): void {
    if (this.#options.silent) return;
    const wish = readEncryption(data);
    const { tls, requireEncryption = false } = this.#options;
    const encrypted = this.#encryption === 'none' && tls !== undefined && wish === ENCRYPT.on;
    const refused = requireEncryption ? ENCRYPT.required : ENCRYPT.notSupported;
    this.#stream.write(packet(PACKET.answer, preloginAnswer(encrypted ? ENCRYPT.on : refused), true));
    if (!encrypted) return;
    this.#socket.off('data', this.#take);
    this.#listen(tlsInPackets(this.#socket, tls), 'tls');
  }

  #logIn(login: Login): void {
    this.login = login;
    this.#server.logins.push(login);
    if (login.sspi) {
      new MessageWriter(this.#stream).end(sspi(ntlmChallenge()));
      return;
    }
    if (login.federated) {
      if (login.federated.token !== undefined) return this.#logInByToken(login.federated.token);
      new MessageWriter(this.#stream).end(federatedInfo('https://login.example.org/tenant', 'https://database.windows.net/'));
      return;
    }
    const known = this.#options.user === login.user && this.#options.password() === login.password;
    this.#welcome(login, known);
  }

  #logInByNtlm(data: Buffer): void {
    const names = readNtlm(data);
    this.#server.ntlm.push(names);
    if (this.login) this.#welcome(this.login, names.user === this.#options.user);
  }

  #logInByToken(token: string): void {
    this.#server.tokens.push(token);
    if (this.login) this.#welcome(this.login, this.#options.token?.() === token);
  }

  #welcome(login: Login, known: boolean): void {
    const writer = new MessageWriter(this.#stream);
    const refusal = known
      ? this.#options.onLogin?.(login)
      : { number: 18456, message: `Login failed for user '${login.user}'.`, severity: 14 };
    if (refusal && 'number' in refusal) {
      writer.end(Buffer.concat([error(refusal), done(DONE.done, STATUS.error)]));
      this.#socket.end();
      return;
    }
    const elsewhere = refusal ? [routing(refusal.host, refusal.port)] : [];
    const ack = login.federated ? [federatedAck()] : [];
    writer.end(
      Buffer.concat([databaseChange(login.database || 'master'), loginAck(), ...ack, ...elsewhere, done(DONE.done, STATUS.final)]),
    );
  }

  /** A request that is cancelled ends its own message first; the acknowledgement follows in another one. */
  #attention(): void {
    this.#server.attentions.push(this.id);
    if (this.#options.ignoreAttention) return;
    this.#running?.abort();
    new MessageWriter(this.#stream).end(done(DONE.done, STATUS.attention));
  }

  async #run(message: Message): Promise<void> {
    const request = readRequest(message);
    this.#server.requests.push({ session: this.id, ...request });
    const writer = new MessageWriter(this.#stream);
    if (request.kind === 'begin') {
      this.#inTransaction = true;
      return writer.end(Buffer.concat([transactionBegun(TRANSACTION), done(DONE.done, STATUS.final)]));
    }
    if (request.kind === 'rollback') {
      this.#inTransaction = false;
      return writer.end(Buffer.concat([transactionRolledBack(TRANSACTION), done(DONE.done, STATUS.final)]));
    }
    if (/^set /i.test(request.sql)) return writer.end(done(DONE.done, STATUS.final));
    const running = new AbortController();
    this.#running = running;
    // What the client sees of a cancelled request: the end of the message that has begun.
    running.signal.addEventListener('abort', () => writer.end(done(DONE.done, STATUS.error)), { once: true });
    await this.#answer(await this.#options.onQuery(request.sql, this, request.parameters), request.kind === 'rpc', writer, running.signal);
    this.#running = undefined;
  }

  async #answer(answer: Answer, byProcedure: boolean, writer: MessageWriter, signal: AbortSignal): Promise<void> {
    const steps = Array.isArray(answer) ? answer : [answer];
    let status: number = STATUS.final;
    for (const [index, step] of steps.entries()) {
      if (step === 'hang') {
        writer.flush();
        if (!signal.aborted) await once(signal, 'abort');
        return;
      }
      if (step === 'drop') {
        writer.flush();
        return this.drop();
      }
      const more = steps[index + 1];
      if ('number' in step) {
        status = STATUS.error;
        writer.write(error(step));
        if (step.rollsBack && this.#inTransaction) {
          this.#inTransaction = false;
          writer.write(transactionRolledBack(TRANSACTION));
        }
      } else {
        await this.#rows(step, more === 'hang' || more === 'drop', byProcedure, writer, signal);
      }
      if (signal.aborted) return;
    }
    if (byProcedure) writer.write(returnStatus());
    writer.end(done(byProcedure ? DONE.procedure : DONE.done, status));
  }

  /** @param half the result is left without its end */
  async #rows(step: ResultSet, half: boolean, byProcedure: boolean, writer: MessageWriter, signal: AbortSignal): Promise<void> {
    let count = 0;
    writer.write(columnMetadata(step.columns));
    for (const values of step.rows) {
      if (signal.aborted) return;
      count++;
      this.#server.rowsSent++;
      if (!writer.write(row(step.columns, values))) await this.#drained(signal);
      // So that an ATTENTION is read while rows are written.
      if (count % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (!half) writer.write(done(byProcedure ? DONE.inProcedure : DONE.done, STATUS.more | STATUS.count, count));
  }

  async #drained(signal: AbortSignal): Promise<void> {
    await once(this.#stream, 'drain', { signal }).catch(() => {});
  }
}
