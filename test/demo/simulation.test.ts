// The simulation of the demo: repeatable, and wrong in the way that each scenario says.

import type { ExchangeEvent, PassedEvent } from '../../demo/events.js';
import { FLOWS } from '../../demo/flows.js';
import type { Scenario } from '../../demo/scenario.js';
import { Simulation } from '../../demo/simulation.js';

const START = Date.parse('2026-11-23T08:00:00Z');
const MINUTE = 60_000;

/** What happens in ten minutes, the first two of which are normal. */
function simulate(scenario: Scenario, seed = 7): ExchangeEvent[] {
  const events: ExchangeEvent[] = [];
  const simulation = new Simulation({
    seed,
    scenario,
    start: START,
    scenarioFrom: START + 2 * MINUTE,
    emit: (event) => events.push(event),
  });
  for (let at = START; at <= START + 10 * MINUTE; at += 250) simulation.advance(at);
  return events;
}

/** The messages that passed a stage in the last minutes, all of it within the scenario. */
function passed(events: readonly ExchangeEvent[], place: Partial<PassedEvent>, minutes = 6): PassedEvent[] {
  return events
    .filter((event) => event.type === 'passed')
    .filter((event) => event.at > START + (10 - minutes) * MINUTE)
    .filter(({ flow, partner, stage }) => {
      return flow === (place.flow ?? flow) && partner === (place.partner ?? partner) && stage === (place.stage ?? stage);
    });
}

describe('the simulation', () => {
  test('gives the same sequence for the same seed, and another for another', () => {
    const first = simulate('normal');

    expect(simulate('normal')).toEqual(first);
    expect(simulate('normal', 8)).not.toEqual(first);
  });

  test('does the same in large steps as in small ones', () => {
    const events: ExchangeEvent[] = [];
    const options = { seed: 7, scenario: 'normal', start: START, scenarioFrom: START + 2 * MINUTE } as const;

    new Simulation({ ...options, emit: (event) => events.push(event) }).advance(START + 10 * MINUTE);

    expect(events).toEqual(simulate('normal'));
  });

  test('goes over to another scenario while it runs: what stood still passes at the usual pace', () => {
    const events: ExchangeEvent[] = [];
    const simulation = new Simulation({
      seed: 7,
      scenario: 'backlog',
      start: START,
      scenarioFrom: START + 2 * MINUTE,
      emit: (event) => events.push(event),
    });
    simulation.advance(START + 8 * MINUTE);
    const place = { flow: 'factures-tge', stage: 'processed' };
    const before = passed(events, place, 6).length;

    simulation.change('normal', START + 8 * MINUTE);
    simulation.advance(START + 10 * MINUTE);

    // Some 400 had waited, and some 130 have come since.
    expect(before).toBeLessThan(40);
    expect(passed(events, place, 2).length).toBeGreaterThan(400);
    const times = events.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('emits in the order of time', () => {
    const times = simulate('normal').map(({ at }) => at);

    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test.each(FLOWS.flatMap(({ name, stages }) => stages.map((stage) => [name, stage.name])))(
    'lets messages of %s pass the stage %s for all partners',
    (flow, stage) => {
      const events = simulate('normal');

      const partners = new Set(passed(events, { flow: flow ?? '', stage: stage ?? '' }).map(({ partner }) => partner));

      expect([...partners].toSorted()).toEqual(
        FLOWS.find(({ name }) => name === flow)
          ?.partners.map(({ name }) => name)
          .toSorted(),
      );
    },
  );

  test('GM2: counts up in every stage of factures-tge every ten seconds', () => {
    const events = simulate('normal');

    for (const { name: stage } of FLOWS[0]?.stages ?? []) {
      const windows = new Set(passed(events, { flow: 'factures-tge', stage }, 8).map(({ at }) => Math.floor((at - START) / 10_000)));
      expect(windows.size).toBeGreaterThanOrEqual(47);
    }
  });

  test('ends a message where it fails', () => {
    const events = simulate('normal');
    const failed = passed(events, {}, 10).find(({ result }) => result !== 'OK');

    const later = events.filter((event) => event.at > (failed?.at ?? 0) && 'id' in event && event.id === failed?.id);

    expect(failed).toBeDefined();
    expect(later).toEqual([]);
  });
});

describe('the scenario', () => {
  test('partner-down: no file of hug, and no answer to it, while the others go on', () => {
    const events = simulate('partner-down');
    const files = events.filter((event) => event.type === 'writing' && event.at > START + 4 * MINUTE);

    expect(files.filter((event) => 'name' in event && event.name.startsWith('hug'))).toEqual([]);
    expect(passed(events, { partner: 'hug', stage: 'answered' })).toEqual([]);
    expect(passed(events, { partner: 'chuv', stage: 'answered' }).length).toBeGreaterThan(100);
  });

  test('backlog: messages pile up in front of processed, beyond the bound of exporters.yaml for chuv', () => {
    const events = simulate('backlog');
    const here = events.filter(
      (event) => 'stage' in event && event.stage === 'processed' && event.flow === 'factures-tge' && event.partner === 'chuv',
    );
    const arrived = here.filter(({ type }) => type === 'waiting').length;
    const left = here.filter(({ type }) => type === 'passed').length;

    expect(arrived - left).toBeGreaterThan(200);
    expect(passed(events, { stage: 'routed' }).length).toBeGreaterThan(200);
  });

  test('late: everything takes longer, and nothing comes from hirslanden', () => {
    const mean = (events: readonly ExchangeEvent[]) => {
      const durations = passed(events, { flow: 'factures-tge', stage: 'processed' }).map(({ durationMs }) => durationMs);
      return durations.reduce((sum, duration) => sum + duration, 0) / durations.length;
    };

    expect(mean(simulate('late'))).toBeGreaterThan(3 * mean(simulate('normal')));
    expect(passed(simulate('late'), { partner: 'hirslanden', stage: 'received' })).toEqual([]);
  });

  test('rejects: many messages are refused, each with a code', () => {
    const validated = passed(simulate('rejects'), { stage: 'validated' });
    const refused = validated.filter(({ result }) => result === 'REFUSED');

    expect(refused.length / validated.length).toBeGreaterThan(0.3);
    expect(refused.every(({ code }) => code?.startsWith('TGE-'))).toBe(true);
  });
});
