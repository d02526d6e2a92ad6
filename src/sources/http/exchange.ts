// One request and its answer, over a connection that is already open.

import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { settled } from './connection.js';
import type { Stopwatch } from './phases.js';
import { ProbeError } from './reasons.js';

export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly contentType: string | undefined;
  readonly response: IncomingMessage;
  /** Rejects when the answer is no HTTP any more after its head, which may be told before anybody reads the body. */
  readonly broken: Promise<never>;
}

/** Sends the request and waits for the head of the answer. */
export async function ask(socket: Socket, request: HttpRequest, watch: Stopwatch, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method, headers, body } = request;
  watch.enter('send');
  const outgoing = httpRequest({
    createConnection: () => socket,
    method,
    path: `${url.pathname}${url.search}`,
    headers: {
      accept: '*/*',
      'user-agent': 'Vigie',
      ...headers,
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      host: headers['host'] ?? url.host,
      connection: 'close',
    },
  });
  const { promise: broken, reject: onBroken } = Promise.withResolvers<never>();
  broken.catch(() => {});
  outgoing.on('error', onBroken);
  const response = await settled<IncomingMessage>(signal, (done, fail) => {
    outgoing.once('finish', () => watch.enter('wait'));
    outgoing.once('response', done);
    outgoing.on('error', fail);
    outgoing.once('close', () => fail(new ProbeError('protocol')));
    outgoing.end(body);
  });
  const { statusCode = 0, headers: answered } = response;
  return { status: statusCode, location: answered.location, contentType: answered['content-type'], response, broken };
}

/** Reads the answer to its end. @throws ProbeError `too_large` after `maxBytes` bytes */
export async function readBody({ response, broken }: HttpAnswer, maxBytes: number, watch: Stopwatch, signal: AbortSignal): Promise<Buffer> {
  watch.enter('transfer');
  const chunks: Buffer[] = [];
  let length = 0;
  await settled<void>(signal, (done, fail) => {
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) fail(new ProbeError('too_large'));
      else chunks.push(chunk);
    });
    response.once('end', () => done());
    broken.catch(fail);
    response.on('error', fail);
    response.once('close', () => fail(new ProbeError('reset')));
  });
  return Buffer.concat(chunks);
}
