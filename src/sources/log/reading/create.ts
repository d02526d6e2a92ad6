// The reader of files that the YAML asks for.

import { parseDuration } from '../../../domain/duration.js';
import type { SourceConfig, SourceContext } from '../../kind.js';
import { DEFAULT_MAX_LINE, DEFAULT_MAX_LINES, DEFAULT_RECORD_TIMEOUT, type LogOptions } from '../schema.js';
import { createCodec, utf8 } from './codec.js';
import { Follower } from './follower.js';
import type { Reader } from './reader.js';
import type { RecordSink } from './sink.js';
import { readState } from './state.js';

export interface ReaderParts {
  readonly sink: RecordSink;
  /** Tells the first line of a record, where there are records of several lines. */
  readonly isStart: ((line: string) => boolean) | undefined;
  /** The first line of each file names the columns. */
  readonly hasHeader: boolean;
  /** Where an earlier reader stopped, as it has written it. */
  readonly state: unknown;
}

/** @throws SourceError of class `state` where the earlier state cannot be read */
export async function createReader(
  { options }: SourceConfig<LogOptions>,
  { clock, resolvePath }: SourceContext,
  { sink, isStart, hasHeader, state }: ReaderParts,
): Promise<Reader> {
  const { multiline } = options;
  const common = {
    folder: resolvePath('.'),
    from: options.from ?? 'end',
    maxLine: options.max_line ?? DEFAULT_MAX_LINE,
    codec: options.encoding === undefined ? utf8 : await createCodec(options.encoding),
    multiline: isStart && {
      isStart,
      maxLines: multiline?.max_lines ?? DEFAULT_MAX_LINES,
      timeoutMs: parseDuration(multiline?.timeout ?? DEFAULT_RECORD_TIMEOUT) ?? 0,
    },
    hasHeader,
    clock,
    sink,
  };
  if (options.follow !== 'path') return new Follower({ ...common, globs: options.files, state: readState(state) });
  const { PathFollower } = await import('./path-follower.js');
  return new PathFollower({ ...common, paths: options.files });
}
