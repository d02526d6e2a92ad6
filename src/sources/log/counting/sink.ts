// Takes what the reader of files finds: understands one record after the other, and counts a piece when all of it is understood.

import { setTimeout } from 'node:timers/promises';
import { logs } from '../../../conventions.js';
import type { SourceConfig, SourceContext } from '../../kind.js';
import { STOPPED, type Demotion, type PatternGuard } from '../patterns/guard.js';
import type { PieceInfo, Records, RecordSink, Taken } from '../reading/sink.js';
import type { FormatReader } from './format.js';
import { Line } from './line.js';
import type { Matcher, Matchers } from './matcher.js';
import type { PendingCounter } from './pending.js';
import type { Rules, Understood } from './rules.js';
import type { SeriesSet } from './series.js';

export type Result = Understood | 'too_long' | 'abandoned';

/** What a sink is made of. */
export interface SinkParts {
  readonly format: FormatReader;
  /** Finds fields in the path of a file. */
  readonly fileName: Matcher | undefined;
  readonly rules: Rules;
  readonly matchers: Matchers;
  /** Counts a pattern that ran away. */
  readonly demoted: (demotion: Demotion) => void;
}

/** After a piece was ended in mid-course: others have waited long enough, and an answer takes several turns of the event loop. */
const PAUSE_MS = 50;

export class Sink implements RecordSink, Records {
  readonly #line = new Line();
  readonly #counts: Record<Result, number> = { matched: 0, unmatched: 0, malformed: 0, ignored: 0, too_long: 0, abandoned: 0 };
  readonly #counters: Readonly<Record<Result, PendingCounter>>;
  readonly #lost: PendingCounter;
  readonly #bytes: PendingCounter;
  /** How many patterns have been demoted, as far as it is counted. */
  #demotions = 0;
  #header: string | undefined;
  #path: string | undefined;

  constructor(
    private readonly parts: SinkParts,
    { name: source, kind }: SourceConfig,
    private readonly series: SeriesSet,
    private readonly clock: SourceContext['clock'],
  ) {
    const counter = (result: Result) => series.counter(logs.lines, { source, kind, result });
    this.#counters = {
      matched: counter('matched'),
      unmatched: counter('unmatched'),
      malformed: counter('malformed'),
      ignored: counter('ignored'),
      too_long: counter('too_long'),
      abandoned: counter('abandoned'),
    };
    this.#bytes = series.counter(logs.readBytes, { source, kind });
    this.#lost = series.counter(logs.lostBytes, { source, kind });
  }

  async piece<T extends Taken>(info: PieceInfo, read: (records: Records) => T): Promise<T> {
    const { guard } = this.parts.matchers;
    for (;;) {
      this.#begin(info);
      const result = this.#run(guard, () => read(this));
      if (result !== STOPPED) {
        this.#commit(result.end);
        return result;
      }
      this.series.pending.drop();
      this.#tellDemotions();
      await setTimeout(PAUSE_MS);
    }
  }

  /** @throws what reading throws; then nothing of the piece is left, for it comes again */
  #run<T>(guard: PatternGuard, read: () => T): T | typeof STOPPED {
    try {
      return guard.run(read);
    } catch (error) {
      this.series.pending.drop();
      throw error;
    }
  }

  lost(bytes: number): void {
    this.#lost.add(bytes);
    this.series.pending.commit();
  }

  record(text: string): void {
    const { guard } = this.parts.matchers;
    const { abandoned } = guard;
    const result = this.#understand(text);
    // Nobody knows what a pattern that is switched off would have made of it.
    this.#counts[result === 'unmatched' && guard.abandoned > abandoned ? 'abandoned' : result]++;
  }

  tooLong(): void {
    this.#counts.too_long++;
  }

  #understand(text: string): Understood {
    const line = this.#line;
    line.begin(text);
    const reading = this.parts.format.read(line, this.#header);
    if (reading === 'malformed') return reading;
    return reading === 'read' ? this.parts.rules.understand(line) : reading;
  }

  #begin({ path, header }: PieceInfo): void {
    for (const result of RESULTS) this.#counts[result] = 0;
    this.#header = header;
    this.#line.now = this.clock.now();
    const { fileName } = this.parts;
    if (!fileName || path === this.#path) return;
    this.#path = path;
    if (!fileName.match(path)) fileName.forget();
  }

  #tellDemotions(): void {
    const { matchers, demoted } = this.parts;
    for (const demotion of matchers.guard.demotions.slice(this.#demotions)) demoted(demotion);
    this.#demotions = matchers.guard.demotions.length;
    this.series.pending.commit();
  }

  #commit(bytes: number): void {
    if (bytes > 0) this.#bytes.add(bytes);
    for (const result of RESULTS) if (this.#counts[result] > 0) this.#counters[result].add(this.#counts[result]);
    this.series.pending.commit();
  }
}

const RESULTS = ['matched', 'unmatched', 'malformed', 'ignored', 'too_long', 'abandoned'] as const satisfies readonly Result[];
