// Servers on loopback that behave, and misbehave, as servers of partners do. All of them end with the test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer, createServer as createHttp2, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { connect, createServer as createTcp, type Server, type Socket } from 'node:net';
import { portOf } from '../../port.js';
import { until } from '../../wait.js';

const endings: (() => void)[] = [];

/** Ends everything that was started since. */
export function endAll(): void {
  for (const end of endings.splice(0)) end();
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  endings.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

/** @returns the URL of its path /health */
export async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createHttp(listener))}/health`;
}

export async function serveTls(options: ServerOptions, listener: RequestListener = fine): Promise<string> {
  const server = createHttps(options, listener);
  server.on('tlsClientError', () => {});
  return `https://127.0.0.1:${await listen(server)}/health`;
}

/** HTTP/2, and HTTP/1.1 too unless `only`. */
export async function serveHttp2(options: ServerOptions, only: boolean, listener: (version: string) => string): Promise<string> {
  const server = createSecureServer({ key: options.key, cert: options.cert, allowHTTP1: !only } as const, (request, response) =>
    response.end(listener(request.httpVersion)),
  );
  endSessions(server);
  return `https://127.0.0.1:${await listen(server)}/health`;
}

/** HTTP/2 in clear text, without asking first. */
export async function serveH2c(listener: (version: string) => string): Promise<string> {
  const server = createHttp2((request, response) => void response.end(listener(request.httpVersion)));
  endSessions(server);
  return `http://127.0.0.1:${await listen(server)}/health`;
}

function endSessions(server: { on(event: 'session', listener: (session: ServerHttp2Session) => void): unknown }): void {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {}).on('close', () => sessions.delete(session));
  });
  endings.push(() => {
    for (const session of sessions) session.destroy();
  });
}

/** A server that does what is told with each connection. */
export async function serveTcp(onSocket: (socket: Socket) => void): Promise<string> {
  const server = createTcp((socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  return `http://127.0.0.1:${await listen(server)}/health`;
}

/** Answers each request with these pieces, one each millisecond, the last one for ever. */
export async function serveForEver(head: string, piece: string): Promise<string> {
  return await serveTcp((socket) => {
    socket.once('data', () => {
      socket.write(head);
      const timer = setInterval(() => socket.write(piece), 1);
      socket.once('close', () => clearInterval(timer));
    });
  });
}

/** A port whose queue of connections is full: the kernel answers no other one. */
export async function blackHole(): Promise<string> {
  const program = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    process.stdout.write(String(server.address().port), () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  endings.push(() => child.kill('SIGKILL'));
  const [printed]: Buffer[] = await once(child.stdout, 'data');
  const port = Number(printed?.toString());
  const waiting: Socket[] = [];
  endings.push(() => waiting.forEach((socket) => socket.destroy()));
  await until(async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    waiting.push(socket);
    const connected = await Promise.race([once(socket, 'connect').then(() => true), pause(100).then(() => false)]);
    return !connected;
  });
  return `http://127.0.0.1:${port}/health`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export interface ProxyDouble {
  readonly url: string;
  /** Request lines and credentials as they came. */
  readonly asked: { readonly line: string; readonly login: string | undefined }[];
}

/** A proxy: CONNECT, and requests with whole URLs. @param login value of Proxy-Authorization that it wants */
export async function serveProxy(login?: string): Promise<ProxyDouble> {
  const asked: ProxyDouble['asked'] = [];
  const admits = (request: IncomingMessage) => {
    const given = request.headers['proxy-authorization'];
    asked.push({ line: `${request.method} ${request.url}`, login: given });
    return login === undefined || given === login;
  };
  const server = createHttp((request, response) => void forward(request, response, admits(request)));
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    client.on('error', () => {});
    if (!admits(request)) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    const [host = '', port = ''] = request.url?.split(':') ?? [];
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')).on('close', () => client.destroy());
    return client.on('close', () => target.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
}

async function forward(request: IncomingMessage, response: ServerResponse, admitted: boolean): Promise<void> {
  if (!admitted) return void response.writeHead(407).end();
  const { host } = request.headers;
  const answer = await fetch(request.url ?? '', { headers: { 'x-host': host ?? '' } });
  response.writeHead(answer.status).end(await answer.text());
}

export interface OAuthDouble {
  readonly url: string;
  /** What was posted, and the header with which. */
  readonly asked: { readonly form: Readonly<Record<string, string>>; readonly authorization: string | undefined }[];
  /** How the next requests are answered; a token with a number in it where nothing is set. */
  answer: { readonly status: number; readonly body: unknown } | undefined;
}

/** A token endpoint. @param expiresIn seconds */
export async function serveTokens(expiresIn: number): Promise<OAuthDouble> {
  const double: { url: string; asked: OAuthDouble['asked']; answer: OAuthDouble['answer'] } = { url: '', asked: [], answer: undefined };
  double.url = await serve((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      double.asked.push({ form: Object.fromEntries(new URLSearchParams(text)), authorization: request.headers.authorization });
      const { status, body } = double.answer ?? {
        status: 200,
        body: { access_token: `token-${double.asked.length}-of-the-client`, token_type: 'Bearer', expires_in: expiresIn },
      };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  return double;
}

function fine(_request: IncomingMessage, response: ServerResponse): void {
  response.end('fine');
}
