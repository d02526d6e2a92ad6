// Reads a file that somebody wants to look at: all of it, or its last lines.

import { LogFile } from '../reading/log-file.js';
import type { Multiline } from '../reading/multiline.js';
import { ReadBuffer } from '../reading/read-buffer.js';
import type { RecordSink, Records, Taken } from '../reading/sink.js';
import type { SplitRules } from '../reading/split.js';

const TURN_BYTES = 16 * 1024 * 1024;

export interface Reading {
  readonly rules: SplitRules;
  readonly sink: RecordSink;
  readonly stop: () => boolean;
}

/** Reads a file that nobody writes any more to its very end, a last line without line end included. @throws a system error */
export async function readWhole(path: string, { rules, sink, stop }: Reading): Promise<void> {
  const file = await LogFile.open(path);
  try {
    await readOn(file, { rules, sink, stop });
    if (!stop()) await file.finish({ rules }, sink);
  } finally {
    await file.close();
  }
}

/**
 * Reads the complete lines of the last bytes, from the first line that begins among them. The last record of several lines is taken for
 * complete.
 * @throws a system error
 */
export async function readTail(path: string, bytes: number, { rules, sink, stop }: Reading): Promise<void> {
  const file = await LogFile.open(path);
  try {
    const size = await file.size();
    // Of UTF-16, whole units.
    const from = Math.floor(Math.max(0, size - bytes) / 2) * 2;
    if (from > 0) {
      await file.moveTo(from);
      // The rest of a line is passed over.
      file.goOn({ ...file.mark, within: 'line' });
    }
    const { multiline } = rules;
    const taking = from > 0 && multiline ? fromFirstStart(sink, multiline) : sink;
    await readOn(file, { rules, sink: taking, stop }, size);
  } finally {
    await file.close();
  }
}

async function readOn(file: LogFile, { rules, sink, stop }: Reading, quietAt?: number): Promise<void> {
  const limits = { buffer: new ReadBuffer(), rules, bytes: TURN_BYTES, stop, quietAt };
  while ((await file.read(limits, sink)) === 'more' && !stop());
}

/** Leaves out the rest of a record whose beginning is not there. */
function fromFirstStart(sink: RecordSink, { isStart }: Multiline): RecordSink {
  let begun = false;
  return {
    async piece<T extends Taken>(info: Parameters<RecordSink['piece']>[0], read: (records: Records) => T): Promise<T> {
      let begins = begun;
      const result = await sink.piece(info, (records) => {
        begins = begun;
        return read({
          record(text) {
            begins ||= isStart(text);
            if (begins) records.record(text);
          },
          tooLong: () => records.tooLong(),
        });
      });
      begun = begins;
      return result;
    },
    lost: (lost) => sink.lost(lost),
  };
}
