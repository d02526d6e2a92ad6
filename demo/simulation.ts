// The simulation: messages arrive, wait, pass stages or end there. No I/O, and no time but the one it is told.

import type { ExchangeEvent, Result } from './events.js';
import { FLOWS, type Inbox, type SimulatedFlow, type SimulatedPartner, type SimulatedStage } from './flows.js';
import { Random } from './random.js';
import { CONDITIONS, type Conditions, type Scenario } from './scenario.js';

export interface SimulationOptions {
  readonly seed: number;
  /** What happens from `scenarioFrom` on; before, everything is normal. */
  readonly scenario: Scenario;
  /** Milliseconds since the Unix epoch. */
  readonly start: number;
  readonly scenarioFrom: number;
  readonly emit: (event: ExchangeEvent) => void;
}

interface Planned {
  readonly at: number;
  readonly run: (at: number) => void;
}

interface Message {
  readonly id: number;
  readonly flow: SimulatedFlow;
  readonly partner: string;
  readonly bytes: number;
}

/** Partners write their files in this time. */
const WRITING_MEAN_MS = 900;

export class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: Random;
  /** By time; what was planned first comes first among equals. */
  readonly #planned: Planned[] = [];
  #lastId = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    for (const flow of FLOWS) {
      for (const partner of flow.partners) this.#planArrival(flow, partner, options.start);
    }
  }

  /** Lets everything happen that is due until then. Time that runs backwards changes nothing. */
  advance(to: number): void {
    for (;;) {
      const next = this.#planned[0];
      if (!next || next.at > to) return;
      this.#planned.shift();
      next.run(next.at);
    }
  }

  #conditions(at: number): Conditions {
    return CONDITIONS[at < this.#options.scenarioFrom ? 'normal' : this.#options.scenario];
  }

  #plan(at: number, run: (at: number) => void): void {
    let low = 0;
    let high = this.#planned.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#planned[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    this.#planned.splice(low, 0, { at, run });
  }

  #planArrival(flow: SimulatedFlow, partner: SimulatedPartner, from: number): void {
    this.#plan(from + this.#random.untilNext(partner.everyMs), (at) => {
      this.#planArrival(flow, partner, at);
      if (this.#conditions(at).silent(flow.name, partner.name)) return;
      const message = { id: ++this.#lastId, flow, partner: partner.name, bytes: this.#random.whole(900, 6_000) };
      if (flow.inbox) this.#writeFile(message, flow.inbox, at);
      else this.#wait(message, 0, at);
    });
  }

  /** The partner writes a file; once it is complete the exchange takes it, which passes the first stage. */
  #writeFile(message: Message, inbox: Inbox, at: number): void {
    const { flow, partner, id, bytes } = message;
    const file = { directory: inbox.directory, name: inbox.fileName(partner, id, new Date(at)), bytes };
    const [stage] = flow.stages;
    this.#options.emit({ type: 'writing', at, ...file });
    this.#plan(at + this.#random.duration(WRITING_MEAN_MS), (complete) => {
      this.#options.emit({ type: 'complete', at: complete, ...file });
      this.#plan(complete + this.#time(message, stage, complete), (taken) => {
        this.#options.emit({ type: 'taken', at: taken, ...file });
        this.#pass(message, 0, complete, taken);
      });
    });
  }

  #wait(message: Message, position: number, at: number): void {
    const stage = message.flow.stages[position];
    if (!stage) return;
    this.#options.emit({ type: 'waiting', at, id: message.id, flow: message.flow.name, partner: message.partner, stage: stage.name });
    this.#plan(at + this.#time(message, stage, at), (passed) => this.#pass(message, position, at, passed));
  }

  #pass(message: Message, position: number, since: number, at: number): void {
    const { flow, partner, id, bytes } = message;
    const stage = flow.stages[position];
    if (!stage) return;
    const result = this.#result(stage, at);
    const code = result === 'REFUSED' ? this.#random.pick(flow.codes) : undefined;
    const record = { result, code, durationMs: Math.round(at - since), bytes, record: flow.record };
    this.#options.emit({ type: 'passed', at, id, flow: flow.name, partner, stage: stage.name, ...record });
    if (result === 'OK') this.#wait(message, position + 1, at);
  }

  #result(stage: SimulatedStage, at: number): Result {
    if (this.#random.chance(this.#conditions(at).refusals(stage.refusals ?? 0))) return 'REFUSED';
    return this.#random.chance(stage.errors ?? 0) ? 'KO' : 'OK';
  }

  #time({ flow, partner }: Message, stage: SimulatedStage, at: number): number {
    return this.#random.duration(stage.meanMs) * this.#conditions(at).slowness({ flow: flow.name, partner, stage: stage.name });
  }
}
