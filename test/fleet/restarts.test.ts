import { RestartHistory } from '../../src/fleet/restarts.js';

/** The pauses after runs of these lengths, in milliseconds, one after the other. */
function pausesAfter(...runs: readonly number[]): number[] {
  const history = new RestartHistory();
  let now = 0;
  return runs.map((run) => {
    history.started(now);
    now += run;
    const pause = history.ended(now);
    now += pause;
    return pause;
  });
}

describe('the pause before a restart', () => {
  test('doubles from one second to a minute while runs end soon', () => {
    const pauses = pausesAfter(...Array.from({ length: 9 }, () => 500));

    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('begins anew after a run of a minute', () => {
    expect(pausesAfter(500, 500, 59_999, 60_000, 500)).toEqual([1_000, 2_000, 4_000, 1_000, 2_000]);
  });
});

describe('a crash loop', () => {
  test('is three runs in a row that ended within a minute, until one lasts that long', () => {
    const history = new RestartHistory();
    for (const at of [0, 10_000, 20_000]) {
      history.started(at);
      history.ended(at + 1_000);
    }
    const waiting = history.crashLooping(21_000);
    history.started(30_000);

    expect(waiting).toBe(true);
    expect(history.crashLooping(89_999)).toBe(true);
    expect(history.crashLooping(90_000)).toBe(false);
  });

  test('is not two of them', () => {
    const history = new RestartHistory();
    for (const at of [0, 10_000]) {
      history.started(at);
      history.ended(at + 1_000);
    }

    expect(history.crashLooping(11_000)).toBe(false);
  });
});
