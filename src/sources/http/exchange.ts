// One request and its answer by undici, over a connection that is already open and that ends with it.

import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { settled } from '../endpoints/dial.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError, type Reason } from '../endpoints/reasons.js';
import { errorCode } from '../system-errors.js';
import type { RawAnswer } from './answer.js';
import { Client } from './undici.js';

/** Of all headers of an answer together, in bytes. */
export const MAX_HEADER_BYTES = 32_768;

export interface WireRequest {
  readonly url: URL;
  /** Scheme, host and port. */
  readonly origin: URL;
  readonly method: Dispatcher.HttpMethod;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer | undefined;
  /** What stands in the request line: the path, or the whole URL on the way to a proxy. */
  readonly target: string;
  readonly maxBytes: number;
}

/** Asks over the socket, which is destroyed afterwards: the phases `send`, `wait`, `transfer`. @param onHead told the status when it comes */
export async function exchange(socket: Socket, request: WireRequest, run: ProbeRun, onHead: (status: number) => void): Promise<RawAnswer> {
  const client = clientOver(socket, request.origin);
  // TLS tells first that our certificate is missing; that the other side then hangs up is what undici would tell.
  let first: Error | undefined;
  socket.once('error', (error) => (first = error));
  run.watch.enter('send');
  try {
    return await settled<RawAnswer>(run.signal, (done, fail) => {
      const { target: path, method, headers, body } = request;
      client.dispatch(
        { path, method, headers, body: body ?? null, reset: true },
        new Receiver(socket, request, run, { done, fail: (error) => fail(translated(first ?? error)), onHead }),
      );
    });
  } finally {
    end(client, socket);
  }
}

/** Errors with a stack cost more than all else here, and nobody reads this one. */
const OVER = new Error('the probe is over');

/** The socket first: then undici has nothing to complain of. */
export function end(client: Client, socket: Socket): void {
  socket.destroy();
  client.destroy(OVER, () => {});
}

/** undici opens no connection of its own: the one given is all it gets. */
export function clientOver(socket: Socket, origin: URL): Client {
  return new Client(origin, {
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    // The probe has a time limit of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    h2Options: H2_OPTIONS,
  });
}

const H2_OPTIONS = { pingInterval: 0 } as const;

interface Ends {
  readonly done: (answer: RawAnswer) => void;
  readonly fail: (error: unknown) => void;
  readonly onHead: (status: number) => void;
}

class Receiver implements Dispatcher.DispatchHandler {
  readonly #socket: Socket;
  readonly #maxBytes: number;
  readonly #isHead: boolean;
  readonly #run: ProbeRun;
  readonly #ends: Ends;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(socket: Socket, { maxBytes, method }: WireRequest, run: ProbeRun, ends: Ends) {
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    this.#isHead = method === 'HEAD';
    this.#run = run;
    this.#ends = ends;
  }

  onRequestStart(): void {}

  /** Handed over; what the other side does not take yet is still being sent. */
  onRequestSent(): void {
    if (this.#socket.writableNeedDrain) this.#socket.once('drain', () => this.#wait());
    else this.#wait();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 100, 103: the answer is yet to come.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#ends.onHead(status);
    this.#run.watch.enter('transfer');
    const length = Number(headers['content-length']);
    if (!this.#isHead && length > this.#maxBytes) this.#tooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#maxBytes) this.#tooLarge();
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first, second] = this.#chunks;
    const body = first && !second ? first : Buffer.concat(this.#chunks);
    this.#ends.done({ status: this.#status, headers: this.#headers, body });
    this.#socket.destroy(OVER);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#ends.fail(error);
  }

  #wait(): void {
    if (this.#status === 0) this.#run.watch.enter('wait');
  }

  /** undici ends the request when its handler throws. */
  #tooLarge(): void {
    throw new ProbeError('too_large', `the body is longer than ${this.#maxBytes} bytes`);
  }
}

/** What undici and Node.js say of an answer that is none. */
const CODES: Readonly<Record<string, readonly [Reason, string]>> = {
  UND_ERR_HEADERS_OVERFLOW: ['too_large', `more than ${MAX_HEADER_BYTES} bytes of headers`],
  HPE_HEADER_OVERFLOW: ['too_large', `more than ${MAX_HEADER_BYTES} bytes of headers`],
  UND_ERR_SOCKET: ['reset', 'the other side hung up before the answer was there'],
  UND_ERR_DESTROYED: ['reset', 'the other side hung up before the answer was there'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['reset', 'the other side hung up before the body was complete'],
  HPE_INVALID_EOF_STATE: ['reset', 'the other side hung up in mid-answer'],
  ERR_HTTP2_STREAM_ERROR: ['reset', 'the other side closed the stream'],
  ERR_HTTP2_STREAM_CANCEL: ['reset', 'the other side closed the stream'],
  ERR_HTTP2_GOAWAY_SESSION: ['reset', 'the other side closed the session'],
};

/** In our own words: those of libraries may quote the answer. Errors of the system stay as they are. */
export function translated(error: unknown): unknown {
  if (error instanceof ProbeError) return error;
  const code = errorCode(error);
  const known = code === undefined ? undefined : CODES[code];
  if (known) return new ProbeError(known[0], known[1]);
  if (code !== undefined && /^(?:HPE_|UND_ERR_|ERR_HTTP2_)/.test(code)) return new ProbeError('protocol', `no valid HTTP (${code})`);
  return error;
}
