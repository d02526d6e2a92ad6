// Why a line is malformed, in words.

import { numberOf, textOf } from '../formats/fields.js';
import { DEFAULT_TIME_FIELDS, type FormatOptions, type LogOptions } from '../schema.js';
import type { Needed } from './named-rules.js';

const LONGEST_VALUE = 40;

/** Of a line that is not in the format. */
export function formatReason(format: FormatOptions, text: string): string {
  if (format === 'json') return `no JSON object${jsonError(text)}`;
  if (format === 'logfmt') return 'no key=value pairs, or a quote that does not end';
  return 'not as many values as there are columns, or a quote that does not end';
}

/** V8 quotes the text, which is shown anyway. */
function jsonError(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? `: ${error.message.replace(/, (?:\.{3})?".*$/s, '')}` : '';
  }
}

/** @returns undefined where the rule can read the value */
export function needReason({ what, field, is }: Needed, value: unknown): string | undefined {
  if (field === undefined) return `${what}: no field is named`;
  const text = textOf(value);
  if (text === undefined) return `${what}: the field ${field} is ${value === undefined ? 'not there' : 'neither text nor number'}`;
  const number = numberOf(value);
  if (is === 'text') return undefined;
  if (number === undefined) return `${what}: the field ${field} is ${quoted(text)}, no number`;
  return is === 'positive' && number < 0 ? `${what}: the field ${field} is ${text}, below 0` : undefined;
}

export function timeReason({ time }: LogOptions): string {
  return `time: the field ${time?.field ?? DEFAULT_TIME_FIELDS.join(', ')} is not a time of the format ${time?.format ?? 'iso'}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1).toWellFormed()}…` : text);
}
