// A table as aligned lines for a terminal, whatever stands in its cells.

import type { Table } from '../sources/kind.js';
import { visible } from './visible.js';

const MOST_ROWS = 20;
const WIDEST_CELL = 40;
const NULL = 'NULL';
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** What a reader takes for one character may be several: `é` as e with an accent after it. */
const graphemes = new Intl.Segmenter();

type Cell = readonly string[];

interface Column {
  readonly title: Cell;
  readonly cells: readonly Cell[];
  readonly width: number;
  readonly isNumeric: boolean;
}

/** The titles, at most 20 rows, and how many rows there are in all; columns of numbers are aligned to the right. */
export function tableLines({ columns, rows, total }: Table): string[] {
  const shown = rows.slice(0, MOST_ROWS);
  const laid = columns.map((title, index) =>
    layOut(
      title,
      shown.map((row) => row[index] ?? ''),
    ),
  );
  const lines = [laid.map(({ title }) => title), ...shown.map((_row, index) => laid.map(({ cells }) => cells[index] ?? []))];
  const count = `${total} row${total === 1 ? '' : 's'}`;
  return [
    ...lines.map((cells) => `| ${laid.map((column, index) => pad(cells[index] ?? [], column)).join(' | ')} |`),
    shown.length < total ? `${shown.length} of ${count}` : count,
  ];
}

function layOut(name: string, texts: readonly string[]): Column {
  const title = cut(name);
  const cells = texts.map(cut);
  const values = texts.filter((text) => text !== NULL);
  return {
    title,
    cells,
    width: Math.max(...[title, ...cells].map(({ length }) => length)),
    isNumeric: values.length > 0 && values.every((text) => NUMBER.test(text)),
  };
}

function cut(text: string): Cell {
  // Data may hold megabytes: no more than what may be shown is taken apart.
  const characters = Array.from(graphemes.segment(visible(text.slice(0, WIDEST_CELL * 10))), ({ segment }) => segment);
  return characters.length <= WIDEST_CELL ? characters : [...characters.slice(0, WIDEST_CELL - 1), '…'];
}

function pad(cell: Cell, { width, isNumeric }: Column): string {
  const space = ' '.repeat(width - cell.length);
  return isNumeric ? `${space}${cell.join('')}` : `${cell.join('')}${space}`;
}
