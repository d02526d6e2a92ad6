// Go or no-go, by what sources say of the gates.

import { decide } from '../../src/domain/gate.js';

const P12 = { env: 'prod', gate: 'P12', to_env: 'live' };
const P13 = { env: 'prod', gate: 'P13' };
const opened = (gate: object) => ({ ...gate, decision: 'opened' });

describe('EN4: a gate', () => {
  test('that is opened is go, with its cut-off', () => {
    expect(decide([opened(P12)], [{ labels: P12, value: 300 }], [])).toEqual({
      go: true,
      reasons: [],
      gates: [{ gate: 'P12', env: 'prod', toEnv: 'live', partner: undefined, decision: 'opened', cutOff: 300_000 }],
    });
  });

  test.each(['declined', 'undecided'])('that is %s is no-go', (decision) => {
    const { go, reasons } = decide([{ ...P12, decision }, opened(P13)], [], []);

    expect(go).toBe(false);
    expect(reasons).toEqual([`P12 to live is ${decision}`]);
  });

  test('of which only the cut-off is known is undecided, and so is one that is decided in a word nobody knows', () => {
    expect(decide([{ ...P13, decision: 'perhaps' }], [{ labels: P12, value: 1 }], []).reasons).toEqual([
      'P12 to live is undecided',
      'P13 is undecided',
    ]);
  });

  test('of which two sources say different things is disputed, and no-go', () => {
    const { go, gates, reasons } = decide([opened(P12), { ...P12, decision: 'declined' }], [], []);

    expect({ go, decision: gates[0]?.decision, reasons }).toEqual({
      go: false,
      decision: 'disputed',
      reasons: ['of P12 to live one source says this, another one that'],
    });
  });

  test('that is asked for and that nobody has seen is no-go, and so are no gates at all', () => {
    expect(decide([opened(P12)], [], ['P12', 'P99'])).toMatchObject({ go: false, reasons: ['nobody has seen P99 in the last minutes'] });
    expect(decide([], [], [])).toMatchObject({ go: false, reasons: ['no gate is known'] });
  });

  test('that is not asked for does not count', () => {
    expect(decide([opened(P12), { ...P13, decision: 'declined' }], [], ['P12'])).toMatchObject({ go: true, gates: [{ gate: 'P12' }] });
  });

  test('for one partner is another one than for all', () => {
    const { go, reasons } = decide([opened(P12), { ...P12, partner: 'chuv', decision: 'declined' }], [], []);

    expect({ go, reasons }).toEqual({ go: false, reasons: ['P12 to live for chuv is declined'] });
  });
});
