// Endpoints of the kinds that speak over a connection of their own (tcp, tls, smtp), probed as the frame does it, and servers for them.

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { Accumulator } from '../../../src/domain/accumulator.js';
import { systemClock, type Clock } from '../../../src/domain/clock.js';
import type { Observation } from '../../../src/domain/observation.js';
import {
  SourceError,
  type CheckContext,
  type Source,
  type SourceConfig,
  type SourceContext,
  type SourceKind,
} from '../../../src/sources/kind.js';
import { flow } from '../../flow.js';
import { portOf } from '../../port.js';
import { MemoryRecord } from '../../records.js';
import { sourceConfigOf } from '../../source-config.js';

export const invoices = flow({ team: 'flux', partners: ['chuv'], stages: ['received'] });
const checkContext: CheckContext = { flows: [invoices], partners: ['chuv', 'hug'] };

export function config<Options>(kind: SourceKind<Options>, options: Options): SourceConfig<Options> {
  return sourceConfigOf({ name: 'partner-endpoints', kind: kind.kind, interval: 5000, timeout: 4000 }, options);
}

/** What `vigie check` says, each as `severity path: message`. */
export function checked<Options>(kind: SourceKind<Options>, options: Options): string[] {
  const problems = kind.check(config(kind, options), checkContext);
  return problems.map(({ path, message, severity = 'error' }) => `${severity} ${path.join('.')}: ${message}`);
}

export interface Rig {
  /** By the name of the environment variable that holds them. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

/** A source of endpoints that is probed by hand. */
export class Endpoints {
  readonly #accumulators = new Map<string, Accumulator>();
  #source: Source | undefined;
  /** May be changed between probes. */
  readonly secrets: Record<string, string>;

  private constructor(secrets: Readonly<Record<string, string>>) {
    this.secrets = { ...secrets };
  }

  static async start<Options>(
    kind: SourceKind<Options>,
    options: Options,
    { secrets = {}, clock = systemClock }: Rig = {},
  ): Promise<Endpoints> {
    const endpoints = new Endpoints(secrets);
    const records = new Map<string, MemoryRecord>();
    const context: SourceContext = {
      ...checkContext,
      clock,
      logger: pino({ level: 'silent' }),
      resolvePath: (path) => path,
      readSecret: async (secret) => {
        const value = typeof secret === 'string' ? secret : 'env' in secret ? endpoints.secrets[secret.env] : undefined;
        if (value === undefined) throw new SourceError('secret', 'secret', 'the secret cannot be read');
        return value;
      },
      accumulator: (name) => endpoints.#accumulator(name),
      undeclared: () => {},
      record: (name) => {
        const record = records.get(name) ?? new MemoryRecord();
        records.set(name, record);
        return record;
      },
      handover: undefined,
    };
    endpoints.#source = await kind.create(config(kind, options), context);
    return endpoints;
  }

  #accumulator(name: string): Accumulator {
    const accumulator = this.#accumulators.get(name) ?? new Accumulator();
    this.#accumulators.set(name, accumulator);
    return accumulator;
  }

  /** @throws SourceError */
  async probe(name = 'it', signal: AbortSignal = new AbortController().signal): Promise<Probed> {
    const collector = this.#source?.collectors.find((one) => one.name === name);
    if (!collector) throw new Error(`no endpoint ${name}`);
    const observations = [...(await collector.collect(signal))];
    const [journal] = (this.#source?.journals?.() ?? []).filter((one) => one.collector === name);
    const transcript = journal?.last[0];
    return read(observations, {
      failure: transcript?.failure,
      lines: transcript?.lines.map(({ text }) => text) ?? [],
      declared: [...this.#accumulator(name).observations()]
        .filter(({ metric }) => metric.name === 'endpoint_failures_total')
        .map(({ labels }) => `${labels['phase']}/${labels['reason']}`),
    });
  }
}

/** Probes one endpoint once. @throws SourceError */
export async function probeOnce<Options>(kind: SourceKind<Options>, options: Options, rig: Rig = {}): Promise<Probed> {
  return (await Endpoints.start(kind, options, rig)).probe();
}

export interface Probed {
  readonly up: number | undefined;
  /** `phase/reason`; undefined while it is up. */
  readonly failure: string | undefined;
  /** The failure in the words of the transcript. */
  readonly words: string;
  /** The phases that were reached, in order. */
  readonly phases: readonly string[];
  /** By the name of the metric, of the first series. */
  readonly values: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly transcript: string;
  /** Pairs of phase and reason that are counted from the start, as `phase/reason`. */
  readonly declared: readonly string[];
  /** Everything, to look for what must not be there. */
  readonly text: string;
}

interface Told {
  readonly failure: string | undefined;
  readonly lines: readonly string[];
  readonly declared: readonly string[];
}

function read(observations: readonly Observation[], { failure: words = '', lines, declared }: Told): Probed {
  const values: Record<string, number> = {};
  const labels: Record<string, Readonly<Record<string, string>>> = {};
  const phases: string[] = [];
  for (const observation of observations) {
    const { name } = observation.metric;
    if (name === 'endpoint_duration_seconds') phases.push(observation.labels['phase'] ?? '');
    if (typeof observation.value === 'number') values[name] ??= observation.value;
    labels[name] ??= observation.labels;
  }
  const failure = labels['endpoint_failure_info'];
  return {
    up: values['endpoint_up'],
    failure: failure && `${failure['phase']}/${failure['reason']}`,
    words,
    phases,
    values,
    labels,
    transcript: lines.join('\n'),
    declared,
    text: JSON.stringify([observations, words, lines]),
  };
}

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

/** A server on loopback whose connections end with the test. @returns its port */
export async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  return await listen(createServer(onSocket));
}

export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  servers.push({ server, sockets });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

export function closeServers(): void {
  for (const { server, sockets } of servers.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

/**
 * A server that speaks in lines: greets, and answers each line by what `answer` returns.
 * What is undefined ends the connection.
 */
export function speak(socket: Socket, greeting: string, answer: (line: string) => string | undefined): void {
  let text = '';
  if (greeting !== '') socket.write(`${greeting}\r\n`);
  socket.setEncoding('latin1').on('data', (data) => {
    text += String(data);
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end).replace(/\r$/, '');
      text = text.slice(end + 1);
      const said = answer(line);
      if (said === undefined) socket.end();
      else if (said !== '') socket.write(`${said}\r\n`);
    }
  });
}
