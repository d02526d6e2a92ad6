// A part of a probe that is one phase whatever happens in it: the way through a proxy, the fetching of a token.

import type { Clock } from '../../domain/clock.js';
import { Stopwatch, type Phase } from '../endpoints/phases.js';
import type { ProbeRun } from '../endpoints/prober.js';

class OnePhase extends Stopwatch {
  constructor(
    clock: Clock,
    private readonly only: Phase,
  ) {
    super(clock);
  }

  override get phase(): Phase {
    return this.only;
  }

  override enter(): void {}
}

/** What is observed there (the certificate of another server) is none of the endpoint's. The phase has been entered before. */
export function onePhase(run: ProbeRun, phase: Phase): ProbeRun {
  return { ...run, watch: new OnePhase(run.clock, phase), observe: () => {} };
}
