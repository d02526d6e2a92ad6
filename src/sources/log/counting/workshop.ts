// What all rules of a source are made with.

import type { SourceConfig, SourceContext } from '../../kind.js';
import type { LogOptions } from '../schema.js';
import type { Matchers } from './matcher.js';
import type { TellUndeclared } from './rule.js';
import type { Scope } from './scope.js';
import type { SeriesSet } from './series.js';
import type { Timing } from './timing.js';

export interface Workshop {
  readonly config: SourceConfig<LogOptions>;
  readonly context: SourceContext;
  readonly series: SeriesSet;
  /** The fields that every line has. */
  readonly scope: Scope;
  readonly matchers: Matchers;
  readonly timing: Timing;
  readonly undeclared: TellUndeclared;
  /** Fields of the ids where a rule names none of its own. */
  readonly ids: { readonly id: string | undefined; readonly traceId: string | undefined };
}
