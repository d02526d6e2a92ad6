// Guards of accounts beside the one that the frame has for an endpoint: of a proxy, of a second login among several steps.

import { createHash } from 'node:crypto';
import type { SourceContext } from '../kind.js';
import { AccountGuard, type LoginGuard } from '../login-guard.js';

export class Guards {
  readonly #guards = new Map<string, LoginGuard>();
  readonly #context: Pick<SourceContext, 'record' | 'clock'>;

  constructor(context: Pick<SourceContext, 'record' | 'clock'>) {
    this.#context = context;
  }

  /** The same one for the same account. */
  of(account: string): LoginGuard {
    const known = this.#guards.get(account);
    if (known) return known;
    const digest = createHash('sha256').update(account).digest('hex').slice(0, 16);
    const guard = new AccountGuard(this.#context.record(`login-${digest}`), this.#context.clock);
    this.#guards.set(account, guard);
    return guard;
  }
}
