// The simulation: messages arrive, wait, pass stages or end there. No I/O, and no time but the one it is told.

import type { ExchangeEvent, Result } from './events.js';
import { FLOWS, type Inbox, type SimulatedFlow, type SimulatedPartner, type SimulatedStage } from './flows.js';
import { Random } from './random.js';
import { CONDITIONS, type Conditions, type Scenario, type Spot } from './scenario.js';

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
  /** Where a message waits for it, how many times longer than usual. */
  readonly waiting?: { readonly spot: Spot; readonly slowness: number };
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
  #planned: Planned[] = [];
  /** In the order of time. */
  readonly #scenarios: { readonly from: number; readonly scenario: Scenario }[];
  #lastId = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#scenarios = [{ from: options.scenarioFrom, scenario: options.scenario }];
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

  /** Something else happens from then on. What waits already goes on at the new pace. */
  change(scenario: Scenario, from: number): void {
    this.#scenarios.push({ from, scenario });
    const planned = this.#planned.map((one) => repaced(one, CONDITIONS[scenario], from));
    this.#planned = planned.toSorted((a, b) => a.at - b.at);
  }

  #conditions(at: number): Conditions {
    return CONDITIONS[this.#scenarios.findLast(({ from }) => from <= at)?.scenario ?? 'normal'];
  }

  #plan(at: number, run: (at: number) => void, waiting?: Planned['waiting']): void {
    let low = 0;
    let high = this.#planned.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#planned[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    this.#planned.splice(low, 0, { at, run, ...(waiting && { waiting }) });
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
      this.#planPassage(message, stage, complete, (taken) => {
        this.#options.emit({ type: 'taken', at: taken, ...file });
        this.#pass(message, 0, complete, taken);
      });
    });
  }

  #wait(message: Message, position: number, at: number): void {
    const stage = message.flow.stages[position];
    if (!stage) return;
    this.#options.emit({ type: 'waiting', at, id: message.id, flow: message.flow.name, partner: message.partner, stage: stage.name });
    this.#planPassage(message, stage, at, (passed) => this.#pass(message, position, at, passed));
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

  #planPassage({ flow, partner }: Message, stage: SimulatedStage, at: number, run: (at: number) => void): void {
    const spot = { flow: flow.name, partner, stage: stage.name };
    const slowness = this.#conditions(at).slowness(spot);
    this.#plan(at + this.#random.duration(stage.meanMs) * slowness, run, { spot, slowness });
  }
}

/** What is left of the time is longer or shorter by as much as the new conditions are slower or quicker than the old ones. */
function repaced(planned: Planned, conditions: Conditions, from: number): Planned {
  const { at, waiting } = planned;
  if (!waiting || at <= from) return planned;
  const slowness = conditions.slowness(waiting.spot);
  return { ...planned, at: from + (at - from) * (slowness / waiting.slowness), waiting: { ...waiting, slowness } };
}
