// The least that Node.js must do to count lines, as a program of its own: no rotation, no state, no watchdog, no exposition. It reads,
// splits, tries one regular expression after the other, and counts in a map.
// usage: node log-bare.js <file> <file with the rules as JSON>. Prints counters as JSON.

import { openSync, readFileSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Rule, Series } from './log-rules.js';

const READ_BYTES = 256 * 1024;

interface Counter {
  readonly name: string;
  readonly labels: readonly string[];
  /** Places of the labels' groups in a match. */
  readonly places: readonly number[];
  readonly value: number | undefined;
  readonly series: Map<string, number>;
}

interface Counting {
  readonly regex: RegExp;
  readonly counters: readonly Counter[];
}

function main([file = '', rulesFile = '']: readonly string[]): void {
  const rules: Rule[] = JSON.parse(readFileSync(rulesFile, 'utf8'));
  const all = rules.map(compile);
  readLines(file, (line) => take(line, all));
  process.stdout.write(JSON.stringify(all.flatMap(({ counters }) => counters).flatMap(seriesOf)));
}

function compile({ pattern, counts }: Rule): Counting {
  const groups = [...pattern.matchAll(/\(\?<(?<name>\w+)>/g)].map((group) => group.groups?.['name']);
  const place = (group: string) => groups.indexOf(group) + 1;
  const counters = counts.map(({ name, labels, value }) => ({
    name,
    labels,
    places: labels.map(place),
    value: value === undefined ? undefined : place(value),
    series: new Map<string, number>(),
  }));
  return { regex: new RegExp(pattern), counters };
}

function seriesOf({ name, labels, series }: Counter): Series[] {
  return [...series].map(([key, value]) => {
    const values = key.split('\n');
    return { name, labels: Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])), value };
  });
}

function readLines(file: string, each: (line: string) => void): void {
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(READ_BYTES);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for (;;) {
    const bytes = readSync(descriptor, buffer);
    if (bytes === 0) return;
    const lines = (rest + decoder.write(buffer.subarray(0, bytes))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) each(line);
  }
}

function take(line: string, all: readonly Counting[]): void {
  for (const { regex, counters } of all) {
    const match = regex.exec(line);
    if (!match) continue;
    for (const { places, value, series } of counters) {
      let key = '';
      for (const place of places) key = key === '' ? (match[place] ?? '') : `${key}\n${match[place]}`;
      series.set(key, (series.get(key) ?? 0) + (value === undefined ? 1 : Number(match[value])));
    }
    return;
  }
}

main(process.argv.slice(2));
