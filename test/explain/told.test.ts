// How often alerts fired, from what Prometheus has recorded.

import { toldBefore } from '../../src/explain/told.js';
import type { Samples } from '../../src/prometheus/answer.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const question = { flow: 'factures-tge', env: 'prod', endpoints: ['hug-api', 'a.b'] };

/** Answers with one series that has points at these minutes. */
function recorded(...minutes: readonly number[]) {
  const asked: { promql: string; step: number }[] = [];
  const series: Samples = {
    labels: { alertname: 'FlowMissed' },
    points: minutes.map((minute) => ({ epochMs: minute * MINUTE, value: 1 })),
  };
  return {
    asked,
    queryRange: (promql: string, { step }: { from: number; to: number; step: number }) => {
      asked.push({ promql, step });
      return Promise.resolve([series]);
    },
  };
}

test('what fired without a break fired once, and again after each break', async () => {
  const { alerts } = await toldBefore(recorded(1, 2, 3, 10, 11, 60), question, 0, DAY);

  expect(alerts).toEqual([{ labels: { alertname: 'FlowMissed' }, times: 3, duration: 6 * MINUTE, last: 60 * MINUTE }]);
});

test('a week is looked at every minute, more days less closely, so that Prometheus does not refuse', async () => {
  const prometheus = recorded();

  const steps = [];
  for (const days of [1, 6, 7, 100]) steps.push((await toldBefore(prometheus, question, 0, days * DAY)).step);

  expect(steps).toEqual([60_000, 60_000, 60_480, 864_000]);
});

test('alerts on the flow are asked for, and on the endpoints that it depends on, whatever is in their names', async () => {
  const prometheus = recorded();

  await toldBefore(prometheus, question, 0, DAY);

  expect(prometheus.asked[0]?.promql).toBe(
    String.raw`ALERTS{flow="factures-tge", env="prod", alertstate="firing"} or ALERTS{alertname="VigieEndpointDown", endpoint=~"hug-api|a\\.b", env="prod", alertstate="firing"}`,
  );
});
