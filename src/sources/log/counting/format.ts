// From a record to its fields, as `format` says.

import type { CsvOptions } from '../formats/csv.js';
import { isFields, textOf, type Fields } from '../formats/fields.js';
import { parseJson } from '../formats/json.js';
import { parseLogfmt } from '../formats/logfmt.js';
import type { FormatOptions } from '../schema.js';
import type { Line } from './line.js';
import type { Matcher, Matchers } from './matcher.js';

/** `unmatched`: another kind of line, left out on purpose; `malformed`: not what the format says. */
export type Reading = 'read' | 'unmatched' | 'malformed';

export interface FormatReader {
  /** Those whose groups are fields of every line. */
  readonly matchers: readonly Matcher[];
  /** Fills the fields of the line. @param header the first line of its file, where that names the columns */
  read(line: Line, header: string | undefined): Reading;
}

type Parse = (text: string) => Fields | 'unmatched' | 'malformed';

/**
 * @param keys that rules read; filled while they are made
 * @throws SyntaxError
 */
export async function createFormat(format: FormatOptions, matchers: Matchers, keys: ReadonlySet<string>): Promise<FormatReader> {
  if (format === 'text') return { matchers: [], read: () => 'read' };
  if (format === 'json') return reader(parseJson);
  if (format === 'logfmt') return reader((text) => parseLogfmt(text, keys) ?? (text.trim() === '' ? 'unmatched' : 'malformed'));
  if (format === 'csv') return csv({});
  if (isColumns(format)) return csv({ columns: format.csv, ...(format.separator !== undefined && { separator: format.separator }) });
  const { regex, ...further } = format;
  return regexFormat(matchers.create(regex, 'format.regex'), Object.entries(further), keys);
}

function isColumns(format: FormatOptions): format is Extract<FormatOptions, { csv: string[] }> {
  return typeof format === 'object' && 'csv' in format && Array.isArray(format.csv);
}

function reader(parse: Parse): FormatReader {
  return { matchers: [], read: (line) => take(line, parse(line.text)) };
}

function take(line: Line, parsed: ReturnType<Parse>): Reading {
  if (typeof parsed === 'string') return parsed;
  line.fields = parsed;
  return 'read';
}

async function csv(options: CsvOptions): Promise<FormatReader> {
  const { createCsvParser } = await import('../formats/csv.js');
  const parser = createCsvParser(options);
  let header: string | undefined;
  let columns: readonly string[] | undefined;
  return {
    matchers: [],
    read(line, first) {
      if (line.text.trim() === '') return 'unmatched';
      if (first !== header) {
        columns = first === undefined ? undefined : parser.readHeader(first);
        header = first;
      }
      return take(line, parser.parse(line.text, columns));
    },
  };
}

/** What cannot be read further leaves its fields out: such a line has those of the regular expression all the same. */
function regexFormat(matcher: Matcher, further: readonly (readonly [string, unknown])[], keys: ReadonlySet<string>): FormatReader {
  const parsers: Readonly<Record<'json' | 'logfmt', Parse>> = { json: parseJson, logfmt: (text) => parseLogfmt(text, keys) ?? 'malformed' };
  const nested = further.flatMap(([field, structure]) => {
    const read = matcher.reader(field);
    const parse = structure === 'json' || structure === 'logfmt' ? parsers[structure] : undefined;
    return read && parse ? [{ read, parse }] : [];
  });
  return {
    matchers: [matcher],
    read(line) {
      if (!matcher.match(line.text)) return 'unmatched';
      for (const { read, parse } of nested) {
        const fields = parse(textOf(read()) ?? '');
        if (isFields(fields)) line.fields = nested.length === 1 ? fields : { ...line.fields, ...fields };
      }
      return 'read';
    },
  };
}
