// Runs the `ping` of the system: Node.js has no sockets for ICMP, and only programs with a privilege of their own may open them.

import { spawn } from 'node:child_process';
import { isIPv6 } from 'node:net';
import { ProbeError } from '../endpoints/reasons.js';
import { SourceError } from '../kind.js';
import { errorCode } from '../system-errors.js';
import { readSummary, type Summary } from './summary.js';

/** Twenty packets take 2 KB; what is beyond this is no `ping`. */
const LONGEST_OUTPUT = 65_536;
const INSTALL = 'install it (Debian: iputils-ping)';
const ALLOW =
  'let it (setcap cap_net_raw+ep $(command -v ping); in containers the capability NET_RAW), or all users (sysctl net.ipv4.ping_group_range)';

/** What is left of the time for the program to start and to print its summary, where no answer comes. */
const MARGIN_MS = 500;

export interface Echo {
  /** An address: no name is resolved, and nothing is taken for an option. */
  readonly address: string;
  readonly packets: number;
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

/**
 * Pings. Ends with the program, which is killed when the signal aborts.
 * @throws ProbeError where there is no way to the host
 * @throws SourceError of phase `ping` where the system has no `ping` or does not let it work
 */
export async function ping({ address, packets, timeout }: Echo, signal: AbortSignal): Promise<Summary> {
  const wait = Math.max(1, Math.floor((timeout - MARGIN_MS) / 1000) - (packets - 1));
  const family = isIPv6(address.replace(/%.*$/, '')) ? '-6' : '-4';
  const { code, output, errors } = await run(['-n', family, '-c', String(packets), '-W', String(wait), address], signal);
  const summary = readSummary(output);
  if (summary) return summary;
  if (/permission denied|not permitted|are you root|cap_net_raw/i.test(errors)) throw forbidden();
  if (/unreachable|no route to host/i.test(errors)) throw new ProbeError('unreachable', 'this machine knows no way to the host');
  if (/assign requested address|protocol not supported/i.test(errors)) {
    throw new ProbeError('unreachable', `this machine has no address of ${family === '-6' ? 'IPv6' : 'IPv4'}`);
  }
  throw new SourceError('ping', 'protocol', `ping ended with status ${code ?? 'none'}, and what it printed cannot be read`);
}

interface Result {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

async function run(options: readonly string[], signal: AbortSignal): Promise<Result> {
  if (signal.aborted) throw new ProbeError('timeout');
  // What it prints is read here, so it prints in the language of its authors.
  const child = spawn('ping', options, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
  const kill = () => child.kill('SIGKILL');
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const result = { output: '', errors: '' };
  const take = (part: keyof typeof result) => (chunk: string) => {
    if (result[part].length < LONGEST_OUTPUT) result[part] += chunk;
    else kill();
  };
  child.stdout.setEncoding('utf8').on('data', take('output'));
  child.stderr.setEncoding('utf8').on('data', take('errors'));
  child.on('error', (error) => reject(cannotRun(error)));
  child.on('close', (code) => resolve({ code, ...result }));
  signal.addEventListener('abort', kill, { once: true });
  try {
    const ended = await promise;
    if (signal.aborted) throw new ProbeError('timeout');
    return ended;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function cannotRun(error: unknown): SourceError {
  const code = errorCode(error);
  if (code === 'ENOENT') return new SourceError('ping', 'config', `there is no program ping on this machine: ${INSTALL}`);
  if (code === 'EACCES' || code === 'EPERM') return forbidden();
  return new SourceError('ping', 'protocol', `ping cannot be started (${code ?? 'no code'})`);
}

function forbidden(): SourceError {
  return new SourceError('ping', 'permission', `the system does not let ping send echo requests: ${ALLOW}`);
}
