// The log source: one collector that reads what is new in all its files.

import { logs } from '../../conventions.js';
import type { Observation } from '../../domain/observation.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { utf8 } from './reading/codec.js';
import { Follower } from './reading/follower.js';
import { Lines } from './counting/lines.js';
import { limitBacktracking } from './patterns/pattern.js';
import { DEFAULT_MAX_LINE, type LogOptions } from './schema.js';
import { SeriesSet } from './counting/series.js';
import { readState } from './reading/state.js';

/** How much of its time-out a look may read for; what is left over is read by the next one. */
const READING_SHARE = 0.7;

export async function createLogSource(config: SourceConfig<LogOptions>, context: SourceContext): Promise<Source> {
  const { options, interval, timeout, maxStaleness } = config;
  const { clock } = context;
  limitBacktracking();
  const accumulator = context.accumulator('files');
  const series = new SeriesSet(accumulator);
  const lines = await Lines.create(config, context, series);
  series.dropOthers();
  const follower = new Follower({
    globs: options.files,
    folder: context.resolvePath('.'),
    from: options.from ?? 'end',
    maxLine: options.max_line ?? DEFAULT_MAX_LINE,
    codec: utf8,
    clock,
    sink: {
      piece: async (_info, read) => read({ record: (text) => lines.line(text), tooLong: () => lines.tooLong() }),
      lost: () => {},
    },
    state: readState(context.handover),
  });

  let closing = false;
  let looking: Promise<unknown> = Promise.resolve();
  const collect = async (signal: AbortSignal) => {
    const end = clock.monotonic() + timeout * READING_SHARE;
    const look = follower.look(() => closing || signal.aborted || clock.monotonic() > end);
    looking = look.catch(() => undefined);
    const { behind, files, error } = await look;
    if (error) throw error;
    return readingObservations(config, behind, files);
  };

  return {
    collectors: [{ name: 'files', interval, timeout, maxStaleness, accumulator, collect }],
    async close() {
      closing = true;
      await looking;
      return follower.close();
    },
  };
}

function readingObservations({ name: source, kind }: SourceConfig, behind: number, files: number): Observation[] {
  const labels = { source, kind };
  return [
    { metric: logs.bytesBehind, labels, value: behind },
    { metric: logs.files, labels, value: files },
  ];
}
