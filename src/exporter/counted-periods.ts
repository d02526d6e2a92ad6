// Which expectations of numbers of messages a source counts for. What counting needs is loaded only where there are any.

import type { Config } from '../config/model.js';
import type { Expectation } from '../domain/expectation-declaration.js';
import type { PeriodTiming } from '../domain/expectation-periods.js';
import type { Flow } from '../domain/flow.js';
import type { PeriodCounter, PeriodCounterContext } from './period-counter.js';

export interface NumberExpected {
  readonly flow: string;
  readonly expectation: Expectation;
  readonly timing: PeriodTiming;
  /** Name of the calendar of the environment, else of the flow. */
  readonly calendar: string | undefined;
}

/** Those of the flows that the source observes in its environment. */
export function numbersExpected(config: Config, source: string): NumberExpected[] {
  const { observes = [], env } = config.sources.find(({ name }) => name === source) ?? {};
  const calendar = config.environments.find(({ name }) => name === env)?.calendar;
  return config.flows
    .filter(({ name, environments }) => observes.includes(name) && env !== undefined && environments.includes(env))
    .flatMap((flow) => expectationsOf(flow).map((one) => ({ ...one, calendar: calendar ?? flow.calendar })));
}

function expectationsOf(flow: Flow): Omit<NumberExpected, 'calendar'>[] {
  return (flow.expectations ?? []).flatMap((expectation) => {
    const { timing, atLeast, atMost } = expectation;
    if (!timing || timing.kind === 'every' || (atLeast === undefined && atMost === undefined)) return [];
    return [{ flow: flow.name, expectation, timing }];
  });
}

/** @param before what counted until a reload */
export async function periodCounter(
  config: Config,
  source: string,
  context: PeriodCounterContext,
  before: PeriodCounter | undefined,
): Promise<PeriodCounter | undefined> {
  const expected = numbersExpected(config, source);
  if (expected.length === 0) return undefined;
  const { PeriodCounter: Counter } = await import('./period-counter.js');
  return Counter.of(config, expected, context, before);
}
