// What `vigie try` tells of lines: which rules took each, why the others were taken by none, and what sorts of them there are.

import { nearestName, nearestText, plural } from './miss-text.js';
import type { RuleMiss } from './rule-miss.js';
import { Selection } from './selection.js';
import { Templates } from './templates.js';

/** In the order in which people want to see them. */
const RESULTS = ['unmatched', 'malformed', 'matched', 'too_long', 'ignored'] as const;
export type LineResult = (typeof RESULTS)[number];

/** A rule that took a line. */
export interface Taken {
  /** As people call it: `event 2 (stage routed)`, `metric exchange_requests_total`. */
  readonly rule: string;
  /** What it read from the line, by name. */
  readonly captures: Readonly<Record<string, string>>;
}

/** What became of one record. */
export interface LineAccount {
  readonly line: string;
  /** Its place in the file, from 1. Default: how many were taken before it, and one. */
  readonly number?: number;
  readonly result: LineResult;
  readonly takenBy?: readonly Taken[];
  /** In words, for what is malformed or ignored: `bytes is "n/a"`. */
  readonly reason?: string;
  /** For what no rule took: why each of them did not. Asked for few lines, once, after all lines were taken. */
  readonly misses?: () => readonly RuleMiss[];
}

export interface TryReportOptions {
  /** Where the lines come from, in a line: `the last 1000 lines of /var/log/app.log`. */
  readonly heading?: string;
  /** How many lines of each result are kept, at most; no more of them can be shown. Default 1000. */
  readonly mostLines?: number;
}

/** In the order of the last line. */
const TOTALS = ['matched', 'unmatched', 'ignored', 'malformed', 'too_long'] as const;

const LONGEST_LINE = 160;
const LONGEST_MISS = 400;
const LONGEST_VALUE = 60;
const MOST_CAPTURES = 20;
const MOST_TAKERS = 10;
const MOST_TEMPLATES = 20;
/** Characters of lines that are kept to be explained. */
const EXPLAINED_CHARACTERS = 4 * 1024 * 1024;

interface Kept {
  readonly order: number;
  readonly title: string;
  /** Without those that `misses` tell. */
  readonly details: readonly string[];
  readonly misses: (() => readonly RuleMiss[]) | undefined;
}

/** Takes any number of lines in bounded memory, and tells of them at the end. */
export class TryReport {
  readonly #heading: string | undefined;
  readonly #kept: Readonly<Record<LineResult, Selection<Kept>>>;
  readonly #counts: Record<LineResult, number> = { unmatched: 0, malformed: 0, matched: 0, too_long: 0, ignored: 0 };
  readonly #templates = new Templates();
  /** Of the first line of each template. */
  readonly #templateMisses = new Map<number, () => readonly RuleMiss[]>();
  #total = 0;
  #explainable = EXPLAINED_CHARACTERS;

  constructor({ heading, mostLines = 1000 }: TryReportOptions = {}) {
    this.#heading = heading;
    const selection = () => new Selection<Kept>(mostLines);
    this.#kept = { unmatched: selection(), malformed: selection(), matched: selection(), too_long: selection(), ignored: selection() };
  }

  take(account: LineAccount): void {
    const { result, takenBy = [], reason = '' } = account;
    const order = ++this.#total;
    this.#counts[result]++;
    if (result === 'unmatched') this.#takeUnmatched(account, order);
    else {
      const sort = takenBy.length === 0 ? reason.slice(0, LONGEST_VALUE) : takenBy.map(({ rule }) => rule).join('\n');
      this.#kept[result].offer(sort, () => keptLine(account, order, undefined));
    }
  }

  /** @param most how many lines are shown one by one; of each sort of lines there are some */
  lines(most = 20): string[] {
    return [
      ...(this.#heading === undefined ? [] : [oneLine(this.#heading)]),
      ...this.#chosen(most).flatMap(({ title, details, misses }) => [
        title,
        ...details.map((detail) => `    ${detail}`),
        ...(misses ? [`    nearest: ${oneLine(nearestText(misses()), LONGEST_MISS)}`] : []),
      ]),
      ...this.#templateLines(),
      this.#totals(),
    ];
  }

  #takeUnmatched(account: LineAccount, order: number): void {
    const template = this.#templates.add(account.line);
    const isFirst = !this.#templateMisses.has(template);
    const first = isFirst ? this.#explained(account) : undefined;
    if (first) this.#templateMisses.set(template, first);
    this.#kept.unmatched.offer(String(template), () => keptLine(account, order, first ?? this.#explained(account)));
  }

  /** Asks once, however often the line is shown. @returns undefined where too much is kept already */
  #explained({ line, misses }: LineAccount): Kept['misses'] {
    if (!misses || this.#explainable < line.length) return undefined;
    this.#explainable -= line.length;
    let known: readonly RuleMiss[] | undefined;
    return () => (known ??= misses());
  }

  /** The results take turns until there are enough lines; then they stand as they stood in the file. */
  #chosen(most: number): Kept[] {
    const selections = RESULTS.map((result) => this.#kept[result]);
    const shares = selections.map(() => 0);
    for (let left = most, wasGiven = true; left > 0 && wasGiven;) {
      wasGiven = false;
      for (const [index, { size }] of selections.entries()) {
        const share = shares[index] ?? 0;
        if (left === 0 || share >= size) continue;
        shares[index] = share + 1;
        left--;
        wasGiven = true;
      }
    }
    return selections.flatMap((selection, index) => selection.first(shares[index] ?? 0)).toSorted((a, b) => a.order - b.order);
  }

  #templateLines(): string[] {
    const templates = this.#templates.list();
    if (templates.length === 0) return [];
    const unmatched = this.#counts.unmatched;
    const rows = templates.slice(0, MOST_TEMPLATES).map(({ id, template, count }) => {
      const misses = this.#templateMisses.get(id);
      return [
        String(count),
        `${((count / unmatched) * 100).toFixed(1)} %`,
        misses ? oneLine(nearestName(misses()), LONGEST_VALUE) : '',
        oneLine(template),
      ];
    });
    const others = templates.slice(MOST_TEMPLATES);
    const inOthers = others.reduce((sum, { count }) => sum + count, 0);
    return [
      'unmatched, by template:',
      ...aligned([['count', 'share', 'nearest rule', 'template'], ...rows]),
      ...(others.length === 0 ? [] : [`    and ${plural(others.length, 'template')} more, of ${plural(inOthers, 'line')}`]),
    ];
  }

  #totals(): string {
    return `${plural(this.#total, 'line')}: ${TOTALS.map((result) => `${this.#counts[result]} ${wordOf(result)}`).join(', ')}`;
  }
}

function keptLine({ line, number, result, takenBy = [], reason }: LineAccount, order: number, misses: Kept['misses']): Kept {
  return {
    order,
    // Copied: a part of a line would keep all of it.
    title: Buffer.from(`line ${number ?? order}, ${wordOf(result)}: ${oneLine(line)}`).toString(),
    details: [...(reason === undefined ? [] : [oneLine(reason)]), ...takenBy.slice(0, MOST_TAKERS).map(takenText)],
    misses,
  };
}

/** `event 2 (stage routed): partner=chuv size=12 file="a b.xml"` */
function takenText({ rule, captures }: Taken): string {
  const values = Object.entries(captures).map(([name, value]) => {
    const shown = oneLine(value, LONGEST_VALUE);
    return `${oneLine(name, LONGEST_VALUE)}=${/^[^\s"]+$/.test(shown) ? shown : JSON.stringify(shown)}`;
  });
  const more = values.length > MOST_CAPTURES ? ' …' : '';
  return Buffer.from(`${rule}${values.length === 0 ? '' : `: ${values.slice(0, MOST_CAPTURES).join(' ')}${more}`}`).toString();
}

/** Numbers to the right, texts to the left, the last column as it is. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [width(0), width(1), width(2)];
  return rows.map(([count = '', share = '', nearest = '', template = '']) =>
    `    ${count.padStart(widths[0] ?? 0)}  ${share.padStart(widths[1] ?? 0)}  ${nearest.padEnd(widths[2] ?? 0)}  ${template}`.trimEnd(),
  );
}

/** Cut; a record of several lines shows where they end. Other control characters are left to whoever prints it. */
function oneLine(text: string, longest = LONGEST_LINE): string {
  const shown = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return shown.toWellFormed().replaceAll(/\r?\n/g, '␊');
}

function wordOf(result: LineResult): string {
  return result.replace('_', ' ');
}
