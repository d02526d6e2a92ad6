// A double of SQL Server: speaks TDS 7.4 (and 8.0, encrypted from the first byte) on a socket; what it answers, the test says.
// After [MS-TDS], https://learn.microsoft.com/openspecs/windows_protocols/ms-tds

import { once } from 'node:events';
import { createServer } from 'node:net';
import { portOf } from '../../port.js';
import type { Login } from './login.js';
import type { Parameter } from './parameters.js';
import type { Request } from './requests.js';
import { TdsSession } from './session.js';
import type { ServerError } from './tokens.js';
import type { Certificate } from './tunnel.js';
import type { Column, Value } from './values.js';

export type { Login } from './login.js';
export type { Parameter } from './parameters.js';
export type { Column, Value } from './values.js';

export interface ResultSet {
  readonly columns: readonly Column[];
  readonly rows: Iterable<readonly Value[]>;
}

export interface QueryError extends ServerError {
  /** Whether the transaction is gone with it. */
  readonly rollsBack?: boolean;
}

/** After `hang` nothing comes any more, after `drop` the connection is gone; a result before them is left without its end. */
export type Step = ResultSet | QueryError | 'hang' | 'drop';
export type Answer = Step | Step[];

export interface TdsOptions {
  readonly user: string;
  readonly password: () => string;
  /** The only token that is accepted, of logins by Entra ID. */
  readonly token?: () => string;
  readonly onQuery: (sql: string, session: TdsSession, parameters: readonly Parameter[]) => Answer | Promise<Answer>;
  /** Refuses a login that is right, or sends it elsewhere. */
  readonly onLogin?: (login: Login) => ServerError | { readonly host: string; readonly port: number } | undefined;
  readonly tls?: Certificate | undefined;
  /** Refuses who does not encrypt. */
  readonly requireEncryption?: boolean;
  /** Takes TLS from the first byte only. */
  readonly strict?: boolean;
  /** Never answers PRELOGIN. */
  readonly silent?: boolean;
  readonly ignoreAttention?: boolean;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface TdsServer {
  readonly host: string;
  readonly port: number;
  /** In the order they came, also those that were refused. */
  readonly logins: Login[];
  /** Tokens of Entra ID that arrived. */
  readonly tokens: string[];
  readonly ntlm: { readonly domain: string; readonly user: string }[];
  readonly requests: (Request & { readonly session: number })[];
  /** Ids of the sessions that sent ATTENTION. */
  readonly attentions: number[];
  /** What the double itself could not make sense of. */
  readonly failures: unknown[];
  rowsSent: number;
  /** Connections open now, and the most there ever were at once. */
  readonly open: number;
  readonly mostOpen: number;
  readonly frozen: boolean;
  /** Ends all connections, as an administrator would. */
  kill(): void;
  /** From now on nothing is answered, as by a firewall that forgets its connections. */
  freeze(): void;
  close(): Promise<void>;
}

export async function startTds(options: TdsOptions): Promise<TdsServer> {
  const sessions = new Set<TdsSession>();
  let count = 0;
  let mostOpen = 0;
  let frozen = false;
  const listener = createServer((socket) => {
    const session = new TdsSession(++count, socket, options, server);
    sessions.add(session);
    mostOpen = Math.max(mostOpen, sessions.size);
    socket.once('close', () => sessions.delete(session));
  });
  listener.listen(0, options.host ?? '127.0.0.1');
  await once(listener, 'listening');
  const kill = () => {
    for (const session of sessions) session.drop();
  };
  const server: TdsServer = {
    host: options.host ?? '127.0.0.1',
    port: portOf(listener),
    logins: [],
    tokens: [],
    ntlm: [],
    requests: [],
    attentions: [],
    failures: [],
    rowsSent: 0,
    get open() {
      return sessions.size;
    },
    get mostOpen() {
      return mostOpen;
    },
    get frozen() {
      return frozen;
    },
    kill,
    freeze: () => void (frozen = true),
    close: async () => {
      listener.close();
      kill();
      await once(listener, 'close');
    },
  };
  return server;
}
