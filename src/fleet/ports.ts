// Whether the ports that the fleet wants are free, and what to tell the user where one is not.

import { createServer } from 'node:net';
import { DEFAULT_PORT_BASE } from '../conventions.js';
import { hostPort } from '../web/address.js';

export interface WantedPort {
  /** Who is to listen there. */
  readonly source: string;
  readonly port: number;
}

/** @returns one line for each port that cannot be listened on, and one that says what to do; empty where all are free */
export async function portProblems(host: string, wanted: readonly WantedPort[]): Promise<string[]> {
  if (wanted.length === 0) return [];
  const hostCode = await tryPort(host, 0);
  if (hostCode !== undefined) return [`${host} is no address of this machine that can be listened on (--listen, ${hostCode})`];
  const codes = await Promise.all(wanted.map(async (one) => ({ ...one, code: await tryPort(host, one.port) })));
  const problems = codes.flatMap(({ source, port, code }) => (code === undefined ? [] : [explain(code, host, port, source)]));
  return problems.length === 0 ? [] : [...problems, advice(wanted)];
}

/** Listens for a moment. @returns undefined, or the code of the operating system's error */
async function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function explain(code: string, host: string, port: number, source: string): string {
  if (code === 'EADDRINUSE') return `port ${port}, wanted by ${source}, is in use on ${host}`;
  if (code === 'EACCES') return `port ${port}, wanted by ${source}, may not be used by this user`;
  return `${source} cannot listen on ${hostPort(host, port)} (${code})`;
}

/** A base beyond all ports that were wanted. */
function advice(wanted: readonly WantedPort[]): string {
  const next = Math.ceil((Math.max(...wanted.map(({ port }) => port)) + 1) / 100) * 100;
  const example = next + wanted.length <= 65_535 ? next : DEFAULT_PORT_BASE;
  return `stop what listens there, or move the fleet, e.g. with --port-base ${example} (a port that the YAML fixes is moved there: exporter_port)`;
}
