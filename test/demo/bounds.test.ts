// The bounds of the shipped YAML, against what the demo exchange does: they are silent while all is well, and tell what goes wrong.

import { join } from 'node:path';
import type { PassedEvent } from '../../demo/events.js';
import type { Scenario } from '../../demo/scenario.js';
import { Simulation } from '../../demo/simulation.js';
import { loadConfig } from '../../src/config/load.js';
import type { Bound } from '../../src/domain/flow.js';

const FLOW = 'factures-tge';
const PARTNERS = ['chuv', 'hug', 'hirslanden'];
const MINUTE = 60_000;

async function boundOf(indicator: string, severity: Bound['severity']): Promise<number> {
  const { config } = await loadConfig(join(import.meta.dirname, '..', '..', '..', 'exporters.yaml'));
  const bound = config?.flows
    .find(({ name }) => name === FLOW)
    ?.bounds.find((one) => one.indicator === indicator && one.severity === severity);
  return bound?.value ?? NaN;
}

/** All five minutes of an hour, by partner: what passed the stage. */
function windows(scenario: Scenario, stage: string): PassedEvent[][] {
  const passed: PassedEvent[] = [];
  const simulation = new Simulation({
    seed: 1,
    scenario,
    start: 0,
    scenarioFrom: 0,
    emit: (event) => {
      if (event.type === 'passed' && event.flow === FLOW && event.stage === stage) passed.push(event);
    },
  });
  simulation.advance(70 * MINUTE);
  const ends = Array.from({ length: 60 }, (_, index) => (index + 10) * MINUTE);
  return PARTNERS.flatMap((partner) =>
    ends.map((end) => passed.filter((event) => event.partner === partner && event.at > end - 5 * MINUTE && event.at <= end)),
  );
}

function refused(events: readonly PassedEvent[]): number {
  return events.filter(({ result }) => result === 'REFUSED').length / events.length;
}

function p95(events: readonly PassedEvent[]): number {
  const seconds = events.map(({ durationMs }) => durationMs / 1000).toSorted((a, b) => a - b);
  return seconds[Math.floor(seconds.length * 0.95)] ?? NaN;
}

test('GM3: while the demo is normal, refusals and times stay within their bounds', async () => {
  const [rejects, duration] = [await boundOf('rejects', 'warning'), await boundOf('duration', 'warning')];

  expect(windows('normal', 'validated').filter((events) => !(refused(events) < rejects))).toEqual([]);
  expect(windows('normal', 'processed').filter((events) => !(p95(events) < duration))).toEqual([]);
});

test('GM3: the scenario rejects is beyond the critical bound for each partner at any time', async () => {
  const rejects = await boundOf('rejects', 'critical');

  const all = windows('rejects', 'validated');

  expect(all.filter((events) => events.length < 20 || !(refused(events) > rejects))).toEqual([]);
});

test('GM3: the scenario late is beyond the bound of times', async () => {
  const duration = await boundOf('duration', 'warning');

  const late = windows('late', 'processed').filter((events) => events.length > 0);

  expect(late.filter((events) => !(p95(events) > duration))).toEqual([]);
});
