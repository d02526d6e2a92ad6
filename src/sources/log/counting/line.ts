// The record that is being understood. There is one such object, used again for every record, since there are millions of them.

import type { Fields } from '../formats/fields.js';

const NO_FIELDS: Fields = {};

export class Line {
  /** Tells the record from all others. */
  serial = 0;
  /** The record as it was read, without its line end. */
  text = '';
  /** Keys of its JSON object, of its pairs or columns. */
  fields: Fields = NO_FIELDS;
  /** Milliseconds since the Unix epoch at which the piece with this record was read. */
  now = 0;
  /** What `time` has made of it; undefined while nobody has asked. */
  time: LineTime | undefined;

  begin(text: string): void {
    this.serial++;
    this.text = text;
    this.fields = NO_FIELDS;
    this.time = undefined;
  }
}

/** When the record was written, as far as it tells. */
export interface LineTime {
  /** Milliseconds since the Unix epoch, never later than now. */
  readonly at: number;
  /** The record has a time of its own, and it is believed. */
  readonly own: boolean;
  /** It should have a time, and that makes no sense. */
  readonly unreadable: boolean;
}
