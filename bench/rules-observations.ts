// What exporters would say of many flows: a target that answers quickly, in which all flows are well.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { DURATION_BUCKETS, measured, observed } from '../src/conventions.js';
import { portOf } from '../test/port.js';
import { COUNTED, flowName, isCounted, partnersOf } from './rules-flows.js';

/** Of the flows, one in so many has a histogram of durations. */
const WITH_DURATIONS = 10;
const PER_MINUTE = 6;

/** A line without its value, and how the value comes about. */
interface Series {
  readonly prefix: string;
  readonly kind: 'count' | 'some' | 'now' | 'few' | 'enough' | 'zero';
}

export class Observations {
  readonly #server: Server;
  readonly #series: readonly Series[];
  readonly #began = Date.now();

  private constructor(flows: number) {
    this.#series = Array.from({ length: flows }, (_, index) => seriesOf(index)).flat();
    this.#server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(this.#text());
    });
  }

  static async serve(flows: number): Promise<Observations> {
    const observations = new Observations(flows);
    observations.#server.listen(0, '127.0.0.1');
    await once(observations.#server, 'listening');
    return observations;
  }

  get port(): number {
    return portOf(this.#server);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #text(): string {
    const seconds = Date.now() / 1000;
    const count = Math.floor(((Date.now() - this.#began) / 60_000) * PER_MINUTE);
    const values = { count, some: Math.floor(count / 100), now: seconds, few: 3, enough: 12, zero: 0 };
    return this.#series.map(({ prefix, kind }) => `${prefix} ${values[kind]}\n`).join('');
  }
}

function seriesOf(index: number): Series[] {
  return partnersOf(index).flatMap((partner): Series[] => {
    const at = (stage: string, more = '') => `{flow="${flowName(index)}",partner="${partner}",env="prod",stage="${stage}"${more}}`;
    return [
      { prefix: observed.messages.name + at('received', ',outcome="ok"'), kind: 'count' },
      { prefix: observed.messages.name + at('answered', ',outcome="ok"'), kind: 'count' },
      ...(index % 10 === 0 ? [{ prefix: observed.messages.name + at('answered', ',outcome="error"'), kind: 'some' } as const] : []),
      { prefix: observed.last_message.name + at('received'), kind: 'now' },
      ...(isCounted(index) ? ['current', 'previous'].map((period) => periodOf(at, period)) : []),
      { prefix: observed.backlog.name + at('processed'), kind: 'few' },
      { prefix: observed.backlog_oldest.name + at('processed'), kind: 'now' },
      ...(index % WITH_DURATIONS === 0 ? histogram(at) : []),
    ];
  });
}

function periodOf(at: (stage: string, more?: string) => string, period: string): Series {
  return { prefix: measured.periodMessages.name + at('received', `,expectation="${COUNTED}",period="${period}"`), kind: 'enough' };
}

function histogram(at: (stage: string, more?: string) => string): Series[] {
  const name = observed.duration.name;
  return [
    ...[...DURATION_BUCKETS, '+Inf'].map((le): Series => ({
      prefix: `${name}_bucket${at('answered', `,le="${le}"`)}`,
      kind: typeof le === 'number' && le < 1 ? 'zero' : 'count',
    })),
    { prefix: `${name}_sum${at('answered')}`, kind: 'count' },
    { prefix: `${name}_count${at('answered')}`, kind: 'count' },
  ];
}
