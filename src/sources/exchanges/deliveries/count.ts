// How many packages a manifest announces.

import { parse } from 'csv-parse/sync';
import { Inspected, Unreadable } from '../inside.js';
import type { DeliveryOptions } from './check.js';

type CountOptions = DeliveryOptions['manifests']['count'];

/** @returns undefined where the manifest does not say @throws Unreadable where it is not what the YAML says, or not whole */
export function packagesIn(bytes: Buffer, options: CountOptions): number | undefined {
  const manifest = new Inspected(bytes);
  const { csv, lines, delimiter = ',' } = options;
  if (csv !== undefined) return sumOf(manifest.text, csv, delimiter);
  if (lines === undefined) return manifest.count(options, 'count');
  const written = manifest.text.split('\n').filter((line) => line.trim() !== '').length;
  return written < lines ? undefined : written - lines;
}

function sumOf(text: string, column: string, delimiter: string): number | undefined {
  const [head, ...rows] = table(text, delimiter);
  const place = head?.findIndex((name) => name.trim() === column) ?? -1;
  if (place < 0) return undefined;
  let sum = 0;
  for (const row of rows) {
    const cell = row[place]?.trim() ?? '';
    const number = Number(cell);
    if (cell === '' || !Number.isInteger(number) || number < 0) return undefined;
    sum += number;
  }
  return sum;
}

function table(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { delimiter, bom: true, skip_empty_lines: true, relax_column_count: true });
  } catch {
    throw new Unreadable('it is no CSV');
  }
}
