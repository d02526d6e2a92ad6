// The reader of files that the YAML asks for.

import { parseDuration } from '../../../domain/duration.js';
import type { SourceConfig, SourceContext } from '../../kind.js';
import { DEFAULT_MAX_LINE, DEFAULT_MAX_LINES, DEFAULT_RECORD_TIMEOUT, type LogOptions } from '../schema.js';
import { createCodec, utf8 } from './codec.js';
import { Follower } from './follower.js';
import type { Reader } from './reader.js';
import type { RecordSink } from './sink.js';
import type { SplitRules } from './split.js';
import { readState } from './state.js';

export interface ReaderParts {
  readonly sink: RecordSink;
  /** Tells the first line of a record, where there are records of several lines. */
  readonly isStart: ((line: string) => boolean) | undefined;
  /** Where an earlier reader stopped, as it has written it. */
  readonly state: unknown;
}

/** How bytes become records. @param isStart tells the first line of a record, where there are records of several lines */
export async function createSplitRules(
  { encoding, max_line: maxLine = DEFAULT_MAX_LINE, multiline, format }: LogOptions,
  isStart: ReaderParts['isStart'],
): Promise<SplitRules> {
  return {
    codec: encoding === undefined ? utf8 : await createCodec(encoding),
    maxLine,
    multiline: isStart && {
      isStart,
      maxLines: multiline?.max_lines ?? DEFAULT_MAX_LINES,
      timeoutMs: parseDuration(multiline?.timeout ?? DEFAULT_RECORD_TIMEOUT) ?? 0,
    },
    hasHeader: format === 'csv',
  };
}

/** @throws SourceError of class `state` where the earlier state cannot be read */
export async function createReader(
  { options }: SourceConfig<LogOptions>,
  context: SourceContext,
  { sink, isStart, state }: ReaderParts,
): Promise<Reader> {
  const rules = await createSplitRules(options, isStart);
  const common = { folder: context.resolvePath('.'), from: options.from ?? 'end', ...rules, clock: context.clock, sink };
  if (options.follow !== 'path') return new Follower({ ...common, globs: options.files, state: readState(state) });
  const { PathFollower } = await import('./path-follower.js');
  return new PathFollower({ ...common, paths: options.files });
}
